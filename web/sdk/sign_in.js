// Who this client is for the server: a user by a token of the site, a guest by one of the server, or an id alone.

import { encodeRegistration, validId } from './protocol.js';
import { TokenSource } from './token_source.js';

/**
 * The token that is used now, and what to do when it is refused: a site's function is asked once more, and if the
 * fresh one is refused too, that is the end. A guest whose kept token is refused comes as a new one, unless this client
 * has been welcomed already: who the server says it is at the first welcome, it is for good.
 */
export class SignIn {
  #me;
  #guestOf;
  #environment;
  #source;
  #token = '';
  /** Whether a guest may be who this is, and whether it is one now: nobody is signed in at the site. */
  #mayBeGuest;
  #guest = false;
  /** Whether the site has to be asked before the next registration. */
  #wanting;
  /** How often the server has refused since the last welcome. */
  #refusals = 0;
  #known;
  #becomeKnown;

  /** `me`, `token` and `guest` as the client's options; `service` names the server. */
  constructor({ me, token, guest = false, service, environment }) {
    this.#environment = environment;
    this.#source = new TokenSource(environment, token);
    checkNames(me, { withToken: this.#source.there, guest });
    this.#me = guest ? { ...me, id: undefined } : me;
    this.#mayBeGuest = guest;
    this.#guestOf = JSON.stringify([service, me.project]);
    this.#known = new Promise((resolve) => (this.#becomeKnown = resolve));
    if (this.#me.id && me.project) this.#becomeKnown(this.#me);
    this.begin();
  }

  /** { id, project, name, color, role }; before the first welcome only what the client was given. */
  get me() {
    return this.#me;
  }

  /** Resolves to `me` once `id` and `project` are known. */
  get known() {
    return this.#known;
  }

  /** Whether the next registration can be made without asking the site. */
  get ready() {
    return !this.#wanting;
  }

  /** Whether there is somebody to have the next token from: the site's function, or, for a guest, the server. */
  get canRenew() {
    return this.#guest || this.#source.canRenew;
  }

  get isGuest() {
    return this.#guest;
  }

  get hasToken() {
    return this.#token !== '';
  }

  /**
   * Asks the site for the token to register with. Resolves to whether to go on: not if a token was refused, and now
   * nobody is signed in there. Rejects as `TokenSource.ask`.
   */
  async prepare(signal) {
    const refused = this.#refusals > 0;
    const token = await this.#source.ask({ refused, signal });
    this.#wanting = false;
    this.#use(token);
    return this.#token !== '' || this.#guest || !refused;
  }

  /** The frame to register with; `more` as for `encodeRegistration`. */
  registration(more) {
    const token = this.#token || undefined;
    const newGuest = this.#guest && !token && this.#me.id === undefined;
    return encodeRegistration(this.#me, { token, guest: newGuest || undefined, ...more });
  }

  /** Resolves to a newer token of the same user, or to '' if nobody is signed in at the site any more. */
  async renewed(signal) {
    return this.#guest ? this.#token : this.#source.ask({ refused: false, signal });
  }

  /** The server has accepted `token`, or given it to its guest; '' for none. */
  took(token) {
    if (token === '') return;
    this.#token = token;
    if (this.#guest) this.#environment.keptTokens.set(this.#guestOf, token);
  }

  welcomed({ id, project, name, role, token }) {
    this.#refusals = 0;
    const known = { id: this.#me.id || id, project: this.#me.project || project };
    this.#me = { ...this.#me, ...known, name: name || this.#me.name || known.id, role };
    this.#becomeKnown(this.#me);
    if (this.#guest) this.took(token);
  }

  /** The server does not accept the token, or wants one. Returns whether another one may be accepted. */
  refused() {
    ++this.#refusals;
    if (this.#guest) return this.#another();
    this.#wanting = this.#source.canRenew;
    return this.#wanting && this.#refusals === 1;
  }

  /** Begins anew: somebody asks for it, or there is a `source`, as `token` of the client's options. */
  begin(source) {
    if (source !== undefined) this.#source = new TokenSource(this.#environment, source);
    this.#refusals = 0;
    this.#wanting = this.#source.there;
    if (!this.#wanting) this.#use('');
  }

  /** The visitor's token is forgotten, and with it the visitor. */
  forget() {
    this.#environment.keptTokens.remove(this.#guestOf);
  }

  /** Whoever was welcomed as somebody else does not become a guest. */
  #use(token) {
    this.#guest = token === '' && this.#mayBeGuest && (this.#guest || this.#me.id === undefined);
    this.#token = this.#guest ? this.#environment.keptTokens.get(this.#guestOf) : token;
  }

  /** Returns whether this can still become another guest. */
  #another() {
    const had = this.#token !== '';
    this.#token = '';
    this.forget();
    return had && this.#me.id === undefined && this.#refusals === 1;
  }
}

/** With a token the server knows what is missing in `me`, and who is a guest needs a project only. */
function checkNames({ id, project }, { withToken, guest }) {
  const wrong = (text, needed) => (text === undefined ? needed : !validId(text));
  if (wrong(id, !withToken && !guest) || wrong(project, !withToken || guest))
    throw new TypeError('`me.id` or `me.project` cannot be an id');
}
