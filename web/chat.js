// The chat itself: joins the connection, the conversations and the views.

import { Composer } from './composer.js';
import { Connection, socket_url } from './connection.js';
import { ConnectionView } from './connection_view.js';
import { ConversationList } from './conversation_list.js';
import { ConversationView } from './conversation_view.js';
import { Conversations } from './conversations.js';
import { by_id, set_text } from './dom.js';
import { describe_error, not_connected_text, rate_limited_text } from './errors.js';
import { Notices } from './notices.js';
import { encode_user_message, valid_id } from './protocol.js';
import { Route } from './route.js';
import { Share } from './share.js';

/** How often to look whether a message has left the browser. */
const drain_poll_ms = 40;
/** Where list and conversation are two views; the same as in chat.css. */
const narrow = matchMedia('(max-width: 719px)');

export class Chat {
  #active;
  #sending = [];
  #lifetime = new AbortController();

  constructor(me, on_sign_out) {
    const { signal } = this.#lifetime;
    this.me = me;
    this.conversations = new Conversations(me, (...change) => this.#changed(...change));
    this.connection = new Connection(socket_url(location), me);
    this.route = new Route((partner) => this.#show(partner), signal);
    this.list = new ConversationList(me, (partner) => this.route.go(partner), signal);
    this.view = new ConversationView(me, signal, {
      on_retry: (message) => this.#retry(message),
      on_read: () => this.#read_active(),
    });
    this.composer = new Composer(signal, {
      on_send: (text) => this.#send(this.#active.partner, text),
      on_draft: (text) => this.#active && (this.#active.draft = text),
      on_escape: () => this.#escape(),
    });
    this.notices = new Notices();
    this.connection_view = new ConnectionView(this.connection, signal);
    this.share = new Share(me, signal);
    by_id('back').addEventListener('click', () => this.#leave(), { signal });
    by_id('sign-out').addEventListener('click', on_sign_out, { signal });
    by_id('skip-link').addEventListener('click', (event) => this.#skip(event), { signal });
    document.addEventListener('visibilitychange', () => this.#read_active(), { signal });
    this.connection.addEventListener('state', ({ detail }) => this.#connection_changed(detail), { signal });
    this.connection.addEventListener('frame', ({ detail }) => this.#received(detail), { signal });
  }

  /** Connects, and opens the conversation with `to` where that is an id. */
  start(to) {
    set_text(by_id('my-name'), this.me.name);
    this.list.render(this.conversations.list());
    this.#connection_changed(this.connection.status);
    this.connection.connect();
    if (to && valid_id(to)) this.route.go(to);
    else this.route.apply();
    if (!this.#active) by_id('write-to').focus();
    this.#show_unread();
  }

  stop() {
    this.connection.close();
    this.#lifetime.abort();
    this.view.show(undefined);
    this.notices.clear();
  }

  // -- what the reader does -------------------------------------------------------------------------------

  #show(partner) {
    this.#active = partner ? this.conversations.open(partner, Date.now()) : undefined;
    by_id('chat').dataset.view = this.#active ? 'conversation' : 'list';
    this.list.set_active(partner);
    this.view.show(this.#active);
    this.composer.show(this.#active);
    this.#read_active();
  }

  #leave() {
    const partner = this.#active?.partner;
    this.route.leave();
    if (partner) this.list.focus(partner);
  }

  /** To the list: on a phone that is another view, elsewhere it is beside the conversation. */
  #escape() {
    if (narrow.matches) this.#leave();
    else this.list.focus(this.#active.partner);
  }

  #skip(event) {
    event.preventDefault();
    by_id(this.#active ? 'message' : 'write-to').focus();
  }

  #send(partner, text) {
    const message = this.conversations.compose(partner, text, Date.now());
    if (this.connection.send(encode_user_message(this.me, partner, text))) this.#await_departure(message);
    else this.conversations.fail(message, 'You are not connected.');
    this.view.jump_to_end();
  }

  #retry(message) {
    if (this.connection.status.state !== 'online' || !this.conversations.withdraw(message)) return;
    this.#send(message.partner, message.text);
    this.composer.focus();
  }

  /** A message has left when nothing is waiting in the browser any more. */
  #await_departure(message) {
    this.#sending.push(message);
    const look = () => {
      if (this.connection.buffered > 0) return void setTimeout(look, drain_poll_ms);
      for (const sent of this.#sending.splice(0)) this.conversations.mark_sent(sent);
    };
    setTimeout(look);
  }

  // -- what the server does -------------------------------------------------------------------------------

  #connection_changed({ state }) {
    const online = state === 'online';
    if (!online) {
      this.#sending = [];
      this.conversations.connection_lost('The connection went away before this was sent.');
    }
    this.composer.set_state(state);
    this.view.set_online(online);
  }

  #received(frame) {
    const now = Date.now();
    if (frame.kind === 'usermsg') this.conversations.receive(frame, now);
    else if (frame.kind === 'notice')
      this.conversations.add_notice(frame.text, now) || this.notices.add(frame.text, now);
    else if (frame.kind === 'not_connected')
      this.#blame(this.conversations.fail_latest_to(frame.to, not_connected_text(frame.to)), frame.text);
    else if (frame.kind === 'rate_limited')
      this.#blame(
        this.conversations.fail_latest(rate_limited_text(frame.retry_ms), now),
        rate_limited_text(frame.retry_ms),
      );
    else if (frame.kind === 'error') {
      const text = describe_error(frame);
      this.#blame(this.conversations.fail_latest(text, now), text);
    }
  }

  /** An error that fits no message is shown on its own. */
  #blame(message, text) {
    if (!message) this.notices.add(text, Date.now());
    else if (message.partner !== this.#active?.partner)
      this.#announce(`A message to ${message.partner} was not delivered. ${message.why}`);
  }

  // -- what follows from it -------------------------------------------------------------------------------

  #changed(what, conversation, entry) {
    const active = conversation === this.#active;
    if (active && what === 'added') this.view.append(entry);
    if (active && what === 'changed') this.view.update(entry);
    if (active && what === 'removed') this.view.remove(entry);
    if (active && what === 'dropped') this.route.leave();
    if (active) this.view.show_partner(conversation);
    if (what === 'added' && !entry.notice && !entry.mine) this.#arrived(conversation, entry, active);
    this.list.render(this.conversations.list());
    this.#show_unread();
  }

  #arrived(conversation, message, active) {
    if (active && this.view.being_read) this.conversations.mark_read(conversation);
    else if (!active) this.#announce(`New message from ${message.name || conversation.partner}.`);
  }

  #read_active() {
    if (this.#active && this.view.being_read) this.conversations.mark_read(this.#active);
  }

  #show_unread() {
    const unread = this.conversations.unread();
    document.title = unread > 0 ? `(${unread}) Klatch` : 'Klatch';
  }

  #announce(text) {
    by_id('announcer').textContent = text;
  }
}
