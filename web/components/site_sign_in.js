// In the form's place: for whom the site says who they are, or for whom nobody does.

import { part, setText } from './dom.js';

const siteSignsIn = 'This site signs you in:';

/** What is said in each state of a client that does not know yet whose it is; `why` is the connection's. */
const pages = {
  connecting: () => ['Signing you in…', 'One moment.'],
  offline: (why) => ['Signing you in…', `${why} Trying again by itself.`, 'Try now'],
  closed: (why) => ['You could not be signed in.', why, 'Try again'],
  signedOut: () => ['You are signed out.', `${siteSignsIn} sign in there as always, then try again here.`, 'Try again'],
};

/** The page has no token, and the server wants one. */
const withoutToken = [
  'Sign in on the site first.',
  `${siteSignsIn} go to its own pages, sign in there as always, and open the chat from there. It has no passwords.`,
  'Back',
];

export class SiteSignIn {
  #root;
  #again;
  #client;

  /** `onGuest(name)`: the reader goes on as a guest. */
  constructor(root, { onGuest }) {
    this.#root = root;
    part(root, 'site-sign-in-again').addEventListener('click', () => this.#again());
    part(root, 'guest-form').addEventListener('submit', (event) => {
      event.preventDefault();
      onGuest(part(root, 'guest-name').value.trim());
    });
  }

  /** Shows how a client gets on, until it is signed in or something else is shown. */
  follow(client) {
    this.#client = client;
    this.#again = () => client.connect();
    this.#offerGuests(false);
    client.addEventListener('signedOut', ({ detail }) => client === this.#client && this.#offerGuests(detail.guests));
    client.addEventListener('state', () => client === this.#client && this.#showState(client.status));
    this.#showState(client.status);
  }

  /** The server wants a token, and there is nobody to ask for one; `onBack()`: the reader wants the form. */
  showWithoutToken({ guests, name }, onBack) {
    this.#client = undefined;
    this.#again = onBack;
    part(this.#root, 'guest-name').value = name;
    this.#offerGuests(guests, { first: true });
    this.#say(withoutToken);
    part(this.#root, 'site-sign-in-title').focus();
  }

  /** The reader has signed out of the chat; `onAgain()`: they want to come back. */
  showSignedOut(onAgain) {
    this.#again = onAgain;
    this.#offerGuests(false);
    this.#say(pages.signedOut());
    part(this.#root, 'site-sign-in-title').focus();
  }

  /** What was followed goes on elsewhere. */
  end() {
    this.#client = undefined;
  }

  #showState({ state, why }) {
    const page = state === 'closed' && !why ? pages.connecting() : pages[state]?.(why);
    if (!page) return;
    if (state !== 'signedOut') this.#offerGuests(false);
    this.#say(page);
  }

  #say([title, lead, button = '']) {
    const again = part(this.#root, 'site-sign-in-again');
    setText(part(this.#root, 'site-sign-in-title'), title);
    setText(part(this.#root, 'site-sign-in-lead'), lead);
    if (button) setText(again, button);
    again.hidden = button === '';
  }

  /** `first`: to be a guest is all that can be done here. */
  #offerGuests(offered, { first = false } = {}) {
    const form = part(this.#root, 'guest-form');
    const again = part(this.#root, 'site-sign-in-again');
    form.hidden = !offered;
    again.classList.toggle('primary', !first);
    part(form, 'be-guest').classList.toggle('primary', first);
    form.parentElement.append(...(first ? [form, again] : [again, form]));
  }
}
