// Which conversation is open stands in the address' fragment, so that back, forward and reload work.

const prefix = '#/with/';
/** What an entry of the history that follows the list holds: from there the way to the list is back. */
const from_list = { from_list: true };
/** A browser goes back within some milliseconds. */
const back_limit_ms = 500;

/** The partner that a fragment names, or '' for the list. */
export function partner_of(hash) {
  if (!hash.startsWith(prefix)) return '';
  try {
    return decodeURIComponent(hash.slice(prefix.length));
  } catch {
    return '';
  }
}

export class Route {
  #on_change;
  /** While the browser goes back to the list: where to go from there, or ''. */
  #next;
  #back_timer;

  /** `on_change(partner)` is called whenever the reader gets to a conversation, or to none (''). */
  constructor(on_change, signal) {
    this.#on_change = on_change;
    window.addEventListener('popstate', () => this.#arrived(), { signal });
  }

  /** Goes to where the address says. */
  apply() {
    this.#on_change(partner_of(location.hash));
  }

  go(partner) {
    if (this.#next !== undefined) return void (this.#next = partner);
    const hash = prefix + encodeURIComponent(partner);
    const here = partner_of(location.hash);
    if (location.hash !== hash) history.pushState(here === '' ? from_list : null, '', hash);
    this.apply();
  }

  /** Goes to the list: back where that is the way, else in place of the conversation. */
  leave() {
    if (history.state?.from_list && partner_of(location.hash) !== '') {
      this.#next ??= '';
      this.#back_timer = setTimeout(() => this.#arrived(), back_limit_ms);
      history.back();
      return this.#on_change('');
    }
    history.replaceState(null, '', location.pathname);
    this.apply();
  }

  #arrived() {
    clearTimeout(this.#back_timer);
    const next = this.#next;
    this.#next = undefined;
    if (next) this.go(next);
    else this.apply();
  }
}
