// The chat itself: joins the client, the conversations and the views.

import { Announcer } from './announcer.js';
import { Composer } from './composer.js';
import { ConnectionView } from './connection_view.js';
import { ConversationList } from './conversation_list.js';
import { ConversationView } from './conversation_view.js';
import { part, setText } from './dom.js';
import { Drafts } from './drafts.js';
import { describeError } from '../text/errors.js';
import { addressProblem, onSignOutElsewhere } from './identity.js';
import { onNewDay } from './midnight.js';
import { Notices } from './notices.js';
import { Route } from './route.js';
import { isolated, personName, shownId, shownLine, shownName } from '../text/safe_text.js';
import { Conversations, Loading } from '../sdk/index.js';
import { Share } from './share.js';

/** Where list and conversation are two views; the same as in phone.css. */
const narrow = matchMedia('(max-width: 44.9375em)');

const openMode = 'Open mode: nobody is asked who they are. Not for the internet.';

export class Chat {
  #root;
  #onUnread;
  #active;
  #lifetime = new AbortController();

  /**
   * The chat of `client`, whose `me` is known. `picksId`: readers of this page say themselves who they are.
   * `onSignOut(elsewhere)`: the reader wants to leave, or has in another tab; `onUnread(count)` at each change.
   */
  constructor(root, client, { picksId, onSignOut, onUnread }) {
    const { signal } = this.#lifetime;
    this.#root = root;
    this.#onUnread = onUnread;
    const me = { color: '', ...client.me };
    this.me = me;
    this.conversations = new Conversations(me);
    this.client = client;
    this.loading = new Loading(this.client, this.conversations);
    this.route = new Route((id) => this.#show(id), signal);
    this.drafts = new Drafts(me, signal);
    this.#makeViews(signal);
    this.share = new Share(root, me, picksId, signal);
    this.#listenToTheReader(signal, onSignOut);
    this.#listenToTheModel(signal);
    this.#listenToTheClient(signal);
  }

  /** Connects, and opens the conversation with `to` if that is an id. */
  start(to) {
    setText(part(this.#root, 'my-name'), shownName(this.me.name) || shownId(this.me.id));
    this.list.drawAll();
    this.#connectionChanged(this.client.status);
    this.client.connect();
    if (to) this.route.go(to);
    else this.route.apply();
    if (!this.#active) this.list.focusField();
    this.#showUnread();
  }

  signOut() {
    this.client.signOut();
    this.drafts.clear();
    this.#end();
  }

  /** Nobody can go on here before they have signed in: what was written is kept for them. */
  leave() {
    this.client.close();
    this.#end();
  }

  #end() {
    this.#lifetime.abort();
    this.view.show(undefined);
    this.notices.clear();
    setText(part(this.#root, 'open-mode'), '');
  }

  #makeViews(signal) {
    const root = this.#root;
    const { client, conversations, loading, me } = this;
    this.announcer = new Announcer(part(root, 'announcer'), signal);
    this.list = new ConversationList(part(root, 'sidebar'), { conversations, loading, me, signal }, {
      onOpen: (id) => this.route.go(id),
      onMore: () => loading.moreConversations(),
    });
    this.view = new ConversationView(part(root, 'stage'), { conversations, me, signal }, {
      onRetry: (message) => this.#retry(message),
      onRead: () => this.#readActive(),
      onJump: () => this.composer.focus(),
      onOlder: (conversation) => loading.older(conversation),
    });
    this.composer = new Composer(part(root, 'composer'), signal, {
      onSend: (text) => this.#send(this.#active.id, text),
      onDraft: (text) => this.#keepDraft(text),
      onEscape: () => this.#escape(),
    });
    this.notices = new Notices(part(root, 'notices'), (text) => this.announcer.notice(text));
    this.connectionView = new ConnectionView(root, client, signal, (text) => this.announcer.say(text));
  }

  // -- what the reader does -------------------------------------------------------------------------------

  #listenToTheReader(signal, onSignOut) {
    part(this.#root, 'back').addEventListener('click', () => this.#leave(), { signal });
    part(this.#root, 'sign-out').addEventListener('click', () => onSignOut(false), { signal });
    onSignOutElsewhere(this.me, () => onSignOut(true), signal);
    part(this.#root, 'skip-link').addEventListener('click', (event) => this.#skip(event), { signal });
    document.addEventListener('visibilitychange', () => this.#readActive(), { signal });
    window.addEventListener('focus', () => this.#readActive(), { signal });
    onNewDay(() => this.#newDay(), signal);
  }

  #show(id) {
    if (id && !this.conversations.get(id) && addressProblem(id)) return this.#turnAway(id);
    const left = this.#active;
    this.#active = id ? this.conversations.open(id) : undefined;
    if (this.#active && this.#active.draft === '') this.#active.draft = this.drafts.get(id);
    if (left && left !== this.#active) this.conversations.leave(left);
    this.#root.dataset.view = this.#active ? 'conversation' : 'list';
    this.list.setActive(id);
    this.view.show(this.#active);
    this.composer.show(this.#active);
    if (this.#active) this.#startReading();
    this.#readActive();
  }

  /** On a touch screen the keyboard would cover what is to be read first. */
  #startReading() {
    if (matchMedia('(pointer: coarse)').matches) this.view.focusName();
    else this.composer.focus();
  }

  /** A link to somebody who cannot be: no conversation that nobody would ever answer. */
  #turnAway(id) {
    const text = `The link leads to “${shownId(id.slice(0, 80))}”, which cannot be anybody’s id.`;
    this.notices.add(text, Date.now());
    this.route.leave();
  }

  #keepDraft(text) {
    if (!this.#active) return;
    this.#active.draft = text;
    this.drafts.set(this.#active.id, text);
  }

  #leave() {
    const id = this.#active?.id;
    this.route.leave();
    if (id) this.list.focus(id);
  }

  /** To the list: on a phone that is another view, elsewhere it is beside the conversation. */
  #escape() {
    if (narrow.matches) this.#leave();
    else this.list.focus(this.#active.id);
  }

  #skip(event) {
    event.preventDefault();
    if (this.#active) this.composer.focus();
    else this.list.focusField();
  }

  #send(id, text) {
    const code = this.client.sendProblem(id, text);
    if (code) {
      this.notices.add(`${describeError({ code, text: '' })} It stays where you wrote it.`, Date.now());
      return false;
    }
    this.client.send(id, text);
    this.view.jumpToEnd();
    return true;
  }

  #retry(message) {
    if (!this.#send(message.conversation, message.text)) return;
    this.conversations.withdraw(message);
    this.composer.focus();
  }

  // -- what the client reports ----------------------------------------------------------------------------

  #listenToTheClient(signal) {
    const { conversations } = this;
    const handlers = {
      state: (status) => this.#connectionChanged(status),
      welcome: (welcome) => this.#welcomed(welcome),
      message: (message) => conversations.receive(message, Date.now()),
      queued: (message) => conversations.queued(message),
      sent: (message) => conversations.sent(message),
      failed: (message) => this.#failed(message),
      receipt: (receipt) => conversations.receipt(receipt),
      notice: (notice) =>
        conversations.addNotice(notice, Date.now()) || this.notices.add(notice.text, Date.now()),
      error: (error) => this.notices.add(describeError(error), Date.now()),
      unkept: () =>
        this.notices.add(
          'This browser keeps nothing for this page: what waits to be sent is lost when you close the window.',
          Date.now(),
        ),
    };
    for (const [type, handle] of Object.entries(handlers))
      this.client.addEventListener(type, ({ detail }) => handle(detail), { signal });
  }

  #connectionChanged({ state }) {
    this.composer.setState(state);
    this.view.setOnline(state === 'online');
  }

  #welcomed({ recovered, kept, insecure }) {
    setText(part(this.#root, 'open-mode'), insecure ? openMode : '');
    this.conversations.setKept(kept);
    if (kept) {
      if (!recovered) this.conversations.reset(this.#active?.id);
      this.loading.welcomed({ recovered });
    }
    this.view.checkStart();
  }

  #failed(message) {
    const whom = isolated(shownId(message.to));
    const why = message.code === 'not_connected' ? `${whom} is not connected.` : describeError(message);
    this.conversations.failed(message, why);
    this.announcer.failed(`A message to ${whom} was not delivered. ${why}`);
  }

  // -- what follows from it -------------------------------------------------------------------------------

  #listenToTheModel(signal) {
    const { conversations } = this;
    const handlers = {
      added: ({ conversation, entry }) => entry.mine || this.#arrived(conversation, entry),
      older: ({ conversation, entries }) => conversation === this.#active && this.#olderCame(entries.length),
      dropped: ({ conversation }) => conversation === this.#active && this.route.leave(),
      change: () => this.#showUnread(),
    };
    for (const [type, handle] of Object.entries(handlers))
      conversations.addEventListener(type, ({ detail }) => handle(detail), { signal });
  }

  #olderCame(count) {
    this.#readActive();
    if (count > 0 && !this.view.atEnd) this.announcer.say(`${count} older messages loaded.`);
  }

  #arrived(conversation, message) {
    if (message.notice) return this.announcer.notice(shownLine(message.text));
    const active = conversation === this.#active;
    if (active) this.#readActive();
    this.announcer.message(isolated(personName({ id: message.from, name: message.name })), active ? message.text : '');
  }

  #readActive() {
    if (!this.#active || !this.view.beingRead) return;
    const n = this.conversations.markRead(this.#active);
    if (n > 0) this.client.markRead(this.#active.id, n);
  }

  #newDay() {
    this.view.showDays();
    this.list.drawAll();
  }

  #showUnread() {
    this.#onUnread(this.conversations.unread());
  }
}
