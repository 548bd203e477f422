// What a screen reader reads aloud, in the page's one live region: each thing once, a flood in one sentence.

/** What comes within this time is announced together. */
const gatherMs = 400;
/** More than `mostSingle` within `floodMs` are one sentence. */
const floodMs = 2_000;
const mostSingle = 3;
/** Of a long message, so much is read: the rest is in the log. */
const longestText = 500;

const list = (names) => {
  if (names.length < 3) return names.join(' and ');
  return `${names[0]}, ${names[1]} and ${names.length - 2} ${names.length === 3 ? 'other' : 'others'}`;
};
/** The one sentence for many of a kind. */
const summaries = {
  message: (all) => `${all.length} new messages from ${list([...new Set(all.map(({ name }) => name))])}.`,
  failed: ({ length }) => `${length} messages were not delivered.`,
  notice: ({ length }) => `${length} notices.`,
};

export class Announcer {
  #region;
  #news = [];
  #newsSince = 0;
  /** When the latest few came, announced or not. */
  #times = [];
  #timer;

  /** `region` is an element that screen readers read whenever its text changes. */
  constructor(region, signal) {
    this.#region = region;
    signal.addEventListener('abort', () => {
      clearTimeout(this.#timer);
      this.#region.textContent = '';
    });
  }

  /** Says `text` at once. */
  say(text) {
    // The same text again would be no change, which is what screen readers look for.
    this.#region.textContent = this.#region.textContent === text ? `${text}\u00a0` : text;
  }

  /** Somebody whose name is `name` has written `text`; in a conversation that is not open, `text` is left out. */
  message(name, text) {
    this.#add({ kind: 'message', name, sentence: text ? `${name}: ${shortened(text)}` : `New message from ${name}.` });
  }

  notice(text) {
    this.#add({ kind: 'notice', sentence: text });
  }

  /** A message of mine was not delivered. */
  failed(sentence) {
    this.#add({ kind: 'failed', sentence });
  }

  #add(news) {
    const now = performance.now();
    this.#times = [...this.#times.slice(-mostSingle), now];
    if (this.#news.length === 0) this.#newsSince = now;
    this.#news.push(news);
    clearTimeout(this.#timer);
    const end = this.#newsSince + floodMs;
    this.#timer = setTimeout(() => this.#tell(), (this.#flooded() ? end : Math.min(now + gatherMs, end)) - now);
  }

  /** Returns whether the latest few came within `floodMs`. */
  #flooded() {
    return this.#times.length > mostSingle && this.#times.at(-1) - this.#times[0] < floodMs;
  }

  #tell() {
    const news = this.#news;
    this.#news = [];
    const single = ({ sentence }) => sentence;
    if (!this.#flooded() || news.length === 1) return this.say(news.map(single).join(' '));
    const told = Object.entries(summaries).map(([kind, summary]) => {
      const all = news.filter((each) => each.kind === kind);
      return all.length > 1 ? summary(all) : all.map(single).join('');
    });
    this.say(told.filter(Boolean).join(' '));
  }
}

function shortened(text) {
  return text.length > longestText ? `${text.slice(0, longestText).replace(/[\ud800-\udbff]$/, '')} …` : text;
}
