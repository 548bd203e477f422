// What the page does about a connection that was closed, and what it says to its reader: one row a code.

const slow = { slowDown: true, text: 'This connection was too slow to keep up.' };
const rateLimited = { slowDown: true, text: 'Too much was sent in a short time.' };

const rows = new Map([
  [1000, { text: 'The connection was ended.' }],
  [1001, { text: 'The server is stopping or restarting.' }],
  [1002, { slowDown: true, text: 'The server and this page did not understand each other (protocol error).' }],
  [1003, { slowDown: true, text: 'The server does not take this kind of data.' }],
  [1006, { text: 'The connection was lost.' }],
  [1007, { slowDown: true, text: 'The server could not read a text that this page sent.' }],
  [1008, { slowDown: true, text: 'The connection was ended by a rule of the server or of something before it.' }],
  [1009, { slowDown: true, text: 'A message was larger than the server takes.' }],
  [1011, { text: 'The server had a problem.' }],
  [1012, { restarts: true, text: 'The server is restarting.' }],
  [1013, { slowDown: true, text: 'The server cannot read its messages at the moment.' }],
  [4401, { text: 'The server did not accept the sign-in.' }],
  [4403, { text: 'You have been removed from this chat.' }],
  [4409, { text: 'You are connected with as many devices as one person may have here.' }],
  [4508, slow],
  [4529, rateLimited],
  // The same of servers before their codes said by their range whether to come back.
  [4408, slow],
  [4429, rateLimited],
]);

/** Codes 4400 to 4499 are refusals, as HTTP's are; after 4500 to 4599 to come back is right. */
const isRefusal = (code) => code >= 4400 && code <= 4499 && code !== 4408 && code !== 4429;

/**
 * The row for a close code: `refusal`, whether Klatch means by it that the same again will not be taken; `slowDown`,
 * whether to wait longer than usual before the next attempt; `restarts`, whether all clients have to come back at the
 * same time; `text`, for people. Any other close is a loss: proxies, firewalls and sleeping devices end connections
 * with codes of RFC 6455 as they like.
 */
export function describeClose(code) {
  const row = rows.get(code) ?? {};
  const { slowDown = false, restarts = false, text = `The connection was closed (code ${code}).` } = row;
  return { refusal: isRefusal(code), slowDown, restarts, text };
}
