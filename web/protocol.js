// The plain dialect of the wire protocol: frames to text and back. Pure: no socket, no DOM.

/** Longest id of a user or a project, in bytes of UTF-8. */
export const max_id_bytes = 64;
/** Longest display name, in bytes of UTF-8. */
export const max_name_bytes = 128;
/** Longest message text, in bytes of UTF-8. */
export const max_message_bytes = 64 * 1024;
/** The text by which the server acknowledges a registration. */
export const acknowledgement_text = 'Initial message received';

const utf8 = new TextEncoder();

/** How many bytes of UTF-8 `text` takes; a lone surrogate counts as U+FFFD, which is what would be sent. */
export function byte_length(text) {
  return utf8.encode(text).length;
}

/** `text` with lone surrogates, which UTF-8 cannot carry, replaced by U+FFFD. */
export function well_formed(text) {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8.encode(text));
}

/** Whether `text` may be an id: 1 to 64 bytes without control characters (C0, DEL, C1). */
export function valid_id(text) {
  return text.length > 0 && byte_length(text) <= max_id_bytes && !/[\u0000-\u001f\u007f-\u009f]/.test(text);
}

/** The frame that says who this connection is. `me` has `id`, `project`, `name` and `color`. */
export function encode_registration(me) {
  return JSON.stringify({ type: 'system', id: me.id, projectId: me.project, name: me.name, color: me.color });
}

/** The frame that carries `text`, which is well formed, from `me` to the user `to`. */
export function encode_user_message(me, to, text) {
  return JSON.stringify({
    type: 'user',
    to_id: to,
    message: text,
    name: me.name,
    id: me.id,
    projectId: me.project,
    color: me.color,
  });
}

/**
 * What a frame of the server says: an object with `kind` and
 *   usermsg          name, message, color, and from and to where the frame has them (else '')
 *   acknowledgement  nothing more
 *   notice           text
 *   not_connected    text, to
 *   rate_limited     text, retry_ms
 *   error            text, code
 *   unknown          type: a frame of a later dialect, to be ignored
 *   invalid          why: not a frame at all
 * Never throws. Fields that are not known are ignored; fields of another type than expected count as empty.
 */
export function decode(text) {
  let frame;
  try {
    frame = JSON.parse(text);
  } catch {
    return { kind: 'invalid', why: 'not JSON' };
  }
  if (frame === null || typeof frame !== 'object' || Array.isArray(frame))
    return { kind: 'invalid', why: 'not an object' };
  if (frame.type === 'usermsg') return decode_usermsg(frame);
  if (frame.type === 'system') return decode_system(frame);
  if (typeof frame.type === 'string') return { kind: 'unknown', type: frame.type };
  return { kind: 'invalid', why: 'no type' };
}

function decode_usermsg(frame) {
  return {
    kind: 'usermsg',
    name: string_of(frame.name),
    message: string_of(frame.message),
    color: string_of(frame.color),
    from: id_of(frame.from),
    to: id_of(frame.to),
  };
}

function decode_system(frame) {
  const text = string_of(frame.message);
  const code = string_of(frame.error);
  if (code === '') return text === acknowledgement_text ? { kind: 'acknowledgement' } : { kind: 'notice', text };
  const to = id_of(frame.to);
  if (code === 'not_connected' && to !== '') return { kind: 'not_connected', text, to };
  const retry_ms = milliseconds_of(frame.retry_ms);
  if (code === 'rate_limited' && retry_ms > 0) return { kind: 'rate_limited', text, retry_ms };
  return { kind: 'error', text, code };
}

function string_of(value) {
  return typeof value === 'string' ? value : '';
}

/** Ids are strings, but an integer is the same user as its digits. */
function id_of(value) {
  return Number.isSafeInteger(value) ? String(value) : string_of(value);
}

function milliseconds_of(value) {
  return Number.isFinite(value) && value > 0 ? value : 0;
}
