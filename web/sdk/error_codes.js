// Which errors of the server pass by themselves, and which ask for another token.

/** After these the same may be taken later, also if the frame does not say so. */
const temporaryCodes = new Set(['not_connected', 'rate_limited', 'unavailable']);

/** Returns whether what an error is about may be taken later as it is. */
export function isTemporary({ code, temporary }) {
  return temporary === true || temporaryCodes.has(code);
}

/** After these a fresh token may be taken; both close with 4401, whose reason is the error's name. */
const tokenCodes = new Set(['unauthorized', 'token_expired']);

/** Returns whether an error, or the reason of a close, says that the token does not count. */
export function isAboutToken(code) {
  return tokenCodes.has(code);
}
