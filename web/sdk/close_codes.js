// What the page does about a connection that was closed, and what it tells its reader: one row a code.

const rows = new Map([
  [1000, { reconnect: false, text: 'The connection was ended.' }],
  [1001, { reconnect: true, text: 'The server is stopping or restarting.' }],
  [1002, { reconnect: false, text: 'The server and this page did not understand each other (protocol error).' }],
  [1003, { reconnect: false, text: 'The server does not take this kind of data.' }],
  [1006, { reconnect: true, text: 'The connection was lost.' }],
  [1007, { reconnect: false, text: 'The server could not read a text that this page sent.' }],
  [1009, { reconnect: false, text: 'A message was larger than the server takes.' }],
  [1011, { reconnect: true, text: 'The server had a problem.' }],
  [1012, { reconnect: true, text: 'The server is restarting.' }],
  [4401, { reconnect: false, text: 'The server did not accept the sign-in.' }],
  [4403, { reconnect: false, text: 'You have been removed from this chat.' }],
  [4408, { reconnect: true, slow_down: true, text: 'This connection was too slow to keep up.' }],
  [4429, { reconnect: true, slow_down: true, text: 'Too much was sent in a short time.' }],
]);

/**
 * The row for a close code: `reconnect`, whether to connect again without being asked; `slow_down`, whether to wait
 * longer than usual before that; `text`, for people. Codes not in the table: 4400 to 4499 are refusals, as HTTP's are.
 */
export function describe_close(code) {
  const row = rows.get(code);
  if (row) return { slow_down: false, ...row };
  const refused = code >= 4400 && code <= 4499;
  return { reconnect: !refused, slow_down: false, text: `The connection was closed (code ${code}).` };
}
