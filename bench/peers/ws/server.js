// A router of Klatch's plain dialect on Node and ws, written as one would write it: what Klatch is compared with.
// node server.js [PORT]    Port 0, the default, takes a free one. Prints the address once it accepts connections.
import { WebSocketServer } from 'ws';

const ping_interval_ms = 25_000;
const largest_frame = 128 * 1024;

const acknowledgement = JSON.stringify({ type: 'system', message: 'Initial message received' });

/** Sockets by user, users by project. */
const projects = new Map();

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 0),
  perMessageDeflate: false,
  maxPayload: largest_frame,
});

function register(socket, { id, projectId, name }) {
  unregister(socket);
  socket.user = { id: String(id), project: String(projectId), name };
  let users = projects.get(socket.user.project);
  if (!users) projects.set(socket.user.project, (users = new Map()));
  const devices = users.get(socket.user.id);
  if (devices) devices.add(socket);
  else users.set(socket.user.id, new Set([socket]));
  socket.send(acknowledgement);
}

function unregister(socket) {
  if (!socket.user) return;
  const { id, project } = socket.user;
  const users = projects.get(project);
  const devices = users.get(id);
  devices.delete(socket);
  if (devices.size === 0) users.delete(id);
  if (users.size === 0) projects.delete(project);
}

function route(socket, { to_id, message, color }) {
  if (!socket.user) return fail(socket, 'not_registered', 'Register first');
  const to = String(to_id);
  const devices = projects.get(socket.user.project).get(to);
  if (!devices) return fail(socket, 'not_connected', `${to} is not connected`, { to });
  const text = JSON.stringify({ type: 'usermsg', name: socket.user.name, message, color, from: socket.user.id, to });
  for (const device of devices) device.send(text);
}

function fail(socket, error, message, more) {
  socket.send(JSON.stringify({ type: 'system', message, error, ...more }));
}

function receive(socket, data) {
  let command;
  try {
    command = JSON.parse(data);
  } catch {
    return fail(socket, 'bad_json', 'Not JSON');
  }
  switch (command?.type) {
    case 'system':
      return register(socket, command);
    case 'user':
      return route(socket, command);
    default:
      return fail(socket, 'unknown_type', 'Unknown type');
  }
}

server.on('connection', (socket) => {
  socket.alive = true;
  socket.on('message', (data) => receive(socket, data));
  socket.on('pong', () => { socket.alive = true; });
  socket.on('close', () => unregister(socket));
  socket.on('error', () => socket.terminate());
});

// As the README of ws does it: who has not answered the last ping is gone.
setInterval(() => {
  for (const socket of server.clients) {
    if (!socket.alive) {
      socket.terminate();
      continue;
    }
    socket.alive = false;
    socket.ping();
  }
}, ping_interval_ms);

server.on('listening', () => console.log(`listening on http://127.0.0.1:${server.address().port}/`));
process.on('SIGTERM', () => process.exit(0));
