// Entry: signed in or not, and what changes between the two.

import { Chat } from './chat.js';
import { by_id } from './dom.js';
import {
  current_identity,
  forget_current_identity,
  keep_identity,
  last_identity,
  sign_out_everywhere,
} from './identity.js';
import { read_invitation } from './invitation.js';
import { SignIn } from './sign_in.js';

const default_project = '2424';
let chat;

function show_sign_in(filled_in, then_to) {
  by_id('chat').hidden = true;
  by_id('sign-in').hidden = false;
  sign_in.show(filled_in, then_to);
}

function start_chat(me, to) {
  keep_identity(me);
  // The link's query has been used up: a reload must not ask for it again.
  history.replaceState(null, '', location.pathname + location.hash);
  by_id('sign-in').hidden = true;
  by_id('chat').hidden = false;
  chat = new Chat(me, sign_out);
  chat.start(to);
}

/** `elsewhere`: another tab has signed out, and this one follows. */
function sign_out(elsewhere) {
  const me = chat.me;
  chat.sign_out();
  chat = undefined;
  if (elsewhere) forget_current_identity();
  else sign_out_everywhere(me);
  history.replaceState(null, '', location.pathname);
  document.title = 'Klatch';
  show_sign_in(me, '');
}

const sign_in = new SignIn(start_chat);
const invitation = read_invitation(location.search);
const current = current_identity();
const { to = '', ...asked_for } = invitation;
const same = current && Object.entries(asked_for).every(([field, value]) => current[field] === value);

if (same) start_chat(current, to);
else show_sign_in({ project: default_project, ...last_identity(), ...asked_for }, to);
by_id('starting').remove();
