// Why a socket does not open: browsers do not say, so the server's `healthz` beside it is asked.

const answerLimitMs = 10_000;
/** Klatch's own answer to `healthz`. */
const klatchIsThere = 'ok';

/** The address of `healthz` beside the socket's; it answers as a socket of a page of `origin` would be. */
function healthUrl(socketUrl, origin) {
  const url = new URL('healthz', socketUrl);
  url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
  if (origin) url.search = `origin=${origin}`;
  return url.href;
}

/**
 * Asks the server of the socket at `socketUrl`; never rejects. Resolves to { status, text } of its answer; `status` is
 * 0 if there was none, and `text` empty if a page of another site may not read it.
 */
export async function askHealth(socketUrl, origin = globalThis.location?.origin) {
  const url = healthUrl(socketUrl, origin);
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), answerLimitMs);
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
 * Why no socket opens, in a sentence: what the answer of `askHealth` says about it. Pure. If the answer may not be
 * read, all that is left is named.
 */
export function describeHealth({ status, text }) {
  if (status === 0) return 'The server cannot be reached.';
  if (status === 429)
    return 'There are too many connections from your network address. Close other windows of this chat, or wait.';
  if (status === 403) return 'The server does not let pages of this site connect. Whoever runs it can allow it.';
  if (status >= 500) return `The server does not run just now: what stands before it answers in its place (${status}).`;
  const blocked = 'The server is there, but something between here and there does not let a WebSocket through';
  if (status === 200 && text === klatchIsThere) return `${blocked}: a proxy, a firewall, or a browser extension.`;
  if (status === 200 && text === '')
    return (
      `${blocked} (a proxy, a firewall, a browser extension), your network has too many connections already, or pages ` +
      'of this site may not connect.'
    );
  const other = `Something else answers in the place of the chat server (${status})`;
  return `${other}: perhaps your network wants a sign-in first.`;
}
