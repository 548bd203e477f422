// localStorage, which a browser may forbid: then nothing is kept, and nothing breaks.

/** Texts by their key. `set` returns false if it could not. */
export const localTexts = {
  get: (key) => attempt(() => localStorage.getItem(key)) ?? '',
  set: (key, text) => attempt(() => (localStorage.setItem(key, text), true)) ?? false,
  remove: (key) => attempt(() => localStorage.removeItem(key)),
};

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
