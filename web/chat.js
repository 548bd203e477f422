// The chat itself: joins the client, the conversations and the views.

import { Announcer } from './announcer.js';
import { Composer } from './composer.js';
import { ConnectionView } from './connection_view.js';
import { ConversationList } from './conversation_list.js';
import { ConversationView } from './conversation_view.js';
import { Conversations } from './conversations.js';
import { by_id, set_text } from './dom.js';
import { Drafts } from './drafts.js';
import { describe_error } from './errors.js';
import { address_problem, on_sign_out_elsewhere } from './identity.js';
import { Loading } from './loading.js';
import { on_new_day } from './midnight.js';
import { Notices } from './notices.js';
import { Route } from './route.js';
import { isolated, person_name, shown_id, shown_line, shown_name } from './safe_text.js';
import { KlatchClient } from './sdk/client.js';
import { socket_url } from './sdk/connection.js';
import { Share } from './share.js';

/** Where list and conversation are two views; the same as in phone.css. */
const narrow = matchMedia('(max-width: 44.9375em)');

export class Chat {
  #active;
  #lifetime = new AbortController();

  constructor(me, on_sign_out) {
    const { signal } = this.#lifetime;
    this.me = me;
    this.announcer = new Announcer(signal);
    this.conversations = new Conversations(me, (...change) => this.#changed(...change));
    this.client = new KlatchClient({ url: socket_url(document.baseURI), me });
    this.loading = new Loading(this.client, this.conversations, (state) => this.list.set_loading(state));
    this.route = new Route((partner) => this.#show(partner), signal);
    this.list = new ConversationList(me, signal, {
      on_open: (partner) => this.route.go(partner),
      on_more: () => this.loading.more_conversations(),
    });
    this.view = new ConversationView(me, signal, {
      on_retry: (message) => this.#retry(message),
      on_read: () => this.#read_active(),
      on_older: (conversation) => this.loading.older(conversation),
    });
    this.composer = new Composer(signal, {
      on_send: (text) => this.#send(this.#active.partner, text),
      on_draft: (text) => this.#keep_draft(text),
      on_escape: () => this.#escape(),
    });
    this.drafts = new Drafts(me, signal);
    this.notices = new Notices((text) => this.announcer.notice(text));
    this.connection_view = new ConnectionView(this.client, signal, (text) => this.announcer.say(text));
    this.share = new Share(me, signal);
    this.#listen_to_the_reader(signal, on_sign_out);
    this.#listen_to_the_client(signal);
  }

  /** Connects, and opens the conversation with `to` where that is an id. */
  start(to) {
    set_text(by_id('my-name'), shown_name(this.me.name) || shown_id(this.me.id));
    this.list.render(this.conversations.list());
    this.#connection_changed(this.client.status);
    this.client.connect();
    if (to) this.route.go(to);
    else this.route.apply();
    if (!this.#active) by_id('write-to').focus();
    this.#show_unread();
  }

  sign_out() {
    this.client.close();
    this.drafts.clear();
    this.#lifetime.abort();
    this.view.show(undefined);
    this.notices.clear();
  }

  // -- what the reader does -------------------------------------------------------------------------------

  #listen_to_the_reader(signal, on_sign_out) {
    by_id('back').addEventListener('click', () => this.#leave(), { signal });
    by_id('sign-out').addEventListener('click', () => on_sign_out(false), { signal });
    on_sign_out_elsewhere(this.me, () => on_sign_out(true), signal);
    by_id('skip-link').addEventListener('click', (event) => this.#skip(event), { signal });
    document.addEventListener('visibilitychange', () => this.#read_active(), { signal });
    window.addEventListener('focus', () => this.#read_active(), { signal });
    on_new_day(() => this.#new_day(), signal);
  }

  #show(partner) {
    if (partner && !this.conversations.get(partner) && address_problem(partner)) return this.#turn_away(partner);
    const left = this.#active;
    this.#active = partner ? this.conversations.open(partner) : undefined;
    if (this.#active && this.#active.draft === '') this.#active.draft = this.drafts.get(partner);
    if (left && left !== this.#active) this.conversations.leave(left);
    by_id('chat').dataset.view = this.#active ? 'conversation' : 'list';
    this.list.set_active(partner);
    this.view.show(this.#active);
    this.composer.show(this.#active);
    this.#read_active();
  }

  /** A link to somebody who cannot be: no conversation that nobody would ever answer. */
  #turn_away(partner) {
    const text = `The link leads to “${shown_id(partner.slice(0, 80))}”, which cannot be anybody’s id.`;
    this.notices.add(text, Date.now());
    this.route.leave();
  }

  #keep_draft(text) {
    if (!this.#active) return;
    this.#active.draft = text;
    this.drafts.set(this.#active.partner, text);
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
    const code = this.client.send_problem(partner, text);
    if (code) {
      this.notices.add(`${describe_error({ code, text: '' })} It stays where you wrote it.`, Date.now());
      return false;
    }
    this.client.send(partner, text);
    this.view.jump_to_end();
    return true;
  }

  #retry(message) {
    if (!this.#send(message.partner, message.text)) return;
    this.conversations.withdraw(message);
    this.composer.focus();
  }

  // -- what the client tells ------------------------------------------------------------------------------

  #listen_to_the_client(signal) {
    const { conversations } = this;
    const handlers = {
      state: (status) => this.#connection_changed(status),
      welcome: (welcome) => this.#welcomed(welcome),
      message: (message) => conversations.receive(message, Date.now()),
      queued: (message) => conversations.queued(message),
      sent: (message) => conversations.sent(message),
      failed: (message) => this.#failed(message),
      receipt: (receipt) => conversations.receipt(receipt),
      notice: (notice) =>
        conversations.add_notice(notice, Date.now()) || this.notices.add(notice.text, Date.now()),
      error: (error) => this.notices.add(describe_error(error), Date.now()),
      unkept: () =>
        this.notices.add(
          'This browser keeps nothing for this page: what waits to be sent is lost when you close the window.',
          Date.now(),
        ),
    };
    for (const [type, handle] of Object.entries(handlers))
      this.client.addEventListener(type, ({ detail }) => handle(detail), { signal });
  }

  #connection_changed({ state }) {
    this.composer.set_state(state);
    this.view.set_online(state === 'online');
  }

  #welcomed({ recovered, kept }) {
    this.conversations.set_kept(kept);
    if (kept) {
      if (!recovered) this.conversations.reset(this.#active?.partner);
      this.loading.welcomed({ recovered });
    }
    this.view.check_start();
  }

  #failed(message) {
    const partner = isolated(shown_id(message.to));
    const why = message.code === 'not_connected' ? `${partner} is not connected.` : describe_error(message);
    this.conversations.failed(message, why);
    this.announcer.failed(`A message to ${partner} was not delivered. ${why}`);
  }

  // -- what follows from it -------------------------------------------------------------------------------

  #changed(what, conversation, entry, at) {
    if (conversation === this.#active) this.#show_change(what, conversation, entry, at);
    if (what === 'added' && !entry.mine) this.#arrived(conversation, entry);
    this.#render_list();
  }

  #show_change(what, conversation, entry, at) {
    const views = {
      added: () => this.view.add(entry, at),
      changed: () => this.view.update(at),
      moved: () => this.view.move(at),
      removed: () => this.view.remove(entry, at),
      older: () => this.view.add_older(entry),
      reset: () => this.view.show(conversation),
      dropped: () => this.route.leave(),
    };
    views[what]?.();
    if (what === 'dropped') return;
    this.view.show_partner(conversation);
    if (what === 'older') this.#older_came(entry.length);
  }

  #older_came(count) {
    this.#read_active();
    if (count > 0 && !this.view.at_end) this.announcer.say(`${count} older messages loaded.`);
  }

  #arrived(conversation, message) {
    if (message.notice) return this.announcer.notice(shown_line(message.text));
    const active = conversation === this.#active;
    if (active) this.#read_active();
    this.announcer.message(isolated(person_name(message)), active ? message.text : '');
  }

  #read_active() {
    if (!this.#active || !this.view.being_read) return;
    const n = this.conversations.mark_read(this.#active);
    if (n > 0) this.client.mark_read(this.#active.partner, n);
  }

  #new_day() {
    this.view.show_days();
    this.#render_list();
  }

  #render_list() {
    this.list.render(this.conversations.list());
    this.#show_unread();
  }

  #show_unread() {
    const unread = this.conversations.unread();
    document.title = unread > 0 ? `(${unread}) Klatch` : 'Klatch';
  }
}
