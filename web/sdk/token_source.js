// Where a site's tokens come from: a text, or a function of the site that is asked for one.

/** How long the site's function may take. */
const answerLimitMs = 10_000;

export class TokenSource {
  #environment;
  #source;

  /** `source`: a token, a function that returns one or a promise of one, or nothing. */
  constructor(environment, source) {
    if (!['undefined', 'string', 'function'].includes(typeof source))
      throw new TypeError('`token` is neither a text nor a function');
    this.#environment = environment;
    this.#source = source;
  }

  get there() {
    return this.#source !== undefined;
  }

  /** Whether it may have another token than the one that it gave. */
  get canRenew() {
    return typeof this.#source === 'function';
  }

  /**
   * Resolves to a token, or to '' if the site says that nobody is signed in. `refused`: the server did not accept the
   * last one. Rejects if the site's function fails, takes over 10 s or gives something else, and if `signal` is
   * aborted; the function is handed a signal for both.
   */
  async ask({ refused, signal }) {
    if (!this.canRenew) return this.#source ?? '';
    const { clearTimer, setTimer } = this.#environment;
    const ended = new AbortController();
    const end = () => ended.abort();
    signal.addEventListener('abort', end);
    const timer = setTimer(end, answerLimitMs);
    try {
      const source = this.#source;
      const answer = (async () => source({ refused, signal: ended.signal }))();
      const token = tokenOf(await Promise.race([answer, whenAborted(ended.signal)]));
      signal.throwIfAborted();
      return token;
    } finally {
      clearTimer(timer);
      signal.removeEventListener('abort', end);
    }
  }
}

function whenAborted(signal) {
  const late = () => new Error(`no answer within ${answerLimitMs / 1000} s`);
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(late())));
}

function tokenOf(answer) {
  if (answer === undefined || answer === null) return '';
  if (typeof answer !== 'string') throw new TypeError('the token is not a text');
  return answer.trim();
}
