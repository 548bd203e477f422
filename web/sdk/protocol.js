// The extended dialect (version 2) of the wire protocol: frames to text and back. Pure: no socket, no DOM.

/** Longest id of a user or a project, in bytes of UTF-8. */
export const maxIdBytes = 64;
/** Longest display name, in bytes of UTF-8. */
export const maxNameBytes = 128;
/** Longest message text, in bytes of UTF-8. */
export const maxMessageBytes = 64 * 1024;

const utf8 = new TextEncoder();

/** How many bytes of UTF-8 `text` takes; a lone surrogate counts as U+FFFD, which is what would be sent. */
export function byteLength(text) {
  return utf8.encode(text).length;
}

/** `text` with lone surrogates, which UTF-8 cannot carry, replaced by U+FFFD. */
export function wellFormed(text) {
  return text.toWellFormed?.() ?? new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8.encode(text));
}

/** Returns whether `text` may be an id: 1 to 64 bytes of UTF-8 without control characters (C0, DEL, C1). */
export function validId(text) {
  return text.length > 0 && byteLength(text) <= maxIdBytes && !/[\p{Cc}\p{Surrogate}]/u.test(text);
}

/**
 * An id as somebody has typed it, spelled as the server spells new ones (RFC 8265 section 3.3.2): full and half width
 * characters are the usual ones, and what can be one character is (NFC).
 */
export function spelledId(text) {
  return text.replace(/[\u3000\uFF01-\uFFEE]+/g, (wide) => wide.normalize('NFKC')).normalize('NFC');
}

/** The frame as it is sent. Whatever a field holds, it is well formed: the server could not read it otherwise. */
function encode(frame) {
  return JSON.stringify(frame, (_, value) => (typeof value === 'string' ? wellFormed(value) : value));
}

/**
 * The frame that says who this connection is. `me` has `id`, `project`, `name` and `color`: with a `token`, or as a
 * `guest` whom the server gives an id, those that are known. `resume`, if it is given, has `epoch` and `since`. What
 * answers a frame has its `ref`, if it has one.
 */
export function encodeRegistration(me, { token, guest, resume, ref } = {}) {
  const { id, project: projectId, name, color } = me;
  return encode({ type: 'system', v: 2, token, guest, id, projectId, name, color, resume, ref });
}

/** The frame that gives the server a newer token of the same user. */
export function encodeRefresh(token, ref) {
  return encode({ type: 'refresh', token, ref });
}

/** The frame that sends `text` to the user `to`. */
export function encodeUserMessage({ to, text, cid }) {
  return encode({ type: 'user', to_id: to, message: text, cid });
}

/** The frame that says: all entries up to `seq` are here. */
export function encodeReceived(seq) {
  return encode({ type: 'recv', seq });
}

/** The frame that says: the messages of `conversation` are read up to number `n`. */
export function encodeRead(conversation, n) {
  return encode({ type: 'read', with: conversation, n });
}

/** The frame that asks for messages of `conversation` `before` or `after` a number, or for the latest. */
export function encodeHistory(conversation, { before, after, limit, ref } = {}) {
  return encode({ type: 'history', with: conversation, before, after, limit, ref });
}

/** The frame that asks for conversations: the newest, or those after the one whose last message is `before`. */
export function encodeConversations({ before, limit, ref } = {}) {
  return encode({ type: 'conversations', before, limit, ref });
}

export const pingFrame = encode({ type: 'ping' });

/**
 * What a frame of the server says: an object with `kind` and
 *   welcome        id, project, name, role: who the server takes this client for; exp, in seconds since 1970, when the
 *                  token runs out; token, a guest's own; insecure: the server asks nobody for a token; epoch, head,
 *                  recovered, pingMs, limits: { frameBytes, messageBytes }
 *   refreshed      exp, token
 *   expiring       inMs
 *   message        name, text, color, from, to; mid, n, sentAt if it is kept; seq if it is an inbox entry; role:
 *                  'guest' if it is a guest's
 *   ack            cid, sentAt; mid, n, seq if it is kept
 *   receipt        mark ('delivered' or 'read'), conversation, n, by
 *   history        conversation, before, after, messages (each as message), more
 *   conversations  conversations: [{ conversation, last (as message), unread, read, peerRead, peerDelivered;
 *                  peer: { name, color, role } if the server says so }], more
 *   error          code, text; cid, to, retryMs, temporary if the server says so; guests: they need no token
 *   reconnect      afterMs
 *   notice         text, id: the user whom it is about
 *   pong, acknowledgement (of the plain dialect)   nothing more
 *   unknown        type: a frame of a later dialect, to be ignored
 *   invalid        why: not a frame at all
 * and `ref`, if it answers a frame that had one, unless the server is of an older version.
 * Never throws. Fields that are not known are ignored; fields that are missing or of another type than expected count
 * as empty: '' or 0.
 */
export function decode(text) {
  let frame;
  try {
    frame = JSON.parse(text);
  } catch {
    return { kind: 'invalid', why: 'not JSON' };
  }
  if (!isObject(frame)) return { kind: 'invalid', why: 'not an object' };
  const { type } = frame;
  if (typeof type !== 'string') return { kind: 'invalid', why: 'no type' };
  if (!Object.hasOwn(decoders, type)) return { kind: 'unknown', type };
  const decoded = decoders[type](frame);
  return typeof frame.ref === 'string' ? { ...decoded, ref: frame.ref } : decoded;
}

const decoders = {
  usermsg: decodeMessage,
  system: decodeSystem,
  welcome: decodeWelcome,
  error: (frame) => decodeError(frame, frame.code),
  ack: ({ cid, mid, n, seq, ts }) => ({
    kind: 'ack',
    cid: stringOf(cid),
    mid: idOf(mid),
    n: countOf(n),
    seq: countOf(seq),
    sentAt: countOf(ts),
  }),
  receipt: (frame) => ({
    kind: 'receipt',
    mark: stringOf(frame.kind),
    conversation: idOf(frame.with),
    n: countOf(frame.n),
    by: idOf(frame.by),
  }),
  history: (frame) => ({
    kind: 'history',
    conversation: idOf(frame.with),
    before: countOf(frame.before),
    after: countOf(frame.after),
    messages: objectsOf(frame.messages).map(decodeMessage),
    more: frame.more === true,
  }),
  conversations: ({ conversations, more }) => ({
    kind: 'conversations',
    conversations: objectsOf(conversations).map(decodeConversation),
    more: more === true,
  }),
  refreshed: ({ exp, token }) => ({ kind: 'refreshed', exp: countOf(exp), token: stringOf(token) }),
  expiring: ({ in_ms }) => ({ kind: 'expiring', inMs: countOf(in_ms) }),
  reconnect: ({ after_ms }) => ({ kind: 'reconnect', afterMs: countOf(after_ms) }),
  pong: () => ({ kind: 'pong' }),
};

/** The text by which the server acknowledges a registration of the plain dialect. */
const acknowledgementText = 'Initial message received';

function decodeWelcome(frame) {
  const { epoch, head, recovered, ping_s, limits } = frame;
  const { frame_bytes, message_bytes } = isObject(limits) ? limits : {};
  return {
    kind: 'welcome',
    id: idOf(frame.id),
    project: idOf(frame.project),
    name: stringOf(frame.name),
    role: stringOf(frame.role),
    exp: countOf(frame.exp),
    token: stringOf(frame.token),
    insecure: frame.insecure === true,
    epoch: stringOf(epoch),
    head: countOf(head),
    recovered: recovered === true,
    pingMs: countOf(ping_s) * 1000,
    limits: { frameBytes: countOf(frame_bytes), messageBytes: countOf(message_bytes) },
  };
}

function decodeMessage(frame) {
  return {
    kind: 'message',
    name: stringOf(frame.name),
    text: stringOf(frame.message),
    color: stringOf(frame.color),
    from: idOf(frame.from),
    to: idOf(frame.to),
    mid: idOf(frame.mid),
    n: countOf(frame.n),
    seq: countOf(frame.seq),
    sentAt: countOf(frame.ts),
    ...(frame.role === 'guest' && { role: 'guest' }),
  };
}

function decodeConversation(row) {
  return {
    conversation: idOf(row.with),
    last: decodeMessage(isObject(row.last) ? row.last : {}),
    unread: countOf(row.unread),
    read: countOf(row.read),
    peerRead: countOf(row.peer_read),
    peerDelivered: countOf(row.peer_delivered),
    ...(isObject(row.peer) && { peer: decodePeer(row.peer) }),
  };
}

function decodePeer({ name, color, role }) {
  return { name: stringOf(name), color: stringOf(color), ...(role === 'guest' && { role }) };
}

function decodeSystem(frame) {
  if (stringOf(frame.error) !== '') return decodeError(frame, frame.error);
  const text = stringOf(frame.message);
  return text === acknowledgementText ? { kind: 'acknowledgement' } : { kind: 'notice', text, id: idOf(frame.id) };
}

function decodeError(frame, code) {
  return {
    kind: 'error',
    code: stringOf(code),
    text: stringOf(frame.message),
    cid: stringOf(frame.cid),
    to: idOf(frame.to),
    retryMs: countOf(frame.retry_ms),
    temporary: frame.temporary === true,
    guests: frame.guests === true,
  };
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function objectsOf(value) {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function stringOf(value) {
  return typeof value === 'string' ? value : '';
}

/** Ids are strings, but an integer is the same user as its digits. */
function idOf(value) {
  return Number.isSafeInteger(value) ? String(value) : stringOf(value);
}

function countOf(value) {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
