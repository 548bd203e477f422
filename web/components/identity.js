// Who signs in: checked, and kept in the browser.

import { shownName } from '../text/safe_text.js';
import { byteLength, maxIdBytes, maxNameBytes, spelledId, validId, wellFormed } from '../sdk/index.js';

const key = 'klatch.identity';
/** There while the identity that localStorage has is signed in; it signs in new tabs. */
const signedInKey = 'klatch.signed_in';
/** Written by a tab that signs out, for the others to hear. */
const signedOutKey = 'klatch.signed_out';
const fields = ['name', 'id', 'project', 'color'];

/**
 * Checks what was typed: { identity } if it can be signed in with, else { errors } with a sentence for each field
 * that is wrong. A name that is left out is the id.
 */
export function checkIdentity({ id = '', project = '', ...typed }) {
  return checkKept({ ...typed, id: spelledId(id), project: spelledId(project) });
}

/** The same of what has been signed in with: an id of an older version stays as it was. */
function checkKept(typed) {
  const identity = Object.fromEntries(fields.map((field) => [field, (typed[field] ?? '').trim()]));
  identity.name = wellFormed(identity.name || identity.id);
  const errors = {};
  for (const field of ['id', 'project']) {
    const problem = idProblem(identity[field]);
    if (problem) errors[field] = problem;
  }
  if (byteLength(identity.name) > maxNameBytes) errors.name = 'This name is too long.';
  return Object.keys(errors).length > 0 ? { errors } : { identity };
}

/** What is wrong with an id, in a sentence; nothing if it is fine. */
function idProblem(id) {
  if (id === '') return 'This is needed.';
  if (byteLength(id) > maxIdBytes) return `This is too long: ${maxIdBytes} bytes at most.`;
  if (!validId(id)) return 'This holds a character that cannot be used.';
  return undefined;
}

/** What is wrong with an id to write to; one of nothing visible may be in an old store, but nobody means it. */
export function addressProblem(id) {
  return idProblem(id) ?? (shownName(id) === '' ? 'This holds nothing that can be seen.' : undefined);
}

/** Who this tab is signed in as, or, in a new one, who signed in last and has not signed out; or nothing. */
export function currentIdentity() {
  return read('sessionStorage') ?? (attempt(() => localStorage.getItem(signedInKey)) ? lastIdentity() : undefined);
}

/** Who signed in last in this browser, or nothing: fills in the sign-in form of a new tab. */
export function lastIdentity() {
  return read('localStorage');
}

/** Keeps an identity for this tab's reloads, and for the next tab's form. A guest's has `guest`. */
export function keepIdentity(identity) {
  for (const storage of ['sessionStorage', 'localStorage'])
    attempt(() => window[storage].setItem(key, JSON.stringify(identity)));
  attempt(() => localStorage.setItem(signedInKey, 'yes'));
}

/** Signs `me` out of this tab, and of new ones; the form stays filled in. Other tabs of `me` hear of it. */
export function signOutEverywhere(me) {
  forgetCurrentIdentity();
  if (sameUser(lastIdentity(), me)) attempt(() => localStorage.removeItem(signedInKey));
  const news = JSON.stringify({ id: me.id, project: me.project, nonce: Math.random() });
  attempt(() => localStorage.setItem(signedOutKey, news));
}

/** Signs this tab out, as another one has. */
export function forgetCurrentIdentity() {
  attempt(() => window.sessionStorage.removeItem(key));
}

/** Calls `action` once another tab of this browser has signed `me` out, until `signal` is aborted. */
export function onSignOutElsewhere(me, action, signal) {
  const heard = ({ key: changed, newValue }) =>
    changed === signedOutKey && sameUser(attempt(() => JSON.parse(newValue)), me) && action();
  window.addEventListener('storage', heard, { signal });
}

function sameUser(one, other) {
  return one?.id === other.id && one?.project === other.project;
}

function read(storage) {
  const kept = attempt(() => JSON.parse(window[storage].getItem(key)));
  if (!kept || typeof kept !== 'object' || fields.some((field) => typeof kept[field] !== 'string')) return undefined;
  const { identity } = checkKept(kept);
  return identity && kept.guest === true ? { ...identity, guest: true } : identity;
}

/** A browser may forbid storage: then nothing is kept, and nothing else changes. */
export function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
