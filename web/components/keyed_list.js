// A list of rows, each known by the key of its item: the one place where rows are put in, moved and taken out.

import { focusedIn, wholeOrNot } from './dom.js';

/**
 * Keeps rows in `container`, before whatever else stands in it. `make(item)` returns the row of an item, an
 * object with its `element`; `update(row, item, previous)` draws what can change of it, which may depend on the item
 * before it. Each item has a `key` of its own. A row stays for as long as its key does, with its focus and selection.
 */
export class KeyedList {
  #container;
  #make;
  #update;
  /** { key, row, previous }: the key before this one when the row was last drawn. */
  #entries = [];

  constructor(container, make, update = () => {}) {
    this.#container = container;
    this.#make = make;
    this.#update = update;
  }

  /** Returns the row of the item with this key, if there is one. */
  get(key) {
    return this.#entries.find((entry) => entry.key === key)?.row;
  }

  /**
   * Shows `items` in their order. Only these are drawn: new ones, those that follow another one than before, and those
   * in `changed`. A row is moved only if its place among the others has changed.
   */
  show(items, changed = items) {
    const old = this.#entries;
    const shared = Math.min(old.length, items.length);
    let start = 0;
    while (start < shared && old[start].key === items[start].key) ++start;
    let same = 0;
    while (same < shared - start && old.at(-1 - same).key === items.at(-1 - same).key) ++same;
    const between = this.#replace(old.slice(start, old.length - same), items.slice(start, items.length - same));
    this.#entries = [...old.slice(0, start), ...between, ...old.slice(old.length - same)];
    const first = start > 0 ? old[start - 1].row.element.nextSibling : this.#container.firstChild;
    if (between.length > 0) this.#arrange(between, first);
    this.#draw(items, new Set(changed));
  }

  /** Takes out the rows of `old` that `items` do not have, and returns the entries of those, new ones included. */
  #replace(old, items) {
    const known = new Map(old.map((entry) => [entry.key, entry]));
    const entries = items.map(({ key }, at) => known.get(key) ?? { key, row: this.#make(items[at]) });
    const kept = new Set(entries);
    for (const entry of old) if (!kept.has(entry)) entry.row.element.remove();
    return entries;
  }

  /** Puts the rows of `entries` into their order; `next` is what stands where the first of them belongs. */
  #arrange(entries, next) {
    const focused = focusedIn(this.#container);
    for (const { element } of entries.map(({ row }) => row)) {
      if (element === next) next = element.nextSibling;
      // What stands here belongs further down, and goes there in its turn.
      else if (next && element === next.nextSibling) next = element.nextSibling;
      else this.#container.insertBefore(element, next);
    }
    // An element that is moved loses the focus: give it back.
    if (this.#container.contains(focused) && focused !== focusedIn(this.#container)) focused.focus();
  }

  #draw(items, changed) {
    this.#entries.forEach((entry, at) => {
      const previous = items[at - 1];
      if (entry.previous === (previous?.key ?? null) && !changed.has(items[at])) return;
      entry.previous = previous?.key ?? null;
      wholeOrNot(() => this.#update(entry.row, items[at], previous));
    });
  }
}
