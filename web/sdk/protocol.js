// The extended dialect (version 2) of the wire protocol: frames to text and back. Pure: no socket, no DOM.

/** Longest id of a user or a project, in bytes of UTF-8. */
export const max_id_bytes = 64;
/** Longest display name, in bytes of UTF-8. */
export const max_name_bytes = 128;
/** Longest message text, in bytes of UTF-8. */
export const max_message_bytes = 64 * 1024;

const utf8 = new TextEncoder();

/** How many bytes of UTF-8 `text` takes; a lone surrogate counts as U+FFFD, which is what would be sent. */
export function byte_length(text) {
  return utf8.encode(text).length;
}

/** `text` with lone surrogates, which UTF-8 cannot carry, replaced by U+FFFD. */
export function well_formed(text) {
  return text.toWellFormed?.() ?? new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8.encode(text));
}

/** Whether `text` may be an id: 1 to 64 bytes of UTF-8 without control characters (C0, DEL, C1). */
export function valid_id(text) {
  return text.length > 0 && byte_length(text) <= max_id_bytes && !/[\p{Cc}\p{Surrogate}]/u.test(text);
}

/**
 * An id as somebody has typed it, spelled as the server spells new ones (RFC 8265 section 3.3.2): full and half width
 * characters are the usual ones, and what can be one character is (NFC).
 */
export function spelled_id(text) {
  return text.replace(/[\u3000\uFF01-\uFFEE]+/g, (wide) => wide.normalize('NFKC')).normalize('NFC');
}

/** The frame as it is sent. Whatever a field holds, the frame is well formed: the server could not read it otherwise. */
function encode(frame) {
  return JSON.stringify(frame, (_, value) => (typeof value === 'string' ? well_formed(value) : value));
}

/**
 * The frame that says who this connection is. `me` has `id`, `project`, `name` and `color`; `resume`, where it is given,
 * has `epoch` and `since`.
 */
export function encode_registration(me, resume) {
  const { id, project: projectId, name, color } = me;
  return encode({ type: 'system', v: 2, id, projectId, name, color, resume });
}

/** The frame that sends `text` to the user `to`. */
export function encode_user_message({ to, text, cid }) {
  return encode({ type: 'user', to_id: to, message: text, cid });
}

/** The frame that says: all entries up to `seq` are here. */
export function encode_received(seq) {
  return encode({ type: 'recv', seq });
}

/** The frame that says: the messages with `partner` are read up to number `n`. */
export function encode_read(partner, n) {
  return encode({ type: 'read', with: partner, n });
}

/** The frame that asks for messages with `partner` `before` or `after` a number, or for the latest. */
export function encode_history(partner, { before, after, limit } = {}) {
  return encode({ type: 'history', with: partner, before, after, limit });
}

/** The frame that asks for conversations: the newest, or those after the one whose last message is `before`. */
export function encode_conversations({ before, limit } = {}) {
  return encode({ type: 'conversations', before, limit });
}

export const ping_frame = encode({ type: 'ping' });

/**
 * What a frame of the server says: an object with `kind` and
 *   welcome        epoch, head, recovered, ping_ms, limits: { frame_bytes, message_bytes }
 *   usermsg        name, message, color, from, to; mid, n, ts where it is kept; seq where it is an inbox entry
 *   ack            cid, ts; mid, n, seq where it is kept
 *   receipt        mark ('delivered' or 'read'), with, n, by
 *   history        with, before, after, messages (as usermsg), more
 *   conversations  conversations: [{ with, last (as usermsg), unread, read, peer_read, peer_delivered;
 *                  peer: { name, color } where the server says so }], more
 *   error          code, text; cid, to, retry_ms, temporary where the server says so
 *   reconnect      after_ms
 *   notice         text, id: the user whom it is about
 *   pong, acknowledgement (of the plain dialect)   nothing more
 *   unknown        type: a frame of a later dialect, to be ignored
 *   invalid        why: not a frame at all
 * Never throws. Fields that are not known are ignored; fields that are missing or of another type than expected count as
 * empty: '' or 0.
 */
export function decode(text) {
  let frame;
  try {
    frame = JSON.parse(text);
  } catch {
    return { kind: 'invalid', why: 'not JSON' };
  }
  if (!is_object(frame)) return { kind: 'invalid', why: 'not an object' };
  const { type } = frame;
  if (typeof type !== 'string') return { kind: 'invalid', why: 'no type' };
  return Object.hasOwn(decoders, type) ? decoders[type](frame) : { kind: 'unknown', type };
}

const decoders = {
  usermsg: decode_usermsg,
  system: decode_system,
  welcome: decode_welcome,
  error: (frame) => decode_error(frame, frame.code),
  ack: ({ cid, mid, n, seq, ts }) => ({
    kind: 'ack',
    cid: string_of(cid),
    mid: id_of(mid),
    n: count_of(n),
    seq: count_of(seq),
    ts: count_of(ts),
  }),
  receipt: (frame) => ({
    kind: 'receipt',
    mark: string_of(frame.kind),
    with: id_of(frame.with),
    n: count_of(frame.n),
    by: id_of(frame.by),
  }),
  history: (frame) => ({
    kind: 'history',
    with: id_of(frame.with),
    before: count_of(frame.before),
    after: count_of(frame.after),
    messages: objects_of(frame.messages).map(decode_usermsg),
    more: frame.more === true,
  }),
  conversations: ({ conversations, more }) => ({
    kind: 'conversations',
    conversations: objects_of(conversations).map(decode_conversation),
    more: more === true,
  }),
  reconnect: ({ after_ms }) => ({ kind: 'reconnect', after_ms: count_of(after_ms) }),
  pong: () => ({ kind: 'pong' }),
};

/** The text by which the server acknowledges a registration of the plain dialect. */
const acknowledgement_text = 'Initial message received';

function decode_welcome({ epoch, head, recovered, ping_s, limits }) {
  const { frame_bytes, message_bytes } = is_object(limits) ? limits : {};
  return {
    kind: 'welcome',
    epoch: string_of(epoch),
    head: count_of(head),
    recovered: recovered === true,
    ping_ms: count_of(ping_s) * 1000,
    limits: { frame_bytes: count_of(frame_bytes), message_bytes: count_of(message_bytes) },
  };
}

function decode_usermsg(frame) {
  return {
    kind: 'usermsg',
    name: string_of(frame.name),
    message: string_of(frame.message),
    color: string_of(frame.color),
    from: id_of(frame.from),
    to: id_of(frame.to),
    mid: id_of(frame.mid),
    n: count_of(frame.n),
    seq: count_of(frame.seq),
    ts: count_of(frame.ts),
  };
}

function decode_conversation(row) {
  return {
    with: id_of(row.with),
    last: decode_usermsg(is_object(row.last) ? row.last : {}),
    unread: count_of(row.unread),
    read: count_of(row.read),
    peer_read: count_of(row.peer_read),
    peer_delivered: count_of(row.peer_delivered),
    ...(is_object(row.peer) && { peer: { name: string_of(row.peer.name), color: string_of(row.peer.color) } }),
  };
}

function decode_system(frame) {
  if (string_of(frame.error) !== '') return decode_error(frame, frame.error);
  const text = string_of(frame.message);
  return text === acknowledgement_text ? { kind: 'acknowledgement' } : { kind: 'notice', text, id: id_of(frame.id) };
}

function decode_error(frame, code) {
  return {
    kind: 'error',
    code: string_of(code),
    text: string_of(frame.message),
    cid: string_of(frame.cid),
    to: id_of(frame.to),
    retry_ms: count_of(frame.retry_ms),
    temporary: frame.temporary === true,
  };
}

function is_object(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function objects_of(value) {
  return Array.isArray(value) ? value.filter(is_object) : [];
}

function string_of(value) {
  return typeof value === 'string' ? value : '';
}

/** Ids are strings, but an integer is the same user as its digits. */
function id_of(value) {
  return Number.isSafeInteger(value) ? String(value) : string_of(value);
}

function count_of(value) {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
