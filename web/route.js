// Which conversation is open stands in the address' fragment, so that back, forward and reload work.

const prefix = '#/with/';

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

  /** `on_change(partner)` is called whenever the reader gets to a conversation, or to none (''). */
  constructor(on_change, signal) {
    this.#on_change = on_change;
    window.addEventListener('popstate', () => this.apply(), { signal });
  }

  /** Goes to where the address says. */
  apply() {
    this.#on_change(partner_of(location.hash));
  }

  go(partner) {
    const hash = prefix + encodeURIComponent(partner);
    if (location.hash !== hash) history.pushState(null, '', hash);
    this.apply();
  }

  /** Goes to the list in place of the conversation. */
  leave() {
    history.replaceState(null, '', location.pathname);
    this.apply();
  }
}
