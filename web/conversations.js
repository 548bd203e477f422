// The conversations of this window: who said what, what became of it, what is unread. Pure: no socket, no DOM.

import { later_activity, number_of, place_of, raise_marks, unread_after } from './conversation_order.js';

/** How many messages a conversation keeps, the newest. */
export const kept_messages = 2000;
/** How many are left when the reader goes to another conversation; the others can be loaded again. */
export const kept_when_left = 200;
/** How many conversations are kept, those with the latest activity. */
export const kept_conversations = 500;

/**
 * A conversation: { partner, name, color, messages, unread, activity, draft, read, peer_read, peer_delivered, older }
 * with `activity`, its place in the list (see conversation_order.js), my mark `read`, the partner's marks `peer_…`, and
 * `older`, how it stands with messages before the first one here:
 *   more     there may be some
 *   loading  they are asked for
 *   failed   they could not be had
 *   none     this is the beginning
 *   full     there are some, and as many here as are kept
 *   unkept   the server keeps none
 * A message: { key, partner, mine, name, color, text, at, mid, n, state, why }. Those with a number `n` stand in its
 * order, without a gap. Those without one stand where they were added, what is being sent after everything else.
 * `state` of my own ones:
 *   sending    not acknowledged by the server yet
 *   sent, delivered, read
 *   failed     not taken, for the reason `why`
 * A notice: { key, notice: true, text, at }.
 *
 * `on_change(what, conversation, entry, at)` tells of: opened, added, changed, moved, removed (an entry, which is or was
 * at index `at`), older (`entry` is the list of what was added), read, dropped, reset.
 */
export class Conversations {
  #me;
  #on_change;
  #by_partner = new Map();
  #next_key = 1;
  /** The highest number that the server has given a message of any conversation, and what was done here since. */
  #latest = { mid: 0, step: 0 };
  #kept = true;
  /** My messages that the server has not acknowledged, by cid. */
  #waiting = new Map();

  constructor(me, on_change = () => {}) {
    this.#me = me;
    this.#on_change = on_change;
  }

  get(partner) {
    return this.#by_partner.get(partner);
  }

  /** All, the latest activity first. */
  list() {
    return [...this.#by_partner.values()].sort((a, b) => later_activity(b.activity, a.activity));
  }

  unread() {
    let sum = 0;
    for (const conversation of this.#by_partner.values()) sum += conversation.unread;
    return sum;
  }

  /** The conversation with `partner`, made where there is none for what the server calls `mid`, or for the reader. */
  open(partner, mid = '') {
    let conversation = this.#by_partner.get(partner);
    if (conversation) return conversation;
    const mine = partner === this.#me.id;
    conversation = {
      partner,
      name: mine ? this.#me.name : '',
      color: mine ? this.#me.color : '',
      activity: this.#activity(mid),
      draft: '',
      ...this.#nothing_loaded(),
    };
    this.#by_partner.set(partner, conversation);
    this.#on_change('opened', conversation);
    this.#drop_oldest();
    return conversation;
  }

  // -- messages of mine ------------------------------------------------------------------------------------

  /** A message waits to be sent. */
  queued({ cid, to, text, at }) {
    if (this.#waiting.has(cid)) return;
    const { name, color } = this.#me;
    const message = { mine: true, name, color, text, at, mid: '', n: 0, state: 'sending', why: '' };
    this.#waiting.set(cid, message);
    this.#add(this.open(to), message);
  }

  /** The server has it, as number `n` of the conversation, or without a number. */
  sent({ cid, to, mid, n, ts }) {
    const message = this.#take_waiting(cid, mid);
    if (!message) return;
    const conversation = this.open(to, mid);
    const twin = conversation.by_mid.get(mid);
    if (twin && twin !== message) this.#remove(conversation, message);
    else this.#number(conversation, message, { mid, n, ts });
  }

  /** The server will not take it. */
  failed({ cid, to }, why) {
    const message = this.#take_waiting(cid, '');
    if (!message) return;
    Object.assign(message, { state: 'failed', why });
    this.#tell_of('changed', this.get(to), message);
  }

  /** Removes a failed message, to be sent anew. */
  withdraw(message) {
    const conversation = this.get(message.partner);
    if (message.state !== 'failed' || !conversation?.messages.includes(message)) return false;
    this.#remove(conversation, message);
    return true;
  }

  // -- what the server says --------------------------------------------------------------------------------

  /** Takes a live `usermsg`. One that is here already changes nothing. */
  receive(frame, now) {
    const mine = frame.from === this.#me.id;
    const partner = mine ? frame.to : frame.from;
    if (partner === '') return;
    const conversation = this.open(partner, frame.mid);
    if (frame.mid !== '' && conversation.by_mid.has(frame.mid)) return;
    const waiting = mine && this.#waiting_like(partner, frame.message);
    if (waiting) return this.#number(conversation, waiting, frame);
    if (!mine) Object.assign(conversation, { name: frame.name, color: frame.color });
    const message = this.#message_of(frame, conversation, now);
    if (!mine && (message.n === 0 || message.n > conversation.read)) ++conversation.unread;
    this.#add(conversation, message);
  }

  /** Rows of the server's list of conversations. */
  add_rows(rows) {
    this.#keep_ahead(rows);
    for (const row of rows) {
      if (row.with === '' || row.last.n === 0) continue;
      const conversation = this.open(row.with, row.last.mid);
      const { read, peer_read, peer_delivered } = row;
      raise_marks(conversation, { read, peer_read, peer_delivered });
      if (row.peer?.name && row.with !== this.#me.id) Object.assign(conversation, row.peer);
      this.#insert_old(conversation, [row.last]);
      const since = conversation.messages.filter(({ mine, n }) => !mine && n > row.last.n).length;
      conversation.unread = unread_after(conversation, row.unread + since);
      this.#raise(conversation, row.last.mid);
      this.#refresh_states(conversation);
      this.#on_change('read', conversation);
    }
  }

  /** A page of older messages; `more` says whether there are still older ones. */
  add_history(conversation, { messages, more }) {
    const beginning = !more || messages.length === 0 || messages[0].n === 1;
    const full = conversation.messages.length + messages.length >= kept_messages;
    conversation.older = beginning ? 'none' : full ? 'full' : 'more';
    this.#insert_old(conversation, messages);
  }

  /** The marks of a `receipt`. */
  receipt({ mark, with: partner, n, by }) {
    const conversation = this.get(partner);
    if (!conversation) return;
    if (by !== this.#me.id) {
      raise_marks(conversation, mark === 'read' ? { peer_read: n } : { peer_delivered: n });
      this.#refresh_states(conversation);
    } else if (mark === 'read') {
      raise_marks(conversation, { read: n });
      conversation.unread = unread_after(conversation, conversation.unread);
      this.#on_change('read', conversation);
    }
  }

  /**
   * Adds a notice to the conversation with the user whom it is about; false where there is none. A notice that does not
   * name the id goes by its text, to everybody of that name.
   */
  add_notice({ text, id }, now) {
    const named = ({ name, partner }) => (id ? partner === id : text === `${name || partner} disconnected`);
    const concerned = this.list().filter(named);
    for (const conversation of concerned) this.#add(conversation, { notice: true, text, at: now, n: 0 });
    return concerned.length > 0;
  }

  // -- what the reader and the connection do ---------------------------------------------------------------

  /** The reader has seen all of it; returns the number to tell the server, 0 where it knows. */
  mark_read(conversation) {
    const n = conversation.messages.findLast(({ mine, notice }) => !mine && !notice)?.n ?? 0;
    const news = n > conversation.read ? n : 0;
    raise_marks(conversation, { read: n });
    if (conversation.unread > 0) {
      conversation.unread = 0;
      this.#on_change('read', conversation);
    }
    return news;
  }

  /** The reader has gone to another one. */
  leave(conversation) {
    const surplus = conversation.messages.length - kept_when_left;
    if (surplus <= 0) return;
    for (const { mid } of conversation.messages.splice(0, surplus)) conversation.by_mid.delete(mid);
    if (this.#kept) conversation.older = 'more';
  }

  set_older(conversation, older) {
    conversation.older = older;
    this.#on_change('older', conversation, []);
  }

  /** Whether the server keeps messages at all. */
  set_kept(kept) {
    this.#kept = kept;
    for (const conversation of this.#by_partner.values())
      if (!kept) conversation.older = 'unkept';
      else if (conversation.older === 'unkept') conversation.older = 'more';
  }

  /**
   * Forgets what the server has said, which is to be loaded afresh. What it has not taken stays, and so do drafts and
   * the conversation with `open_partner`.
   */
  reset(open_partner) {
    const waiting = new Set(this.#waiting.values());
    this.#latest.mid = 0;
    for (const conversation of this.list()) {
      conversation.activity = { ...conversation.activity, mid: 0 };
      const messages = conversation.messages.filter((each) => waiting.has(each) || each.state === 'failed');
      for (const message of messages)
        if (waiting.has(message)) Object.assign(message, { mid: '', n: 0, state: 'sending' });
      Object.assign(conversation, { ...this.#nothing_loaded(), messages });
      if (messages.length === 0 && conversation.draft === '' && conversation.partner !== open_partner)
        this.#drop(conversation);
      else this.#on_change('reset', conversation);
    }
  }

  // -- the messages of a conversation ----------------------------------------------------------------------

  #nothing_loaded() {
    const older = this.#kept ? 'more' : 'unkept';
    return { messages: [], by_mid: new Map(), unread: 0, read: 0, peer_read: 0, peer_delivered: 0, older };
  }

  #message_of({ from, name, color, message: text, ts, mid, n }, conversation, now) {
    const mine = from === this.#me.id;
    const state = mine ? this.#state_of(conversation, n) : '';
    return { mine, name, color, text, at: ts || now, mid, n, state, why: '' };
  }

  /** What the partner's marks make of my message number `n`. Notes to myself have no partner. */
  #state_of({ partner, peer_read, peer_delivered }, n) {
    if (n === 0 || partner === this.#me.id) return 'sent';
    if (n <= peer_read) return 'read';
    return n <= peer_delivered ? 'delivered' : 'sent';
  }

  #refresh_states(conversation) {
    conversation.messages.forEach((message, at) => {
      if (!message.mine || message.n === 0) return;
      const state = this.#state_of(conversation, message.n);
      if (state === message.state) return;
      message.state = state;
      this.#on_change('changed', conversation, message, at);
    });
  }

  #add(conversation, entry) {
    const at = this.#place(conversation, entry);
    if (!entry.notice) this.#raise(conversation, entry.mid);
    this.#on_change('added', conversation, entry, at);
    if (conversation.messages.length <= kept_messages) return;
    if (conversation.messages[0].n > 0) conversation.older = 'more';
    this.#remove(conversation, conversation.messages[0]);
  }

  /** Puts an entry into its place, and returns the index. */
  #place(conversation, entry) {
    const { messages, partner } = conversation;
    entry.key ??= this.#next_key++;
    entry.partner = partner;
    const at = entry.n > 0 ? place_of(messages, entry.n) : messages.length;
    messages.splice(at, 0, entry);
    if (entry.mid) conversation.by_mid.set(entry.mid, entry);
    return at;
  }

  /** Puts messages of the past into their places and tells of them together. */
  #insert_old(conversation, frames) {
    const added = frames
      .filter(({ mid, n }) => n > 0 && !conversation.by_mid.has(mid))
      .map((frame) => this.#message_of(frame, conversation, 0));
    for (const message of added) this.#place(conversation, message);
    const theirs = added.findLast(({ mine }) => !mine);
    if (theirs && conversation.name === '') Object.assign(conversation, { name: theirs.name, color: theirs.color });
    this.#on_change('older', conversation, added);
  }

  /** Gives a message of mine what the server calls it by. */
  #number(conversation, message, { mid, n, ts }) {
    const { messages } = conversation;
    const before = messages.indexOf(message);
    if (before < 0) return;
    messages.splice(before, 1);
    Object.assign(message, { mid, n, at: ts || message.at, state: this.#state_of(conversation, n) });
    this.#raise(conversation, mid);
    const at = n > 0 ? place_of(messages, n) : before;
    messages.splice(at, 0, message);
    if (mid) conversation.by_mid.set(mid, message);
    this.#on_change(at === before ? 'changed' : 'moved', conversation, message, at);
  }

  #remove(conversation, entry) {
    const at = conversation.messages.indexOf(entry);
    conversation.messages.splice(at, 1);
    if (conversation.by_mid.get(entry.mid) === entry) conversation.by_mid.delete(entry.mid);
    this.#on_change('removed', conversation, entry, at);
  }

  #tell_of(what, conversation, entry) {
    this.#on_change(what, conversation, entry, conversation.messages.indexOf(entry));
  }

  // -- the order of the conversations ----------------------------------------------------------------------

  /** The activity of what the server calls `mid`, or, without one, of what happens here just now. */
  #activity(mid) {
    const number = number_of(mid);
    if (number === 0) return { mid: this.#latest.mid, step: ++this.#latest.step };
    this.#latest.mid = Math.max(this.#latest.mid, number);
    return { mid: number, step: 0 };
  }

  /** What was done here before the first rows came stays ahead of them: they are of the past. */
  #keep_ahead(rows) {
    const newest_mid = Math.max(0, ...rows.map(({ last }) => number_of(last.mid)));
    for (const { activity } of this.#by_partner.values())
      if (activity.step > 0) activity.mid = Math.max(activity.mid, newest_mid);
  }

  #raise(conversation, mid) {
    const activity = this.#activity(mid);
    if (later_activity(activity, conversation.activity) > 0) conversation.activity = activity;
  }

  // -- the messages that wait ------------------------------------------------------------------------------

  /**
   * A message of mine to `partner` that waits and reads the same. A window that did not send it itself, or whose
   * connection broke before the ack, gets it as a `usermsg`, which does not name the cid.
   */
  #waiting_like(partner, text) {
    for (const message of this.#waiting.values())
      if (message.partner === partner && message.text === text && message.mid === '') return message;
    return undefined;
  }

  /**
   * Ends the wait of the message with this cid. Where it was taken for another of the same text, that other one, which
   * has been shown in its place, gets a place of its own.
   */
  #take_waiting(cid, mid) {
    const message = this.#waiting.get(cid);
    this.#waiting.delete(cid);
    if (!message || message.mid === '' || message.mid === mid) return message;
    const conversation = this.get(message.partner);
    const other = { ...message, key: undefined };
    conversation.by_mid.delete(message.mid);
    Object.assign(message, { mid: '', n: 0 });
    this.#add(conversation, other);
    return message;
  }

  // -- bounds ----------------------------------------------------------------------------------------------

  #drop_oldest() {
    if (this.#by_partner.size <= kept_conversations) return;
    const waiting = new Set(Array.from(this.#waiting.values(), ({ partner }) => partner));
    const oldest = this.list().findLast(({ draft, partner }) => draft === '' && !waiting.has(partner));
    if (oldest) this.#drop(oldest);
  }

  #drop(conversation) {
    this.#by_partner.delete(conversation.partner);
    this.#on_change('dropped', conversation);
  }
}
