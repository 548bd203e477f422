// Who signs in: checked, and kept in the browser.

import { byte_length, max_id_bytes, max_name_bytes, valid_id, well_formed } from './sdk/protocol.js';

const key = 'klatch.identity';
const fields = ['name', 'id', 'project', 'color'];

/**
 * Checks what was typed: { identity } where it can be signed in with, else { errors } with a sentence for each field
 * that is wrong. A name that is left out is the id.
 */
export function check_identity(typed) {
  const identity = Object.fromEntries(fields.map((field) => [field, (typed[field] ?? '').trim()]));
  identity.name = well_formed(identity.name || identity.id);
  const errors = {};
  for (const field of ['id', 'project']) {
    const problem = id_problem(identity[field]);
    if (problem) errors[field] = problem;
  }
  if (byte_length(identity.name) > max_name_bytes) errors.name = 'This name is too long.';
  return Object.keys(errors).length > 0 ? { errors } : { identity };
}

/** What is wrong with an id, in a sentence; nothing where it is fine. */
export function id_problem(id) {
  if (id === '') return 'This is needed.';
  if (byte_length(id) > max_id_bytes) return `This is too long: ${max_id_bytes} bytes at most.`;
  if (!valid_id(id)) return 'This holds a character that cannot be used.';
  return undefined;
}

/** Who this tab is signed in as, or nothing. */
export function current_identity() {
  return read('sessionStorage');
}

/** Who signed in last in this browser, or nothing: fills in the sign-in form of a new tab. */
export function last_identity() {
  return read('localStorage');
}

/** Keeps an identity for this tab's reloads, and for the next tab's form. */
export function keep_identity(identity) {
  for (const storage of ['sessionStorage', 'localStorage'])
    attempt(() => window[storage].setItem(key, JSON.stringify(identity)));
}

/** Signs this tab out; its form stays filled in. */
export function forget_current_identity() {
  attempt(() => window.sessionStorage.removeItem(key));
}

function read(storage) {
  const kept = attempt(() => JSON.parse(window[storage].getItem(key)));
  if (!kept || typeof kept !== 'object' || fields.some((field) => typeof kept[field] !== 'string')) return undefined;
  return check_identity(kept).identity;
}

/** A browser may forbid storage: then nothing is kept, and nothing else changes. */
function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
