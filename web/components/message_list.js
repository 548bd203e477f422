// The rows of a log: days, messages grouped by sender and time, notices.

import { paintName } from '../text/colors.js';
import { make, setText, wholeOrNot } from './dom.js';
import { KeyedList } from './keyed_list.js';
import { foldAt, mostCharacters, partsUpTo } from '../text/folded.js';
import { linked } from '../text/linkify.js';
import { personName, shownLine } from '../text/safe_text.js';
import { statusIcon } from './status_icon.js';
import { dayName, dayOf, fullTime, timeOfDay } from '../text/times.js';

/** Messages of one sender that follow each other within this time stand under one heading. */
const groupWindowMs = 5 * 60_000;

const stateWords = { sent: 'Sent', delivered: 'Delivered', read: 'Read' };

export class MessageList {
  #onRetry;
  #online = false;
  #entries = [];
  #list;
  #latestMine;

  /** The rows go into `container`. `onRetry(message)`: the reader wants a failed message sent again. */
  constructor(container, onRetry) {
    this.#onRetry = onRetry;
    this.#list = new KeyedList(container, rowOf, (row, item, previous) => this.#update(row, item, previous));
  }

  /** Shows the entries of a conversation; of those that were here before, `changed` are drawn anew. */
  show(entries, changed = []) {
    this.#entries = entries;
    this.#list.show(withDays(entries), changed);
    this.#showLatestMine();
  }

  setOnline(online) {
    this.#online = online;
    this.show(this.#entries, this.#entries.filter(({ state }) => state === 'sending'));
  }

  /** A new day has begun: what was today is yesterday. */
  showDays() {
    const items = withDays(this.#entries);
    this.#list.show(items, items.filter(({ day }) => day));
  }

  #update(row, item, previous) {
    if (item.day) return showDay(row, item);
    if (!item.notice) row.element.classList.toggle('head', !continues(previous, item));
    if (!row.state) return;
    wholeOrNot(() => showTime(row, item));
    this.#showState(row, item);
  }

  #showState(row, message) {
    const { element, state, tick } = row;
    const kind = message.state;
    const words = this.#stateText(message);
    if (element.dataset.state === kind && row.words === words) return;
    row.words = words;
    element.dataset.state = kind;
    tick.replaceChildren(statusIcon(kind));
    state.replaceChildren(words);
    tick.title = kind === 'failed' ? '' : words;
    if (kind !== 'failed') return;
    const retry = make('button', { type: 'button', className: 'retry' }, 'Retry');
    retry.addEventListener('click', () => this.#onRetry(message));
    state.append(' ', retry);
  }

  #stateText({ state, why }) {
    if (state === 'failed') return `Not delivered: ${why}`;
    if (state === 'sending') return this.#online ? 'Sending…' : 'Waiting for the connection';
    return stateWords[state];
  }

  /** What became of a message stands in words under the last one; elsewhere the picture is enough for the eye. */
  #showLatestMine() {
    const latest = this.#entries.findLast(({ mine }) => mine)?.key;
    if (latest === this.#latestMine) return;
    this.#list.get(this.#latestMine)?.element.classList.remove('latest');
    this.#list.get(latest)?.element.classList.add('latest');
    this.#latestMine = latest;
  }
}

/** The entries, with an item for the day before the first one of each. */
function withDays(entries) {
  const items = [];
  let [begin, end] = [Infinity, -Infinity];
  for (const entry of entries) {
    const { key, sentAt } = entry;
    if (sentAt < begin || sentAt >= end) {
      [begin, end] = dayOf(sentAt);
      items.push({ key: `day of ${key}`, day: true, sentAt });
    }
    items.push(entry);
  }
  return items;
}

/** The row of an item. One that cannot be drawn as it should be stands with its text alone: no other depends on it. */
function rowOf(entry) {
  if (entry.day) return { element: make('div', { className: 'day' }, make('time')) };
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

function showDay({ element }, { sentAt }) {
  const time = element.firstChild;
  time.dateTime = new Date(sentAt).toISOString().slice(0, 10);
  setText(time, dayName(sentAt, Date.now()));
}

/** The server's clock may say another time than the one at which a message was written. */
function showTime(row, { sentAt }) {
  if (row.sentAt === sentAt) return;
  row.sentAt = sentAt;
  row.time.dateTime = new Date(sentAt).toISOString();
  row.time.title = fullTime(sentAt);
  setText(row.time, timeOfDay(sentAt));
}

function timeElement(sentAt) {
  return make('time', { dateTime: new Date(sentAt).toISOString(), title: fullTime(sentAt) }, timeOfDay(sentAt));
}

/** Returns whether `message` goes on what `last`, the item before it, began. */
function continues(last, message) {
  return (
    Boolean(last) &&
    !last.day &&
    !last.notice &&
    last.mine === message.mine &&
    (message.mine || last.name === message.name) &&
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
