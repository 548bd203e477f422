// The conversations of this window: who said what, what became of it, what is unread. Pure: no socket, no DOM.

/** How many messages a conversation keeps, the newest. */
export const kept_messages = 1000;
/** How many conversations are kept, those with the latest activity. */
export const kept_conversations = 500;
/** An error that names no message is taken to be about one sent at most this long ago. */
const blame_window_ms = 30_000;

/**
 * A conversation: { partner, name, color, messages, unread, active_at, draft }.
 * A message: { key, partner, mine, name, color, text, at, state, why } with `state` of my own ones
 *   sending  not handed to the network yet
 *   sent     handed to the server, which acknowledges nothing in the plain dialect
 *   failed   not delivered, for the reason `why`
 * A notice: { key, notice: true, text, at }.
 *
 * `on_change(what, conversation, entry)` tells of: opened, added, changed, removed (an entry), read, dropped.
 */
export class Conversations {
  #me;
  #on_change;
  #by_partner = new Map();
  #next_key = 1;
  /** My messages of the connection that is up, not failed, oldest first: what an answer of the server can be about. */
  #unresolved = [];

  constructor(me, on_change = () => {}) {
    this.#me = me;
    this.#on_change = on_change;
  }

  get(partner) {
    return this.#by_partner.get(partner);
  }

  /** All, the latest activity first. */
  list() {
    return [...this.#by_partner.values()].sort((a, b) => b.active_at - a.active_at);
  }

  unread() {
    let sum = 0;
    for (const conversation of this.#by_partner.values()) sum += conversation.unread;
    return sum;
  }

  /** The conversation with `partner`, made where there is none. */
  open(partner, now) {
    let conversation = this.#by_partner.get(partner);
    if (conversation) return conversation;
    const mine = partner === this.#me.id;
    conversation = {
      partner,
      name: mine ? this.#me.name : '',
      color: mine ? this.#me.color : '',
      messages: [],
      unread: 0,
      active_at: now,
      draft: '',
    };
    this.#by_partner.set(partner, conversation);
    this.#on_change('opened', conversation);
    this.#drop_oldest();
    return conversation;
  }

  /** Takes a `usermsg`; returns what was added, or nothing where it is the echo of a note that is there already. */
  receive(frame, now) {
    const mine = frame.from === this.#me.id;
    const partner = (mine ? frame.to : frame.from) || frame.name || '?';
    if (mine && partner === this.#me.id && this.#settle_echo(frame.message)) return undefined;
    const conversation = this.open(partner, now);
    if (!mine) Object.assign(conversation, { name: frame.name, color: frame.color });
    const { name, color, message: text } = frame;
    if (!mine) ++conversation.unread;
    return this.#add(conversation, { mine, name, color, text, at: now, state: mine ? 'sent' : '', why: '' });
  }

  /** Adds a message of mine that is about to be handed to the connection. */
  compose(partner, text, now) {
    const { name, color } = this.#me;
    const message = { mine: true, name, color, text, at: now, state: 'sending', why: '' };
    this.#add(this.open(partner, now), message);
    this.#unresolved.push(message);
    if (this.#unresolved.length > kept_messages) this.#unresolved.shift();
    return message;
  }

  /** The network has taken `message`. */
  mark_sent(message) {
    if (message.state === 'sending') this.#set_state(message, 'sent');
  }

  fail(message, why) {
    this.#unresolved = this.#unresolved.filter((other) => other !== message);
    this.#set_state(message, 'failed', why);
  }

  /** Removes a failed message, to be composed anew. */
  withdraw(message) {
    const conversation = this.#by_partner.get(message.partner);
    const at = conversation?.messages.indexOf(message) ?? -1;
    if (at < 0 || message.state !== 'failed') return false;
    conversation.messages.splice(at, 1);
    this.#on_change('removed', conversation, message);
    return true;
  }

  /** The server said that `to` is not connected: the latest of mine to them was not delivered. */
  fail_latest_to(to, why) {
    const message = this.#unresolved.findLast((other) => other.partner === to);
    if (message) this.fail(message, why);
    return message;
  }

  /** The server refused a frame without saying which: the latest of mine, if it is recent. */
  fail_latest(why, now) {
    const message = this.#unresolved.at(-1);
    if (!message || now - message.at > blame_window_ms) return undefined;
    this.fail(message, why);
    return message;
  }

  /** The connection is gone: what had not left the browser failed, and no answer can come for the rest. */
  connection_lost(why) {
    for (const message of this.#unresolved.filter(({ state }) => state === 'sending')) this.fail(message, why);
    this.#unresolved = [];
  }

  /** Adds "NAME disconnected" to the conversations with someone of that name; false where there is none. */
  add_notice(text, now) {
    const concerned = this.list().filter(({ name, partner }) => text === `${name || partner} disconnected`);
    for (const conversation of concerned) this.#add(conversation, { notice: true, text, at: now });
    return concerned.length > 0;
  }

  mark_read(conversation) {
    if (conversation.unread === 0) return;
    conversation.unread = 0;
    this.#on_change('read', conversation);
  }

  #add(conversation, entry) {
    entry.key = this.#next_key++;
    entry.partner = conversation.partner;
    conversation.messages.push(entry);
    if (!entry.notice) conversation.active_at = entry.at;
    this.#on_change('added', conversation, entry);
    if (conversation.messages.length > kept_messages)
      this.#on_change('removed', conversation, conversation.messages.shift());
    return entry;
  }

  #set_state(message, state, why = '') {
    Object.assign(message, { state, why });
    const conversation = this.#by_partner.get(message.partner);
    if (conversation) this.#on_change('changed', conversation, message);
  }

  /** A note to myself comes back to the device that sent it, too. */
  #settle_echo(text) {
    const at = this.#unresolved.findIndex((note) => note.partner === this.#me.id && note.text === text);
    if (at < 0) return false;
    const [note] = this.#unresolved.splice(at, 1);
    this.mark_sent(note);
    return true;
  }

  #drop_oldest() {
    if (this.#by_partner.size <= kept_conversations) return;
    const candidates = this.list().filter(({ draft }) => draft === '');
    const oldest = candidates.at(-1);
    if (!oldest) return;
    this.#by_partner.delete(oldest.partner);
    this.#on_change('dropped', oldest);
  }
}
