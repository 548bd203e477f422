// Which errors of the server pass by themselves.

/** After these the same may be taken later, also if the frame does not say so. */
const temporaryCodes = new Set(['not_connected', 'rate_limited', 'unavailable']);

/** Returns whether what an error is about may be taken later as it is. */
export function isTemporary({ code, temporary }) {
  return temporary === true || temporaryCodes.has(code);
}
