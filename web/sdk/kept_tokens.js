// The tokens of guests, which say who a visitor of this browser was. No token of a site's user is kept.

/** One for each project of each service, in localStorage. If a browser forbids it, a guest is another one next time. */
export const keptTokens = {
  get: (owner) => attempt(() => localStorage.getItem(keyOf(owner))) ?? '',
  set: (owner, token) => attempt(() => localStorage.setItem(keyOf(owner), token)),
  remove: (owner) => attempt(() => localStorage.removeItem(keyOf(owner))),
};

function keyOf(owner) {
  return `klatch.guest.${owner}`;
}

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
