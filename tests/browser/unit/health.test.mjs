import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { askHealth, describeHealth } from '../../../web/sdk/health.js';

for (const [status, text, words] of [
  [0, '', /cannot be reached/],
  [200, 'ok', /does not let a WebSocket through/],
  [200, '', /does not let a WebSocket through/],
  [200, '<!doctype html>', /Something else answers/],
  [301, '', /Something else answers/],
  [404, 'no', /Something else answers/],
  [403, 'no', /does not let pages of this site connect/],
  [429, 'no', /too many connections/],
  [502, '<html>', /does not run just now.*502/],
  [503, '', /does not run just now.*503/],
])
  test(`an answer ${status} ‘${text}’ has its own words`, () => {
    assert.match(describeHealth({ status, text }), words);
    assert.match(describeHealth({ status, text }), /^[A-Z].*\.$/);
  });

test('healthz is asked beside the socket, whatever the prefix', async () => {
  const asked = [];
  const server = createServer(({ url }, response) => {
    asked.push(url);
    response.writeHead(url === '/a/healthz' ? 200 : 429).end('ok\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  assert.deepEqual(await askHealth(`ws://127.0.0.1:${port}/a/chat`), { status: 200, text: 'ok' });
  assert.deepEqual(await askHealth(`ws://127.0.0.1:${port}/chat`), { status: 429, text: 'ok' });
  await askHealth(`ws://127.0.0.1:${port}/chat`, 'https://www.example.org:8080');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  assert.deepEqual(await askHealth(`ws://127.0.0.1:${port}/chat`), { status: 0, text: '' });
  assert.deepEqual(asked, ['/a/healthz', '/healthz', '/healthz?origin=https://www.example.org:8080']);
});

test('an answer that a page of another site may not read is one all the same', async (context) => {
  const modes = [];
  context.mock.method(globalThis, 'fetch', async (_, { mode }) => {
    modes.push(mode);
    if (mode !== 'no-cors') throw new TypeError('Failed to fetch');
    return { type: 'opaque', status: 0, text: async () => '' };
  });
  assert.deepEqual(await askHealth('wss://chat.example/chat'), { status: 200, text: '' });
  assert.deepEqual(modes, [undefined, 'no-cors']);
});
