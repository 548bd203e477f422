// What was written and not sent: kept in the browser, so that a reload or a crash takes none of it.

import { attempt } from './identity.js';

const prefix = 'klatch.drafts ';
/** How long after the last key a draft is kept. */
const delayMs = 300;
/** How many drafts of a user are kept, the latest, and of how many UTF-16 units together. */
export const mostDrafts = 50;
export const mostUnits = 256 * 1024;

/**
 * The drafts of `me`, by the conversation's id. If the browser keeps nothing, or no more, they last as long as the
 * window.
 */
export class Drafts {
  #key;
  #changed = new Map();
  #timer;

  constructor(me, signal) {
    this.#key = prefix + JSON.stringify([me.project, me.id]);
    const flush = () => this.flush();
    window.addEventListener('pagehide', flush, { signal });
    document.addEventListener('visibilitychange', flush, { signal });
  }

  get(id) {
    return this.#changed.get(id) ?? this.#read().get(id) ?? '';
  }

  set(id, text) {
    this.#changed.set(id, text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), delayMs);
  }

  /** Keeps what has changed; other windows' drafts stay. */
  flush() {
    clearTimeout(this.#timer);
    if (this.#changed.size === 0) return;
    const drafts = this.#read();
    for (const [id, text] of this.#changed) {
      drafts.delete(id);
      if (text !== '') drafts.set(id, text);
    }
    this.#changed.clear();
    attempt(() => localStorage.setItem(this.#key, JSON.stringify(bounded([...drafts]))));
  }

  /** Forgets all: a user who signs out leaves nothing behind. */
  clear() {
    clearTimeout(this.#timer);
    this.#changed.clear();
    attempt(() => localStorage.removeItem(this.#key));
  }

  #read() {
    const kept = attempt(() => JSON.parse(localStorage.getItem(this.#key)));
    const isDraft = (row) => Array.isArray(row) && row.length === 2 && row.every((each) => typeof each === 'string');
    return new Map(Array.isArray(kept) ? kept.filter(isDraft) : []);
  }
}

/** The latest of `drafts`, [id, text] in the order of their changes, that are within the bounds. */
export function bounded(drafts) {
  const kept = [];
  let units = 0;
  for (const draft of drafts.reverse()) {
    units += draft[1].length;
    if (kept.length < mostDrafts && units <= mostUnits) kept.unshift(draft);
    else if (units > mostUnits) units -= draft[1].length;
  }
  return kept;
}
