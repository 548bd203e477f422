// A router of Klatch's plain dialect on Node and uWebSockets.js, written as one would write it: what Klatch is compared with.
// node server.js [PORT [CERTIFICATE KEY [--low-memory]]]    Port 0, the default, takes a free one; with a certificate
// and its key, PEM files, it serves TLS. Prints the address once it accepts connections.
import uws from 'uwebsockets';

const idle_timeout_s = 60; // pings go out in time for it
const largest_frame = 128 * 1024;
const most_waiting = 1024 * 1024;

const acknowledgement = JSON.stringify({ type: 'system', message: 'Initial message received' });

const [port = '0', certificate, key, memory] = process.argv.slice(2);

const app = certificate === undefined
  ? uws.App()
  : uws.SSLApp({ cert_file_name: certificate, key_file_name: key, ssl_prefer_low_memory_usage: memory === '--low-memory' });

/** A topic for each user of a project: whatever devices the user has, they listen to it. */
const topic_of = (project, id) => `${project}/${id}`;

function register(socket, { id, projectId, name }) {
  const user = socket.getUserData();
  if (user.topic) socket.unsubscribe(user.topic);
  user.id = String(id);
  user.project = String(projectId);
  user.name = name;
  user.topic = topic_of(user.project, user.id);
  socket.subscribe(user.topic);
  socket.send(acknowledgement);
}

function route(socket, { to_id, message, color }) {
  const user = socket.getUserData();
  if (!user.topic) return fail(socket, 'not_registered', 'Register first');
  const to = String(to_id);
  const text = JSON.stringify({ type: 'usermsg', name: user.name, message, color, from: user.id, to });
  if (!app.publish(topic_of(user.project, to), text)) fail(socket, 'not_connected', `${to} is not connected`, { to });
}

function fail(socket, error, message, more) {
  socket.send(JSON.stringify({ type: 'system', message, error, ...more }));
}

function receive(socket, data) {
  let command;
  try {
    command = JSON.parse(Buffer.from(data));
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

app.ws('/*', {
  compression: uws.DISABLED,
  maxPayloadLength: largest_frame,
  maxBackpressure: most_waiting,
  closeOnBackpressureLimit: true,
  idleTimeout: idle_timeout_s,
  message: receive,
});

app.listen('127.0.0.1', Number(port), (listening) => {
  if (!listening) {
    console.error('the port is taken');
    process.exit(1);
  }
  console.log(`listening on http${certificate === undefined ? '' : 's'}://127.0.0.1:${uws.us_socket_local_port(listening)}/`);
});
process.on('SIGTERM', () => process.exit(0));
