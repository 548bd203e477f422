// localStorage, which a browser may forbid: then nothing is kept, and nothing breaks.

/** Texts by their key. */
export const localTexts = {
  get: (key) => attempt(() => localStorage.getItem(key)) ?? '',
  set: (key, text) => attempt(() => localStorage.setItem(key, text)),
  remove: (key) => attempt(() => localStorage.removeItem(key)),
};

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
