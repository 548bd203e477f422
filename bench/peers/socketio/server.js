// A router of Klatch's plain dialect on Node and socket.io, written as one would write it: what Klatch is compared with.
// Each frame is the payload of an event that is named for its type. Prints the address once it accepts connections.
// node server.js [PORT]    Port 0, the default, takes a free one.
import { createServer } from 'node:http';

import { Server } from 'socket.io';

const largest_frame = 128 * 1024;

const http = createServer();
const io = new Server(http, {
  transports: ['websocket'],
  perMessageDeflate: false,
  maxHttpBufferSize: largest_frame,
  serveClient: false,
});

/** A room for each user of a project: all devices of the user are in it. */
const room_of = (project, id) => `${project}/${id}`;

function register(socket, { id, projectId, name }) {
  if (socket.data.room) socket.leave(socket.data.room);
  const project = String(projectId);
  socket.data = { id: String(id), project, name, room: room_of(project, id) };
  socket.join(socket.data.room);
  socket.emit('system', { type: 'system', message: 'Initial message received' });
}

function route(socket, { to_id, message, color }) {
  if (!socket.data.room) return fail(socket, 'not_registered', 'Register first');
  const to = String(to_id);
  const room = room_of(socket.data.project, to);
  if (!io.of('/').adapter.rooms.has(room)) return fail(socket, 'not_connected', `${to} is not connected`, { to });
  io.to(room).emit('usermsg', { type: 'usermsg', name: socket.data.name, message, color, from: socket.data.id, to });
}

function fail(socket, error, message, more) {
  socket.emit('system', { type: 'system', message, error, ...more });
}

io.on('connection', (socket) => {
  socket.on('system', (frame) => register(socket, frame));
  socket.on('user', (frame) => route(socket, frame));
});

http.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${http.address().port}/`);
});
process.on('SIGTERM', () => process.exit(0));
