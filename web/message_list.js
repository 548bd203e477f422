// The rows of a log: days, messages grouped by sender and time, notices.

import { paint_name } from './colors.js';
import { make, set_text } from './dom.js';
import { linkify } from './linkify.js';
import { day_name, full_time, same_day, time_of_day } from './times.js';

/** Messages of one sender that follow each other within this time stand under one heading. */
const group_window_ms = 5 * 60_000;

export class MessageList {
  #log;
  #me;
  #on_retry;
  #online = false;
  #rows = new Map();
  #last;
  #last_mine;

  constructor(log, me, on_retry) {
    this.#log = log;
    this.#me = me;
    this.#on_retry = on_retry;
  }

  append(entry) {
    if (!this.#last || !same_day(this.#last.at, entry.at)) this.#append_day(entry.at);
    const row = entry.notice ? notice_row(entry) : this.#message_row(entry);
    this.#rows.set(entry.key, { entry, ...row });
    this.#log.append(row.element);
    this.#last = entry;
    if (entry.mine) this.#show_latest_mine(row.element);
  }

  update(message) {
    const row = this.#rows.get(message.key);
    if (row) this.#show_state(row, message);
  }

  remove(entry) {
    const { element } = this.#rows.get(entry.key) ?? {};
    if (!element) return;
    const next = element.nextElementSibling;
    const day = element.previousElementSibling;
    element.remove();
    this.#rows.delete(entry.key);
    // What stood under this heading needs one of its own; a day without messages needs none.
    if (element.classList.contains('head') && next?.classList.contains('message')) next.classList.add('head');
    if (day?.classList.contains('day') && (!next || next.classList.contains('day'))) day.remove();
    if (entry === this.#last) this.#last = [...this.#rows.values()].at(-1)?.entry;
  }

  set_online(online) {
    this.#online = online;
    for (const button of this.#log.querySelectorAll('.retry')) button.disabled = !online;
  }

  #append_day(at) {
    const now = Date.now();
    const time = make('time', { dateTime: new Date(at).toISOString().slice(0, 10) }, day_name(at, now));
    this.#log.append(make('div', { className: 'day' }, time));
  }

  #message_row(message) {
    const { mine, name, color, partner, text, at } = message;
    const author = make('span', { className: 'author', dir: 'auto' }, mine ? 'You' : name || partner);
    if (!mine) paint_name(author, color, partner);
    const time = make('time', { dateTime: new Date(at).toISOString(), title: full_time(at) }, time_of_day(at));
    const state = make('p', { className: 'state' });
    const bubble = make('div', { className: 'bubble', dir: 'auto', title: full_time(at) }, linkify(text));
    const element = make(
      'div',
      { className: 'message' },
      make('p', { className: 'meta' }, author, ' ', time),
      bubble,
      state,
    );
    element.classList.toggle('mine', mine);
    element.classList.toggle('head', !continues(this.#last, message));
    element.classList.toggle('emoji-only', emoji_only(text));
    const row = { element, state };
    if (mine) this.#show_state(row, message);
    return row;
  }

  #show_state({ element, state }, message) {
    element.dataset.state = message.state;
    const text = { sending: 'Sending…', sent: 'Sent', failed: `Not delivered: ${message.why}` }[message.state];
    state.replaceChildren(text);
    if (message.state !== 'failed') return;
    const retry = make('button', { type: 'button', className: 'retry', disabled: !this.#online }, 'Retry');
    retry.addEventListener('click', () => this.#on_retry(message));
    state.append(' ', retry);
  }

  /** "Sent" under the last one is enough. */
  #show_latest_mine(element) {
    this.#last_mine?.classList.remove('latest');
    element.classList.add('latest');
    this.#last_mine = element;
  }
}

function notice_row({ text, at }) {
  const time = make('time', { dateTime: new Date(at).toISOString(), title: full_time(at) }, time_of_day(at));
  return { element: make('div', { className: 'notice' }, make('span', { dir: 'auto' }, text), ' ', time) };
}

/** Whether `message` goes on what `last` began. */
function continues(last, message) {
  return (
    Boolean(last) &&
    !last.notice &&
    last.mine === message.mine &&
    last.name === message.name &&
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
