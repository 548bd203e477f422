// Why a socket does not open: browsers do not say, so the server's `healthz` beside it is asked.

const answer_limit_ms = 10_000;
/** Klatch's own answer to `healthz`. */
const klatch_is_there = 'ok';

/** The address of `healthz` beside the socket's; it answers as a socket of a page of `origin` would be. */
function health_url(socket_url, origin) {
  const url = new URL('healthz', socket_url);
  url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
  if (origin) url.search = `origin=${origin}`;
  return url.href;
}

/**
 * Asks the server of the socket at `socket_url`; never rejects. Resolves to { status, text } of its answer; `status` is
 * 0 where there was none, and `text` empty where a page of another site may not read it.
 */
export async function ask_health(socket_url, origin = globalThis.location?.origin) {
  const url = health_url(socket_url, origin);
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), answer_limit_ms);
  const options = { cache: 'no-store', credentials: 'same-origin', signal: ended.signal };
  try {
    const answer = await fetch(url, options).catch(() => fetch(url, { ...options, mode: 'no-cors' }));
    return { status: answer.type === 'opaque' ? 200 : answer.status, text: (await answer.text()).trim() };
  } catch {
    return { status: 0, text: '' };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Why no socket opens, in a sentence: what the answer of `ask_health` says about it. Pure. Where the answer may not be
 * read, all that is left is named.
 */
export function describe_health({ status, text }) {
  if (status === 0) return 'The server cannot be reached.';
  if (status === 429)
    return 'There are too many connections from your network address. Close other windows of this chat, or wait.';
  if (status === 403) return 'The server does not let pages of this site connect. Whoever runs it can allow it.';
  if (status >= 500) return `The server does not run just now: what stands before it answers in its place (${status}).`;
  if (status === 200 && text === klatch_is_there)
    return (
      'The server is there, but something between here and there does not let a WebSocket through: a proxy, a firewall, ' +
      'or a browser extension.'
    );
  if (status === 200 && text === '')
    return (
      'The server is there, but something between here and there does not let a WebSocket through (a proxy, a firewall, ' +
      'a browser extension), your network has too many connections already, or pages of this site may not connect.'
    );
  return `Something else answers in the place of the chat server (${status}): perhaps your network wants a sign-in first.`;
}
