// The conversations of this window: who said what, what became of it, what is unread. Pure: no socket, no DOM.

import { keptMessages, messageOf, newConversation, nothingLoaded, number, place } from './conversation.js';
import { refreshStates, remove, shorten, stateOf } from './conversation.js';
import { ActivityClock, laterActivity, raiseMarks, unreadAfter } from './conversation_order.js';
import { Waiting } from './waiting.js';

/** How many conversations are kept, those with the latest activity. */
export const keptConversations = 500;

/**
 * The conversations of `me`; see conversation.js for what each is.
 *
 * Events, each with a `detail` of { conversation } and
 *   added, moved, removed         { entry, at }: a message or notice, which is or was at index `at`
 *   changed                       { entries }: what is shown of them
 *   older                         { entries }: what was added of the past; or `older` has changed
 *   opened, read, reset, dropped  nothing more
 * and after each of them `change`, for who wants to know that something of a conversation is another.
 */
export class Conversations extends EventTarget {
  #me;
  #byId = new Map();
  #nextKey = 1;
  #clock = new ActivityClock();
  #kept = true;
  #waiting = new Waiting();

  constructor(me) {
    super();
    this.#me = me;
  }

  get(id) {
    return this.#byId.get(id);
  }

  /** All, the latest activity first. */
  list() {
    return [...this.#byId.values()].sort((a, b) => laterActivity(b.activity, a.activity));
  }

  unread() {
    let sum = 0;
    for (const conversation of this.#byId.values()) sum += conversation.unread;
    return sum;
  }

  /** The conversation `id`, made if there is none for what the server calls `mid`, or for the reader. */
  open(id, mid = '') {
    let conversation = this.#byId.get(id);
    if (conversation) return conversation;
    conversation = newConversation(id, this.#me, this.#clock.at(mid), this.#kept);
    this.#byId.set(id, conversation);
    this.#emit('opened', { conversation });
    this.#dropOldest();
    return conversation;
  }

  // -- messages of mine ------------------------------------------------------------------------------------

  /** A message waits to be sent. */
  queued({ cid, to, text, sentAt }) {
    if (this.#waiting.has(cid)) return;
    const { id: from, name, color } = this.#me;
    const message = { from, mine: true, name, color, text, sentAt, mid: '', n: 0, state: 'sending', why: '' };
    this.#waiting.add(cid, message);
    this.#add(this.open(to), message);
  }

  /** The server has it, as number `n` of the conversation, or without a number. */
  sent({ cid, to, mid, n, sentAt }) {
    const message = this.#takeWaiting(cid, mid);
    if (!message) return;
    const conversation = this.open(to, mid);
    const twin = conversation.byMid.get(mid);
    if (twin && twin !== message) this.#remove(conversation, message);
    else this.#number(conversation, message, { mid, n, sentAt });
  }

  /** The server will not take it. */
  failed({ cid, to }, why) {
    const message = this.#takeWaiting(cid, '');
    if (!message) return;
    Object.assign(message, { state: 'failed', why });
    this.#emit('changed', { conversation: this.get(to), entries: [message] });
  }

  /** Removes a failed message, to be sent anew. */
  withdraw(message) {
    const conversation = this.get(message.conversation);
    if (message.state !== 'failed' || !conversation?.messages.includes(message)) return false;
    this.#remove(conversation, message);
    return true;
  }

  // -- what the server says --------------------------------------------------------------------------------

  /** Takes a live `message`. One that is here already changes nothing. */
  receive(frame, now) {
    const mine = frame.from === this.#me.id;
    const id = mine ? frame.to : frame.from;
    if (id === '') return;
    const conversation = this.open(id, frame.mid);
    if (frame.mid !== '' && conversation.byMid.has(frame.mid)) return;
    const waiting = mine && this.#waiting.like(id, frame.text);
    if (waiting) return this.#number(conversation, waiting, frame);
    if (!mine) Object.assign(conversation, { name: frame.name, color: frame.color, role: frame.role ?? '' });
    const message = messageOf(frame, conversation, this.#me, now);
    if (!mine && (message.n === 0 || message.n > conversation.read)) ++conversation.unread;
    this.#add(conversation, message);
  }

  /** Rows of the server's list of conversations. */
  addRows(rows) {
    this.#clock.keepAhead(this.#byId.values(), rows);
    for (const row of rows) {
      if (row.conversation === '' || row.last.n === 0) continue;
      const conversation = this.open(row.conversation, row.last.mid);
      const { read, peerRead, peerDelivered } = row;
      raiseMarks(conversation, { read, peerRead, peerDelivered });
      if (row.peer?.name && row.conversation !== this.#me.id) Object.assign(conversation, row.peer);
      this.#insertOld(conversation, [row.last]);
      const since = conversation.messages.filter(({ mine, n }) => !mine && n > row.last.n).length;
      conversation.unread = unreadAfter(conversation, row.unread + since);
      this.#raise(conversation, row.last.mid);
      this.#refreshStates(conversation);
      this.#emit('read', { conversation });
    }
  }

  /** A page of older messages; `more` says whether there are still older ones. */
  addHistory(conversation, { messages, more }) {
    const beginning = !more || messages.length === 0 || messages[0].n === 1;
    const full = conversation.messages.length + messages.length >= keptMessages;
    conversation.older = beginning ? 'none' : full ? 'full' : 'more';
    this.#insertOld(conversation, messages);
  }

  /** The marks of a `receipt`. */
  receipt({ mark, conversation: id, n, by }) {
    const conversation = this.get(id);
    if (!conversation) return;
    if (by !== this.#me.id) {
      raiseMarks(conversation, mark === 'read' ? { peerRead: n } : { peerDelivered: n });
      this.#refreshStates(conversation);
    } else if (mark === 'read') {
      raiseMarks(conversation, { read: n });
      conversation.unread = unreadAfter(conversation, conversation.unread);
      this.#emit('read', { conversation });
    }
  }

  /**
   * Adds a notice to the conversation with the user whom it is about; returns false if there is none. A notice that
   * does not name the id goes by its text, to everybody of that name.
   */
  addNotice({ text, id }, now) {
    const named = (one) => (id ? one.id === id : text === `${one.name || one.id} disconnected`);
    const concerned = this.list().filter(named);
    for (const conversation of concerned) this.#add(conversation, { notice: true, text, sentAt: now, n: 0 });
    return concerned.length > 0;
  }

  // -- what the reader and the connection do ---------------------------------------------------------------

  /** The reader has seen all of it; returns the number to send to the server, 0 if it knows. */
  markRead(conversation) {
    const n = conversation.messages.findLast(({ mine, notice }) => !mine && !notice)?.n ?? 0;
    const news = n > conversation.read ? n : 0;
    raiseMarks(conversation, { read: n });
    if (conversation.unread > 0) {
      conversation.unread = 0;
      this.#emit('read', { conversation });
    }
    return news;
  }

  /** The reader has gone to another one. */
  leave(conversation) {
    if (shorten(conversation) && this.#kept) conversation.older = 'more';
  }

  setOlder(conversation, older) {
    conversation.older = older;
    this.#emit('older', { conversation, entries: [] });
  }

  /** True if the server keeps messages at all. */
  setKept(kept) {
    this.#kept = kept;
    for (const conversation of this.#byId.values())
      if (!kept) conversation.older = 'unkept';
      else if (conversation.older === 'unkept') conversation.older = 'more';
  }

  /**
   * Forgets what the server has said, which is to be loaded afresh. What it has not taken stays, and so do drafts and
   * the conversation with `openId`.
   */
  reset(openId) {
    const waiting = this.#waiting.all();
    this.#clock.forget();
    for (const conversation of this.list()) {
      conversation.activity = { ...conversation.activity, mid: 0 };
      const messages = conversation.messages.filter((each) => waiting.has(each) || each.state === 'failed');
      for (const message of messages)
        if (waiting.has(message)) Object.assign(message, { mid: '', n: 0, state: 'sending' });
      Object.assign(conversation, { ...nothingLoaded(this.#kept), messages });
      if (messages.length === 0 && conversation.draft === '' && conversation.id !== openId)
        this.#drop(conversation);
      else this.#emit('reset', { conversation });
    }
  }

  // -- the messages of a conversation ----------------------------------------------------------------------

  #refreshStates(conversation) {
    const entries = refreshStates(conversation, this.#me);
    if (entries.length > 0) this.#emit('changed', { conversation, entries });
  }

  #add(conversation, entry) {
    const at = this.#place(conversation, entry);
    if (!entry.notice) this.#raise(conversation, entry.mid);
    this.#emit('added', { conversation, entry, at });
    if (conversation.messages.length <= keptMessages) return;
    if (conversation.messages[0].n > 0) conversation.older = 'more';
    this.#remove(conversation, conversation.messages[0]);
  }

  #place(conversation, entry) {
    entry.key ??= this.#nextKey++;
    return place(conversation, entry);
  }

  /** Puts messages of the past into their places, as one change. */
  #insertOld(conversation, frames) {
    const added = frames
      .filter(({ mid, n }) => n > 0 && !conversation.byMid.has(mid))
      .map((frame) => messageOf(frame, conversation, this.#me, 0));
    for (const message of added) this.#place(conversation, message);
    const theirs = added.findLast(({ mine }) => !mine);
    if (theirs && conversation.name === '') Object.assign(conversation, { name: theirs.name, color: theirs.color });
    this.#emit('older', { conversation, entries: added });
  }

  /** Gives a message of mine what the server calls it by. */
  #number(conversation, message, { mid, n, sentAt }) {
    if (!conversation.messages.includes(message)) return;
    const { before, at } = number(conversation, message, { mid, n });
    Object.assign(message, { sentAt: sentAt || message.sentAt, state: stateOf(conversation, n, this.#me) });
    this.#raise(conversation, mid);
    if (at === before) this.#emit('changed', { conversation, entries: [message] });
    else this.#emit('moved', { conversation, entry: message, at });
  }

  #remove(conversation, entry) {
    this.#emit('removed', { conversation, entry, at: remove(conversation, entry) });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
    this.dispatchEvent(new CustomEvent('change', { detail: { conversation: detail.conversation } }));
  }

  #raise(conversation, mid) {
    const activity = this.#clock.at(mid);
    if (laterActivity(activity, conversation.activity) > 0) conversation.activity = activity;
  }

  // -- the messages that wait ------------------------------------------------------------------------------

  /**
   * Ends the wait of the message with this cid. If it was taken for another of the same text, that other one, which
   * has been shown in its place, gets a place of its own.
   */
  #takeWaiting(cid, mid) {
    const message = this.#waiting.take(cid);
    if (!message || message.mid === '' || message.mid === mid) return message;
    const conversation = this.get(message.conversation);
    const other = { ...message, key: undefined };
    conversation.byMid.delete(message.mid);
    Object.assign(message, { mid: '', n: 0 });
    this.#add(conversation, other);
    return message;
  }

  // -- bounds ----------------------------------------------------------------------------------------------

  #dropOldest() {
    if (this.#byId.size <= keptConversations) return;
    const waiting = new Set(Array.from(this.#waiting.all(), ({ conversation }) => conversation));
    const oldest = this.list().findLast(({ draft, id }) => draft === '' && !waiting.has(id));
    if (oldest) this.#drop(oldest);
  }

  #drop(conversation) {
    this.#byId.delete(conversation.id);
    this.#emit('dropped', { conversation });
  }
}
