// A server in the test's hands: serves the page's folder and a WebSocket that does what the test says.
// The real server is tested in chat.test.mjs; this one says what the real one cannot be made to say at will.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

export const webFolder = fileURLToPath(new URL('../../web/', import.meta.url));

const contentTypes = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };
/** The policy that the real server sends with the page. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Serves `folder` on `port` of the loopback (0: any), and at the paths in `aliases` the files named there. Where
 * `instead(path)` returns { status, body }, that is the answer. Returns the http server, listening.
 */
export async function serveFolder(folder, { port = 0, headers = {}, aliases = {}, instead = () => {} } = {}) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname));
    const other = instead(path);
    if (other) return response.writeHead(other.status).end(other.body);
    const file = aliases[path] ?? join(folder, path.endsWith('/') ? `${path}index.html` : path);
    try {
      const content = await readFile(file);
      response.writeHead(200, {
        'content-type': `${contentTypes[extname(file)] ?? 'text/plain'}; charset=utf-8`,
        ...headers,
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return server;
}

/**
 * Starts the page's server. `onClient(client, frame)` is called for every frame, parsed; `client.say(object)` answers.
 * `instead` is as for `serveFolder`, and is asked about sockets too, whose path is `/chat`.
 */
export async function scriptedServer({ onClient, port = 0, instead = () => {} }) {
  const healthy = (path) => (path === '/healthz' ? { status: 200, body: 'ok\n' } : undefined);
  const http = await serveFolder(webFolder, {
    port,
    headers: { 'content-security-policy': policy },
    instead: (path) => instead(path) ?? healthy(path),
  });
  const verifyClient = ({ req }, answer) => {
    const other = instead(req.url);
    answer(!other, other?.status);
  };
  const sockets = new WebSocketServer({ server: http, verifyClient });
  const received = [];
  sockets.on('connection', (client) => {
    client.say = (frame) => client.send(JSON.stringify(frame));
    client.on('message', (data) => {
      const frame = JSON.parse(data);
      received.push(frame);
      onClient(client, frame);
    });
  });
  return {
    url: `http://127.0.0.1:${http.address().port}/`,
    port: http.address().port,
    received,
    clients: sockets.clients,
    async stop() {
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
