// The rows of a log: days, messages grouped by sender and time, notices.

import { paintName } from '../text/colors.js';
import { make, setText, wholeOrNot } from './dom.js';
import { foldAt, mostCharacters, partsUpTo } from '../text/folded.js';
import { linked } from '../text/linkify.js';
import { personName, shownLine } from '../text/safe_text.js';
import { statusIcon } from './status_icon.js';
import { dayName, fullTime, sameDay, timeOfDay } from '../text/times.js';

/** Messages of one sender that follow each other within this time stand under one heading. */
const groupWindowMs = 5 * 60_000;

const stateWords = { sent: 'Sent', delivered: 'Delivered', read: 'Read' };

/**
 * Every method that takes `entries` is given the conversation's entries as they are after the change, and the index `at`
 * that the change is about.
 */
export class MessageList {
  #all;
  #past;
  #me;
  #onRetry;
  #online = false;
  #rows = new Map();
  #latestMine;

  /** Rows of the past go into `past`, at the start of `all`. */
  constructor(all, past, me, onRetry) {
    this.#all = all;
    this.#past = past;
    this.#me = me;
    this.#onRetry = onRetry;
  }

  /** Adds what has just been said. */
  add(entries, at) {
    this.#insert(entries, at, false);
    this.#showLatestMine(entries);
  }

  /** Adds `news`, which are among the entries, above what is said now. */
  addPast(entries, news) {
    const wanted = new Set(news);
    // From the last to the first: each then finds the row that it stands before.
    for (let at = entries.length - 1; at >= 0; --at) if (wanted.has(entries[at])) this.#insert(entries, at, true);
    this.#showLatestMine(entries);
  }

  update(entries, at) {
    const row = this.#rows.get(entries[at].key);
    if (!row) return;
    if (row.state) wholeOrNot(() => this.#showTime(row));
    if (row.state) this.#showState(row);
    this.#dress(entries, at);
    this.#dress(entries, at + 1);
  }

  /** The entry has another place than before. */
  move(entries, at) {
    const { element, day } = this.#rows.get(entries[at].key);
    day?.remove();
    element.remove();
    this.#rows.delete(entries[at].key);
    this.add(entries, at);
    entries.forEach((_, each) => this.#dress(entries, each));
  }

  /** `entry`, which was at `at`, is gone. */
  remove(entry, entries, at) {
    const row = this.#rows.get(entry.key);
    if (!row) return;
    row.day?.remove();
    row.element.remove();
    this.#rows.delete(entry.key);
    this.#dress(entries, at);
    this.#showLatestMine(entries);
  }

  setOnline(online) {
    this.#online = online;
    for (const row of this.#rows.values()) if (row.state && row.entry.state === 'sending') this.#showState(row);
  }

  /** A new day has begun: what was today is yesterday. */
  showDays() {
    for (const row of this.#rows.values()) if (row.day) wholeOrNot(() => showDay(row));
  }

  #insert(entries, at, past) {
    const entry = entries[at];
    const row = { entry, ...rowOf(entry) };
    this.#rows.set(entry.key, row);
    const next = this.#rows.get(entries[at + 1]?.key);
    const inPast = past && (!next || !this.#past.contains(next.element));
    if (inPast) this.#past.append(row.element);
    else if (next) (next.day ?? next.element).before(row.element);
    else this.#all.append(row.element);
    if (row.state) this.#showState(row);
    this.#dress(entries, at);
    this.#dress(entries, at + 1);
  }

  /** Gives the entry at `at` the day and the heading that it needs after the one before it, and no others. */
  #dress(entries, at) {
    const row = this.#rows.get(entries[at]?.key);
    if (!row) return;
    const previous = entries[at - 1];
    const beginsDay = !previous || !sameDay(previous.sentAt, row.entry.sentAt);
    if (beginsDay && !row.day) row.element.before((row.day = make('div', { className: 'day' }, make('time'))));
    if (!beginsDay && row.day) row.day = void row.day.remove();
    if (row.day) wholeOrNot(() => showDay(row));
    if (!row.entry.notice) row.element.classList.toggle('head', !continues(previous, row.entry));
  }

  #showTime({ entry, time }) {
    time.dateTime = new Date(entry.sentAt).toISOString();
    time.title = fullTime(entry.sentAt);
    setText(time, timeOfDay(entry.sentAt));
  }

  #showState({ element, state, tick, entry }) {
    const kind = entry.state;
    element.dataset.state = kind;
    tick.replaceChildren(statusIcon(kind));
    state.replaceChildren(this.#stateText(entry));
    tick.title = kind === 'failed' ? '' : state.textContent;
    if (kind !== 'failed') return;
    const retry = make('button', { type: 'button', className: 'retry' }, 'Retry');
    retry.addEventListener('click', () => this.#onRetry(entry));
    state.append(' ', retry);
  }

  #stateText({ state, why }) {
    if (state === 'failed') return `Not delivered: ${why}`;
    if (state === 'sending') return this.#online ? 'Sending…' : 'Waiting for the connection';
    return stateWords[state];
  }

  /** What became of a message stands in words under the last one; elsewhere the picture is enough for the eye. */
  #showLatestMine(entries) {
    const latest = this.#rows.get(entries.findLast(({ mine }) => mine)?.key);
    if (latest === this.#latestMine) return;
    this.#latestMine?.element.classList.remove('latest');
    latest?.element.classList.add('latest');
    this.#latestMine = latest;
  }
}

/** The row of an entry. One that cannot be drawn as it should be stands with its text alone: no other depends on it. */
function rowOf(entry) {
  let row;
  if (wholeOrNot(() => (row = entry.notice ? noticeRow(entry) : messageRow(entry)))) return row;
  const bubble = make('div', { className: 'bubble', dir: 'auto' }, entry.text.slice(0, mostCharacters));
  const line = make('div', { className: 'line' }, bubble);
  const element = make('div', { className: entry.notice ? 'notice' : 'message' }, line);
  element.classList.toggle('mine', Boolean(entry.mine));
  return { element };
}

function messageRow(message) {
  const { from, mine, color, name, text, sentAt } = message;
  const author = make('span', { className: 'author', dir: 'auto' }, mine ? 'You' : personName({ id: from, name }));
  if (!mine) paintName(author, color, from);
  const time = timeElement(sentAt);
  const bubble = make('div', { className: 'bubble', dir: 'auto' });
  const line = make('div', { className: 'line' }, bubble);
  const meta = make('p', { className: 'meta' }, author, ' ', time);
  const element = make('div', { className: 'message' }, meta, line);
  fillBubble(bubble, message, element);
  element.classList.toggle('mine', mine);
  element.classList.toggle('emoji-only', emojiOnly(text));
  if (!mine) return { element, time };
  const state = make('p', { className: 'state' });
  const tick = make('span', { className: 'tick' });
  line.append(tick);
  element.append(state);
  return { element, time, state, tick };
}

/** Puts the text into `bubble`; a long one is folded, with a button after it that shows all, and less again. */
function fillBubble(bubble, message, element) {
  const { text } = message;
  const cut = foldAt(text);
  if (cut === undefined) return bubble.append(linked(partsUpTo(text)));
  const button = make('button', { type: 'button', className: 'fold' });
  const show = () => {
    bubble.replaceChildren(linked(partsUpTo(text, message.unfolded ? text.length : cut)));
    bubble.classList.toggle('folded', !message.unfolded);
    button.setAttribute('aria-expanded', String(Boolean(message.unfolded)));
    setText(button, message.unfolded ? 'Show less' : 'Show all');
  };
  button.addEventListener('click', () => {
    message.unfolded = !message.unfolded;
    show();
    if (!message.unfolded) element.scrollIntoView({ block: 'nearest' });
    // The log may be at its end now, or no longer.
    element.dispatchEvent(new Event('scroll', { bubbles: true }));
  });
  show();
  return element.append(button);
}

function noticeRow({ text, sentAt }) {
  const time = timeElement(sentAt);
  const words = make('span', { dir: 'auto' }, shownLine(text));
  return { element: make('div', { className: 'notice' }, words, ' ', time), time };
}

function showDay({ day, entry }) {
  const time = day.firstChild;
  time.dateTime = new Date(entry.sentAt).toISOString().slice(0, 10);
  setText(time, dayName(entry.sentAt, Date.now()));
}

function timeElement(at) {
  return make('time', { dateTime: new Date(at).toISOString(), title: fullTime(at) }, timeOfDay(at));
}

/** Whether `message` goes on what `last` began. */
function continues(last, message) {
  return (
    Boolean(last) &&
    !last.notice &&
    last.mine === message.mine &&
    (message.mine || last.name === message.name) &&
    sameDay(last.sentAt, message.sentAt) &&
    message.sentAt - last.sentAt < groupWindowMs
  );
}

function emojiOnly(text) {
  return (
    text.length <= 24 &&
    /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u.test(text) &&
    /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(text)
  );
}
