// What the page says about an error of the server, in words that help. Pure.

import { shownLine } from './safe_text.js';

const texts = {
  bad_json: 'The server could not read this message.',
  bad_frame: 'The server did not accept this message.',
  unknown_type: 'The server does not know this kind of message.',
  too_large: 'This message is too long for the server.',
  forbidden: 'The server did not allow this.',
  unknown_user: 'There is no such person in this project.',
  blocked: 'This person does not take messages from you.',
  not_registered: 'The server did not accept the sign-in.',
  unauthorized: 'The server does not accept who you are signed in as.',
  token_expired: 'Your sign-in has run out.',
  too_many_devices: 'You are connected with as many devices as one person may have here.',
  not_connected: 'The person is not connected.',
  rate_limited: 'Too much at once. Try again in a moment.',
  unavailable: 'The server could not do this just now. Try again in a moment.',
  busy: 'Too many messages are waiting to be sent.',
  bad_id: 'This id holds a character that cannot be sent, or is too long.',
};

/** A sentence for an `error` frame: ours, with the server's own if that says more. */
export function describeError({ code, text }) {
  const ours = texts[code];
  const theirs = shownLine(text);
  if (!ours) return theirs || `The server reported a problem (${shownLine(code)}).`;
  return theirs ? `${ours} (${theirs})` : ours;
}
