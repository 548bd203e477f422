// Who signs in: checked, and kept in the browser.

import { shown_name } from './safe_text.js';
import { byte_length, max_id_bytes, max_name_bytes, spelled_id, valid_id, well_formed } from './sdk/protocol.js';

const key = 'klatch.identity';
/** There while the identity that localStorage has is signed in; it signs in new tabs. */
const signed_in_key = 'klatch.signed_in';
/** Written by a tab that signs out, for the others to hear. */
const signed_out_key = 'klatch.signed_out';
const fields = ['name', 'id', 'project', 'color'];

/**
 * Checks what was typed: { identity } where it can be signed in with, else { errors } with a sentence for each field
 * that is wrong. A name that is left out is the id.
 */
export function check_identity({ id = '', project = '', ...typed }) {
  return check_kept({ ...typed, id: spelled_id(id), project: spelled_id(project) });
}

/** The same of what has been signed in with: an id of an older version stays as it was. */
function check_kept(typed) {
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
function id_problem(id) {
  if (id === '') return 'This is needed.';
  if (byte_length(id) > max_id_bytes) return `This is too long: ${max_id_bytes} bytes at most.`;
  if (!valid_id(id)) return 'This holds a character that cannot be used.';
  return undefined;
}

/** What is wrong with an id to write to; one of nothing visible may be in an old store, but nobody means it. */
export function address_problem(id) {
  return id_problem(id) ?? (shown_name(id) === '' ? 'This holds nothing that can be seen.' : undefined);
}

/** Who this tab is signed in as, or, in a new one, who signed in last and has not signed out; or nothing. */
export function current_identity() {
  return read('sessionStorage') ?? (attempt(() => localStorage.getItem(signed_in_key)) ? last_identity() : undefined);
}

/** Who signed in last in this browser, or nothing: fills in the sign-in form of a new tab. */
export function last_identity() {
  return read('localStorage');
}

/** Keeps an identity for this tab's reloads, and for the next tab's form. */
export function keep_identity(identity) {
  for (const storage of ['sessionStorage', 'localStorage'])
    attempt(() => window[storage].setItem(key, JSON.stringify(identity)));
  attempt(() => localStorage.setItem(signed_in_key, 'yes'));
}

/** Signs `me` out of this tab, and of new ones; the form stays filled in. Other tabs of `me` are told. */
export function sign_out_everywhere(me) {
  forget_current_identity();
  if (same_user(last_identity(), me)) attempt(() => localStorage.removeItem(signed_in_key));
  const news = JSON.stringify({ id: me.id, project: me.project, nonce: Math.random() });
  attempt(() => localStorage.setItem(signed_out_key, news));
}

/** Signs this tab out, as another one has. */
export function forget_current_identity() {
  attempt(() => window.sessionStorage.removeItem(key));
}

/** Calls `action` once another tab of this browser has signed `me` out, until `signal` is aborted. */
export function on_sign_out_elsewhere(me, action, signal) {
  const heard = ({ key: changed, newValue }) =>
    changed === signed_out_key && same_user(attempt(() => JSON.parse(newValue)), me) && action();
  window.addEventListener('storage', heard, { signal });
}

function same_user(one, other) {
  return one?.id === other.id && one?.project === other.project;
}

function read(storage) {
  const kept = attempt(() => JSON.parse(window[storage].getItem(key)));
  if (!kept || typeof kept !== 'object' || fields.some((field) => typeof kept[field] !== 'string')) return undefined;
  return check_kept(kept).identity;
}

/** A browser may forbid storage: then nothing is kept, and nothing else changes. */
export function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
