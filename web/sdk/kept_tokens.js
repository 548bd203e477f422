// The tokens of guests, which say who a visitor of this browser was. No token of a site's user is kept.

import { localTexts } from './local_storage.js';

/** One for each project of each service, in localStorage. If a browser forbids it, a guest is another one next time. */
export const keptTokens = {
  get: (owner) => localTexts.get(keyOf(owner)),
  set: (owner, token) => localTexts.set(keyOf(owner), token),
  remove: (owner) => localTexts.remove(keyOf(owner)),
};

function keyOf(owner) {
  return `klatch.guest.${owner}`;
}
