// Ids that no other client makes.

/** 32 hexadecimal digits by chance. Works on pages over plain http, too, where crypto.randomUUID is missing. */
export function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
