// Messages of a window that was closed, reloaded or left in the instant after they were sent, before its store had
// answered: localStorage has them at once, and the next window finds them.

import { localTexts } from './local_storage.js';

/** A list of { cid, to, text, at } for each owner. If a browser forbids it, there are none. */
export const leftBehind = {
  add: (owner, records) => write(owner, [...read(owner), ...records]),
  /** Returns them all, and forgets them. */
  take(owner) {
    const records = read(owner);
    write(owner, []);
    return records;
  },
  /** Forgets one whose window has come back, and kept it. */
  remove: (owner, cid) =>
    write(
      owner,
      read(owner).filter((record) => record.cid !== cid),
    ),
};

function keyOf(owner) {
  return `klatch.left.${owner}`;
}

function read(owner) {
  try {
    return JSON.parse(localTexts.get(keyOf(owner)) || '[]').filter(isRecord);
  } catch {
    return []; // Somebody else has written it.
  }
}

function isRecord(record) {
  return ['cid', 'to', 'text'].every((name) => typeof record?.[name] === 'string') && Number.isFinite(record.at);
}

function write(owner, records) {
  if (records.length > 0) localTexts.set(keyOf(owner), JSON.stringify(records));
  else localTexts.remove(keyOf(owner));
}
