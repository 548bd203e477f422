// The rows of a log: days, messages grouped by sender and time, notices.

import { paint_name } from './colors.js';
import { make, set_text, whole_or_not } from './dom.js';
import { fold_at, most_characters, parts_up_to } from './folded.js';
import { linked } from './linkify.js';
import { person_name, shown_line } from './safe_text.js';
import { status_icon } from './status_icon.js';
import { day_name, full_time, same_day, time_of_day } from './times.js';

/** Messages of one sender that follow each other within this time stand under one heading. */
const group_window_ms = 5 * 60_000;

const state_words = { sent: 'Sent', delivered: 'Delivered', read: 'Read' };

/**
 * Every method that takes `entries` is given the conversation's entries as they are after the change, and the index `at`
 * that the change is about.
 */
export class MessageList {
  #all;
  #past;
  #me;
  #on_retry;
  #online = false;
  #rows = new Map();
  #latest_mine;

  /** Rows of the past go into `past`, at the start of `all`. */
  constructor(all, past, me, on_retry) {
    this.#all = all;
    this.#past = past;
    this.#me = me;
    this.#on_retry = on_retry;
  }

  /** Adds what has just been said. */
  add(entries, at) {
    this.#insert(entries, at, false);
    this.#show_latest_mine(entries);
  }

  /** Adds `news`, which are among the entries, above what is said now. */
  add_past(entries, news) {
    const wanted = new Set(news);
    // From the last to the first: each then finds the row that it stands before.
    for (let at = entries.length - 1; at >= 0; --at) if (wanted.has(entries[at])) this.#insert(entries, at, true);
    this.#show_latest_mine(entries);
  }

  update(entries, at) {
    const row = this.#rows.get(entries[at].key);
    if (!row) return;
    if (row.state) whole_or_not(() => this.#show_time(row));
    if (row.state) this.#show_state(row);
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
    this.#show_latest_mine(entries);
  }

  set_online(online) {
    this.#online = online;
    for (const row of this.#rows.values()) if (row.state && row.entry.state === 'sending') this.#show_state(row);
  }

  /** A new day has begun: what was today is yesterday. */
  show_days() {
    for (const row of this.#rows.values()) if (row.day) whole_or_not(() => show_day(row));
  }

  #insert(entries, at, past) {
    const entry = entries[at];
    const row = { entry, ...row_of(entry) };
    this.#rows.set(entry.key, row);
    const next = this.#rows.get(entries[at + 1]?.key);
    const in_past = past && (!next || !this.#past.contains(next.element));
    if (in_past) this.#past.append(row.element);
    else if (next) (next.day ?? next.element).before(row.element);
    else this.#all.append(row.element);
    if (row.state) this.#show_state(row);
    this.#dress(entries, at);
    this.#dress(entries, at + 1);
  }

  /** Gives the entry at `at` the day and the heading that it needs after the one before it, and no others. */
  #dress(entries, at) {
    const row = this.#rows.get(entries[at]?.key);
    if (!row) return;
    const previous = entries[at - 1];
    const begins_day = !previous || !same_day(previous.at, row.entry.at);
    if (begins_day && !row.day) row.element.before((row.day = make('div', { className: 'day' }, make('time'))));
    if (!begins_day && row.day) row.day = void row.day.remove();
    if (row.day) whole_or_not(() => show_day(row));
    if (!row.entry.notice) row.element.classList.toggle('head', !continues(previous, row.entry));
  }

  #show_time({ entry, time }) {
    time.dateTime = new Date(entry.at).toISOString();
    time.title = full_time(entry.at);
    set_text(time, time_of_day(entry.at));
  }

  #show_state({ element, state, tick, entry }) {
    const kind = entry.state;
    element.dataset.state = kind;
    tick.replaceChildren(status_icon(kind));
    state.replaceChildren(this.#state_text(entry));
    tick.title = kind === 'failed' ? '' : state.textContent;
    if (kind !== 'failed') return;
    const retry = make('button', { type: 'button', className: 'retry' }, 'Retry');
    retry.addEventListener('click', () => this.#on_retry(entry));
    state.append(' ', retry);
  }

  #state_text({ state, why }) {
    if (state === 'failed') return `Not delivered: ${why}`;
    if (state === 'sending') return this.#online ? 'Sending…' : 'Waiting for the connection';
    return state_words[state];
  }

  /** What became of a message stands in words under the last one; elsewhere the picture is enough for the eye. */
  #show_latest_mine(entries) {
    const latest = this.#rows.get(entries.findLast(({ mine }) => mine)?.key);
    if (latest === this.#latest_mine) return;
    this.#latest_mine?.element.classList.remove('latest');
    latest?.element.classList.add('latest');
    this.#latest_mine = latest;
  }
}

/** The row of an entry. One that cannot be drawn as it should be stands with its text alone: no other depends on it. */
function row_of(entry) {
  let row;
  if (whole_or_not(() => (row = entry.notice ? notice_row(entry) : message_row(entry)))) return row;
  const bubble = make('div', { className: 'bubble', dir: 'auto' }, entry.text.slice(0, most_characters));
  const line = make('div', { className: 'line' }, bubble);
  const element = make('div', { className: entry.notice ? 'notice' : 'message' }, line);
  element.classList.toggle('mine', Boolean(entry.mine));
  return { element };
}

function message_row(message) {
  const { mine, color, partner, text, at } = message;
  const author = make('span', { className: 'author', dir: 'auto' }, mine ? 'You' : person_name(message));
  if (!mine) paint_name(author, color, partner);
  const time = time_element(at);
  const bubble = make('div', { className: 'bubble', dir: 'auto' });
  const line = make('div', { className: 'line' }, bubble);
  const meta = make('p', { className: 'meta' }, author, ' ', time);
  const element = make('div', { className: 'message' }, meta, line);
  fill_bubble(bubble, message, element);
  element.classList.toggle('mine', mine);
  element.classList.toggle('emoji-only', emoji_only(text));
  if (!mine) return { element, time };
  const state = make('p', { className: 'state' });
  const tick = make('span', { className: 'tick' });
  line.append(tick);
  element.append(state);
  return { element, time, state, tick };
}

/** Puts the text into `bubble`; a long one is folded, with a button after it that shows all, and less again. */
function fill_bubble(bubble, message, element) {
  const { text } = message;
  const cut = fold_at(text);
  if (cut === undefined) return bubble.append(linked(parts_up_to(text)));
  const button = make('button', { type: 'button', className: 'fold' });
  const show = () => {
    bubble.replaceChildren(linked(parts_up_to(text, message.unfolded ? text.length : cut)));
    bubble.classList.toggle('folded', !message.unfolded);
    button.setAttribute('aria-expanded', String(Boolean(message.unfolded)));
    set_text(button, message.unfolded ? 'Show less' : 'Show all');
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

function notice_row({ text, at }) {
  const time = time_element(at);
  const words = make('span', { dir: 'auto' }, shown_line(text));
  return { element: make('div', { className: 'notice' }, words, ' ', time), time };
}

function show_day({ day, entry }) {
  const time = day.firstChild;
  time.dateTime = new Date(entry.at).toISOString().slice(0, 10);
  set_text(time, day_name(entry.at, Date.now()));
}

function time_element(at) {
  return make('time', { dateTime: new Date(at).toISOString(), title: full_time(at) }, time_of_day(at));
}

/** Whether `message` goes on what `last` began. */
function continues(last, message) {
  return (
    Boolean(last) &&
    !last.notice &&
    last.mine === message.mine &&
    (message.mine || last.name === message.name) &&
    same_day(last.at, message.at) &&
    message.at - last.at < group_window_ms
  );
}

function emoji_only(text) {
  return (
    text.length <= 24 &&
    /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u.test(text) &&
    /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(text)
  );
}
