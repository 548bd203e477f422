// The client: what an application needs to chat, in one object.

import { Connection } from './connection.js';
import { Cursor } from './cursor.js';
import { browserEnvironment } from './environment.js';
import { isTemporary } from './error_codes.js';
import { Marks } from './marks.js';
import { Outbox } from './outbox.js';
import {
  byteLength,
  encodeConversations,
  encodeHistory,
  encodeUserMessage,
  maxMessageBytes,
  validId,
  wellFormed,
} from './protocol.js';
import { Renewal } from './renewal.js';
import { Requests } from './requests.js';
import { SignIn } from './sign_in.js';

/** A server that returns this with its welcome returns every `ref`. */
const registrationRef = 'r0';
/** Closes that say that something sent was at fault, and the error that says the same of a message. */
const faults = new Map([
  [1002, 'bad_frame'],
  [1003, 'bad_frame'],
  [1007, 'bad_json'],
  [1008, 'bad_frame'],
  [1009, 'too_large'],
]);

/**
 * A user's connection to a Klatch server. It reconnects by itself, goes on where it was, and keeps what is sent until
 * the server has it, over reloads of the page too.
 *
 *     const me = { id: '7', project: '2424', name: 'Ann', color: '' };
 *     const client = new KlatchClient({ url: 'wss://chat.example/chat', me });
 *     client.addEventListener('message', ({ detail }) => show(detail.from, detail.text));
 *     client.connect();
 *     client.send('5', 'hi');
 *
 * Where the site signs its users in, it gives each a token, which says who they are; `me` may have a color then, and
 * `id` and `project` only to insist on them:
 *
 *     const token = async ({ signal }) => (await fetch('/chat-token', { signal })).text();
 *     const client = new KlatchClient({ url: 'wss://chat.example/chat', token });
 *
 * The function is asked before the first connection, before the token runs out, and after the server has refused one;
 * in between the client reconnects with the token that it has. It is renewed on the open connection.
 *
 * Events, each with a `detail`:
 *   state    { state, why, retryAt, code }: connecting, online, offline, signedOut, closed (see connection.js)
 *   signedIn { id, project, name, color, role }: `me`, as the server knows it; before each `welcome`
 *   welcome  { recovered, kept, insecure }: online. If it has not recovered, messages may be missing: load
 *            conversations afresh. `kept` says whether the server keeps messages at all, `insecure` that it asks nobody
 *            for a token.
 *   signedOut { code, text, guests }: the server accepts no token that there is, and this client has stopped. What
 *            waits to be sent is kept. `guests` says that visitors may come without a token.
 *   tokenFailed { text }: the site's function gave no token this time; it is asked again
 *   message  a message, mine from another device or window included, with the fields of `message` (see protocol.js)
 *   queued   { cid, to, text, sentAt }: a message of mine waits to be sent, of this window or another, or left over
 *   sent     { cid, to, mid, n, sentAt }: the server has it (n is 0 if it keeps no messages)
 *   failed   { cid, to, code, text }: the server will not take it
 *   receipt  { mark, conversation, n, by }
 *   notice   { text, id }: `id` is the user whom it is about
 *   error    { code, text }: one that is about nothing in particular
 *   unkept   { why }: this browser keeps nothing; what waits is lost with the window. Once at most.
 */
export class KlatchClient extends EventTarget {
  #connection;
  #cursor = new Cursor();
  #signIn;
  #renewal;
  #marks;
  #outbox;
  #requests;
  #welcome;
  #startingOver = false;

  /**
   * @param {object} options
   * @param {string} options.url of the chat's WebSocket
   * @param {{id?: string, project?: string, name?: string, color?: string}} [options.me] `id` and `project` are needed
   *   without a token; a guest needs `project`
   * @param {string | ((why: {refused: boolean, signal: AbortSignal}) => string | Promise<string>)} [options.token] a
   *   JWT of the site, or how to get one. The function has 10 s, gives '' where nobody is signed in, and where it
   *   throws or rejects it is asked again after a while. A text cannot be renewed: see `setToken`.
   * @param {boolean} [options.guest] whoever has no token is a guest, the same one for as long as this browser keeps
   *   the server's token for it
   * @param {object} [options.environment] clock, sockets and storage, for tests
   */
  constructor({ url, me = {}, token, guest, environment = browserEnvironment() }) {
    super();
    this.#signIn = new SignIn({ me, token, guest, service: serviceOf(url), environment });
    const registration = () => this.#signIn.registration({ resume: this.#cursor.resume(), ref: registrationRef });
    this.#connection = new Connection({ url, signIn: this.#signIn, registration, environment });
    const send = (text) => this.#connection.send(text);
    this.#renewal = new Renewal({
      environment,
      signIn: this.#signIn,
      send,
      onFailed: (error) => this.#emit('tokenFailed', { text: error.message }),
      onNobody: () => this.#connection.signOut({ code: 'unauthorized', text: '', guests: false }),
    });
    this.#marks = new Marks(environment, send);
    this.#requests = new Requests(environment, send);
    this.#outbox = new Outbox({
      owner: this.#signIn.known.then(({ id, project }) => JSON.stringify([serviceOf(url), project, id])),
      environment,
      transmit: (record) => this.#transmit(record),
      emit: (what, record, detail) => this.#outboxChanged(what, record, detail),
    });
    this.#listen();
  }

  /** { state, why, retryAt, code }; see connection.js */
  get status() {
    return this.#connection.status;
  }

  /** { id, project, name, color, role }: what was given, and from the first `signedIn` on what the server knows. */
  get me() {
    return this.#signIn.me;
  }

  /** Connects, unless it is connected or connecting. Once signed out, it asks for a token anew. */
  connect() {
    this.#connection.connect();
  }

  /** Ends the client for good. Messages that wait are sent by the next client of the same user in this browser. */
  close() {
    this.#outbox.close();
    this.#marks.close();
    this.#connection.close();
  }

  /** Takes another token of the same user, or another way to get one, and starts anew with it if it was signed out. */
  setToken(token) {
    this.#signIn.begin(token);
    if (this.status.state === 'online') this.#renewal.startAnew();
    else this.#connection.startAnew();
  }

  /** Ends the client for good. A guest is forgotten: the next one of this browser is another. */
  signOut() {
    if (this.#signIn.isGuest) this.#signIn.forget();
    this.close();
  }

  /**
   * Sends `text` to the user `to`, now or as soon as that is possible. Lone surrogates, which cannot be sent, become
   * U+FFFD.
   * @returns {string | undefined} the message's `cid`; nothing if `sendProblem` finds one
   */
  send(to, text) {
    const sendable = wellFormed(text);
    return this.sendProblem(to, sendable) === '' ? this.#outbox.put(to, sendable)?.cid : undefined;
  }

  /**
   * Why `send` would not take this: bad_id, empty, too_large, busy (too many wait already), or '' if it would. The
   * server may still refuse it: `failed`.
   */
  sendProblem(to, text) {
    if (!validId(to)) return 'bad_id';
    if (text === '') return 'empty';
    const limit = this.#welcome?.limits.messageBytes || maxMessageBytes;
    // No text is longer in UTF-8 than three bytes a code unit: most need no counting.
    if (text.length * 3 > limit && byteLength(text) > limit) return 'too_large';
    return this.#outbox.full ? 'busy' : '';
  }

  /** Marks the messages of `conversation` as read up to number `n`. */
  markRead(conversation, n) {
    this.#marks.read(conversation, n);
  }

  /**
   * Messages of `conversation` in the order of `n`: those `before` or `after` a number, or the latest.
   * @returns {Promise<{messages: object[], more: boolean}>} rejects with a RequestError
   */
  history(conversation, { before, after, limit } = {}) {
    const isAnswer = (frame) =>
      frame.kind === 'history' &&
      frame.conversation === conversation &&
      frame.before === (before ?? 0) &&
      frame.after === (after ?? 0);
    return this.#requests.ask((ref) => encodeHistory(conversation, { before, after, limit, ref }), isAnswer);
  }

  /**
   * Conversations, the newest first: all, or those after the one whose last message has the `mid` `before`.
   * @returns {Promise<{conversations: object[], more: boolean}>} rejects with a RequestError
   */
  async conversations({ before, limit } = {}) {
    const encode = (ref) => encodeConversations({ before, limit, ref });
    const page = await this.#requests.ask(encode, ({ kind }) => kind === 'conversations');
    if (this.#startingOver && before === undefined) this.#caughtUp();
    return page;
  }

  // -- the connection ------------------------------------------------------------------------------------------

  #listen() {
    const connection = this.#connection;
    connection.addEventListener('state', ({ detail }) => this.#connectionChanged(detail));
    connection.addEventListener('frame', ({ detail }) => this.#received(detail));
    connection.addEventListener('signedOut', ({ detail: { code, text, guests } }) =>
      this.#emit('signedOut', { code, text, guests }),
    );
    connection.addEventListener('tokenFailed', ({ detail }) => this.#emit('tokenFailed', { text: detail.message }));
  }

  #connectionChanged(status) {
    const online = status.state === 'online';
    if (!online) {
      const fault = faults.get(status.code);
      if (fault) this.#outbox.blamed({ code: fault, text: status.why });
      this.#renewal.stop();
      this.#outbox.offline();
      this.#requests.offline();
    }
    this.#emit('state', status);
    if (!online) return;
    const { recovered, epoch, insecure } = this.#welcome;
    this.#emit('signedIn', this.me);
    this.#emit('welcome', { recovered, kept: epoch !== '', insecure });
    this.#outbox.online();
  }

  #received(frame) {
    const handlers = {
      welcome: () => this.#welcomed(frame),
      refreshed: () => this.#renewal.refreshed(frame),
      expiring: () => this.#renewal.expiring(),
      message: () => this.#entry(frame),
      ack: () => this.#acknowledged(frame),
      receipt: () => this.#emit('receipt', frame),
      notice: () => this.#emit('notice', frame),
      error: () => this.#failed(frame),
      history: () => this.#requests.answered(frame),
      conversations: () => this.#requests.answered(frame),
    };
    handlers[frame.kind]?.();
  }

  #welcomed(frame) {
    this.#welcome = frame;
    this.#signIn.welcomed(frame);
    this.#renewal.welcomed(frame);
    this.#startingOver = !frame.recovered;
    this.#cursor.welcomed(frame);
    this.#requests.online(frame.ref === registrationRef);
    if (frame.recovered) this.#marks.resumed();
    else this.#marks.startedOver();
  }

  #entry(frame) {
    this.#emit('message', frame);
    this.#seen(frame.seq);
  }

  #acknowledged(frame) {
    this.#outbox.acknowledged(frame);
    this.#seen(frame.seq);
  }

  #seen(seq) {
    if (seq === 0) return;
    this.#cursor.seen(seq);
    if (!this.#startingOver) this.#marks.received(this.#cursor.since);
  }

  /** The conversations are here, and with them every entry up to the cursor. */
  #caughtUp() {
    this.#startingOver = false;
    if (this.#cursor.since > 0) this.#marks.received(this.#cursor.since);
  }

  #failed(error) {
    if (this.#renewal.refused(error)) return this.#emit('error', error);
    const known = error.cid !== '' ? this.#outbox.refused(error) : this.#unnamed(error);
    if (!known) this.#emit('error', error);
  }

  /** An error that names no message is about the request that its `ref` names, or, without one, about what is open. */
  #unnamed(error) {
    // A request is made of ids and numbers: it is always JSON.
    if (error.code === 'bad_json') return this.#outbox.blamed(error) || this.#requests.refused(error);
    return this.#requests.refused(error) || (!isTemporary(error) && this.#outbox.blamed(error));
  }

  // -- the outbox ----------------------------------------------------------------------------------------------

  /** A frame over the limit would end the connection, and one to an impossible id reach another: it is not sent. */
  #transmit(record) {
    if (!validId(record.to)) return this.#outbox.refused({ cid: record.cid, code: 'bad_id', text: '' });
    const frame = encodeUserMessage(record);
    const limit = this.#welcome.limits.frameBytes;
    if (limit === 0 || byteLength(frame) <= limit) return this.#connection.send(frame);
    this.#outbox.refused({ cid: record.cid, code: 'too_large', text: `over ${limit} bytes as it is sent` });
    return true;
  }

  #outboxChanged(what, record, detail) {
    if (what === 'unkept') return this.#emit('unkept', { why: String(detail) });
    const { cid, to, text, at } = record;
    const news = {
      queued: () => ({ cid, to, text, sentAt: at }),
      sent: () => ({ cid, to, mid: detail.mid, n: detail.n, sentAt: detail.sentAt }),
      failed: () => ({ cid, to, code: detail.code, text: detail.text }),
    };
    this.#emit(what, news[what]());
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Names a server: one behind a proxy has a part of a host's paths, and there may be others beside it. */
function serviceOf(url) {
  const { host, pathname } = new URL(url);
  return host + pathname.slice(0, pathname.lastIndexOf('/'));
}
