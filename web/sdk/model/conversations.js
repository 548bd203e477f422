// The conversations of this window: who said what, what became of it, what is unread. Pure: no socket, no DOM.

import { laterActivity, numberOf, placeOf, raiseMarks, unreadAfter } from './conversation_order.js';

/** How many messages a conversation keeps, the newest. */
export const keptMessages = 2000;
/** How many are left when the reader goes to another conversation; the others can be loaded again. */
export const keptWhenLeft = 200;
/** How many conversations are kept, those with the latest activity. */
export const keptConversations = 500;

/**
 * A conversation: { id, name, color, messages, unread, activity, draft, read, peerRead, peerDelivered, older }
 * with the `id` of the other, `activity`, its place in the list (see conversation_order.js), my mark `read`, the other's
 * marks `peerRead` and `peerDelivered`, and `older`, how it stands with messages before the first one here:
 *   more     there may be some
 *   loading  they are asked for
 *   failed   they could not be had
 *   none     this is the beginning
 *   full     there are some, and as many here as are kept
 *   unkept   the server keeps none
 * A message: { key, conversation, from, mine, name, color, text, sentAt, mid, n, state, why } with the id of its
 * conversation. Those with a number `n` stand in its order, without a gap. Those without one stand where they were
 * added, what is being sent after everything else.
 * `state` of my own ones:
 *   sending    not acknowledged by the server yet
 *   sent, delivered, read
 *   failed     not taken, for the reason `why`
 * A notice: { key, conversation, notice: true, text, sentAt }.
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
  /** The highest number that the server has given a message of any conversation, and what was done here since. */
  #latest = { mid: 0, step: 0 };
  #kept = true;
  /** My messages that the server has not acknowledged, by cid. */
  #waiting = new Map();

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

  /** The conversation `id`, made where there is none for what the server calls `mid`, or for the reader. */
  open(id, mid = '') {
    let conversation = this.#byId.get(id);
    if (conversation) return conversation;
    const mine = id === this.#me.id;
    conversation = {
      id,
      name: mine ? this.#me.name : '',
      color: mine ? this.#me.color : '',
      activity: this.#activity(mid),
      draft: '',
      ...this.#nothingLoaded(),
    };
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
    this.#waiting.set(cid, message);
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
    const waiting = mine && this.#waitingLike(id, frame.text);
    if (waiting) return this.#number(conversation, waiting, frame);
    if (!mine) Object.assign(conversation, { name: frame.name, color: frame.color });
    const message = this.#messageOf(frame, conversation, now);
    if (!mine && (message.n === 0 || message.n > conversation.read)) ++conversation.unread;
    this.#add(conversation, message);
  }

  /** Rows of the server's list of conversations. */
  addRows(rows) {
    this.#keepAhead(rows);
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
   * Adds a notice to the conversation with the user whom it is about; false where there is none. A notice that does not
   * name the id goes by its text, to everybody of that name.
   */
  addNotice({ text, id }, now) {
    const named = (one) => (id ? one.id === id : text === `${one.name || one.id} disconnected`);
    const concerned = this.list().filter(named);
    for (const conversation of concerned) this.#add(conversation, { notice: true, text, sentAt: now, n: 0 });
    return concerned.length > 0;
  }

  // -- what the reader and the connection do ---------------------------------------------------------------

  /** The reader has seen all of it; returns the number to tell the server, 0 where it knows. */
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
    const surplus = conversation.messages.length - keptWhenLeft;
    if (surplus <= 0) return;
    for (const { mid } of conversation.messages.splice(0, surplus)) conversation.byMid.delete(mid);
    if (this.#kept) conversation.older = 'more';
  }

  setOlder(conversation, older) {
    conversation.older = older;
    this.#emit('older', { conversation, entries: [] });
  }

  /** Whether the server keeps messages at all. */
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
    const waiting = new Set(this.#waiting.values());
    this.#latest.mid = 0;
    for (const conversation of this.list()) {
      conversation.activity = { ...conversation.activity, mid: 0 };
      const messages = conversation.messages.filter((each) => waiting.has(each) || each.state === 'failed');
      for (const message of messages)
        if (waiting.has(message)) Object.assign(message, { mid: '', n: 0, state: 'sending' });
      Object.assign(conversation, { ...this.#nothingLoaded(), messages });
      if (messages.length === 0 && conversation.draft === '' && conversation.id !== openId)
        this.#drop(conversation);
      else this.#emit('reset', { conversation });
    }
  }

  // -- the messages of a conversation ----------------------------------------------------------------------

  #nothingLoaded() {
    const older = this.#kept ? 'more' : 'unkept';
    return { messages: [], byMid: new Map(), unread: 0, read: 0, peerRead: 0, peerDelivered: 0, older };
  }

  #messageOf({ from, name, color, text, sentAt, mid, n }, conversation, now) {
    const mine = from === this.#me.id;
    const state = mine ? this.#stateOf(conversation, n) : '';
    return { from, mine, name, color, text, sentAt: sentAt || now, mid, n, state, why: '' };
  }

  /** What the partner's marks make of my message number `n`. Notes to myself have no partner. */
  #stateOf({ id, peerRead, peerDelivered }, n) {
    if (n === 0 || id === this.#me.id) return 'sent';
    if (n <= peerRead) return 'read';
    return n <= peerDelivered ? 'delivered' : 'sent';
  }

  #refreshStates(conversation) {
    const entries = conversation.messages.filter((message) => {
      if (!message.mine || message.n === 0) return false;
      const before = message.state;
      message.state = this.#stateOf(conversation, message.n);
      return message.state !== before;
    });
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

  /** Puts an entry into its place, and returns the index. */
  #place(conversation, entry) {
    const { id, messages } = conversation;
    entry.key ??= this.#nextKey++;
    entry.conversation = id;
    const at = entry.n > 0 ? placeOf(messages, entry.n) : messages.length;
    messages.splice(at, 0, entry);
    if (entry.mid) conversation.byMid.set(entry.mid, entry);
    return at;
  }

  /** Puts messages of the past into their places and tells of them together. */
  #insertOld(conversation, frames) {
    const added = frames
      .filter(({ mid, n }) => n > 0 && !conversation.byMid.has(mid))
      .map((frame) => this.#messageOf(frame, conversation, 0));
    for (const message of added) this.#place(conversation, message);
    const theirs = added.findLast(({ mine }) => !mine);
    if (theirs && conversation.name === '') Object.assign(conversation, { name: theirs.name, color: theirs.color });
    this.#emit('older', { conversation, entries: added });
  }

  /** Gives a message of mine what the server calls it by. */
  #number(conversation, message, { mid, n, sentAt }) {
    const { messages } = conversation;
    const before = messages.indexOf(message);
    if (before < 0) return;
    messages.splice(before, 1);
    Object.assign(message, { mid, n, sentAt: sentAt || message.sentAt, state: this.#stateOf(conversation, n) });
    this.#raise(conversation, mid);
    const at = n > 0 ? placeOf(messages, n) : before;
    messages.splice(at, 0, message);
    if (mid) conversation.byMid.set(mid, message);
    if (at === before) this.#emit('changed', { conversation, entries: [message] });
    else this.#emit('moved', { conversation, entry: message, at });
  }

  #remove(conversation, entry) {
    const at = conversation.messages.indexOf(entry);
    conversation.messages.splice(at, 1);
    if (conversation.byMid.get(entry.mid) === entry) conversation.byMid.delete(entry.mid);
    this.#emit('removed', { conversation, entry, at });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
    this.dispatchEvent(new CustomEvent('change', { detail: { conversation: detail.conversation } }));
  }

  // -- the order of the conversations ----------------------------------------------------------------------

  /** The activity of what the server calls `mid`, or, without one, of what happens here just now. */
  #activity(mid) {
    const number = numberOf(mid);
    if (number === 0) return { mid: this.#latest.mid, step: ++this.#latest.step };
    this.#latest.mid = Math.max(this.#latest.mid, number);
    return { mid: number, step: 0 };
  }

  /** What was done here before the first rows came stays ahead of them: they are of the past. */
  #keepAhead(rows) {
    const newestMid = Math.max(0, ...rows.map(({ last }) => numberOf(last.mid)));
    for (const { activity } of this.#byId.values())
      if (activity.step > 0) activity.mid = Math.max(activity.mid, newestMid);
  }

  #raise(conversation, mid) {
    const activity = this.#activity(mid);
    if (laterActivity(activity, conversation.activity) > 0) conversation.activity = activity;
  }

  // -- the messages that wait ------------------------------------------------------------------------------

  /**
   * A message of mine to `id` that waits and reads the same. A window that did not send it itself, or whose
   * connection broke before the ack, gets it as a `usermsg`, which does not name the cid.
   */
  #waitingLike(id, text) {
    for (const message of this.#waiting.values())
      if (message.conversation === id && message.text === text && message.mid === '') return message;
    return undefined;
  }

  /**
   * Ends the wait of the message with this cid. Where it was taken for another of the same text, that other one, which
   * has been shown in its place, gets a place of its own.
   */
  #takeWaiting(cid, mid) {
    const message = this.#waiting.get(cid);
    this.#waiting.delete(cid);
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
    const waiting = new Set(Array.from(this.#waiting.values(), ({ conversation }) => conversation));
    const oldest = this.list().findLast(({ draft, id }) => draft === '' && !waiting.has(id));
    if (oldest) this.#drop(oldest);
  }

  #drop(conversation) {
    this.#byId.delete(conversation.id);
    this.#emit('dropped', { conversation });
  }
}
