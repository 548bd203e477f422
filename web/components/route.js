// Which conversation is open stands in the address' fragment, so that back, forward and reload work.

const prefix = '#/with/';
/** What an entry of the history that follows the list holds: from there the way to the list is back. */
const fromList = { fromList: true };
/** A browser goes back within some milliseconds. */
const backLimitMs = 500;

/** The conversation that a fragment names, or '' for the list. */
export function conversationIn(hash) {
  if (!hash.startsWith(prefix)) return '';
  try {
    return decodeURIComponent(hash.slice(prefix.length));
  } catch {
    return '';
  }
}

export class Route {
  #onChange;
  /** While the browser goes back to the list: where to go from there, or ''. */
  #next;
  #backTimer;

  /** `onChange(id)` is called whenever the reader gets to a conversation, or to none (''). */
  constructor(onChange, signal) {
    this.#onChange = onChange;
    window.addEventListener('popstate', () => this.#arrived(), { signal });
  }

  /** Goes to where the address says. */
  apply() {
    this.#onChange(conversationIn(location.hash));
  }

  go(id) {
    if (this.#next !== undefined) return void (this.#next = id);
    const hash = prefix + encodeURIComponent(id);
    const here = conversationIn(location.hash);
    if (location.hash !== hash) history.pushState(here === '' ? fromList : null, '', hash);
    this.apply();
  }

  /** Goes to the list: back if that is the way, else in place of the conversation. */
  leave() {
    if (history.state?.fromList && conversationIn(location.hash) !== '') {
      this.#next ??= '';
      this.#backTimer = setTimeout(() => this.#arrived(), backLimitMs);
      history.back();
      return this.#onChange('');
    }
    history.replaceState(null, '', location.pathname);
    this.apply();
  }

  #arrived() {
    clearTimeout(this.#backTimer);
    const next = this.#next;
    this.#next = undefined;
    if (next) this.go(next);
    else this.apply();
  }
}
