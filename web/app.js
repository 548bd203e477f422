// Entry: signed in or not, and what changes between the two.

import { Chat } from './components/chat.js';
import {
  currentIdentity,
  forgetCurrentIdentity,
  keepIdentity,
  lastIdentity,
  signOutEverywhere,
} from './components/identity.js';
import { readInvitation } from './components/invitation.js';
import { SignIn } from './components/sign_in.js';

const defaultProject = '2424';
const door = document.getElementById('sign-in');
const room = document.getElementById('chat');
let chat;

function showSignIn(filledIn, thenTo) {
  room.hidden = true;
  door.hidden = false;
  signIn.show(filledIn, thenTo);
}

function startChat(me, to) {
  keepIdentity(me);
  // The link's query has been used up: a reload must not ask for it again.
  history.replaceState(null, '', location.pathname + location.hash);
  door.hidden = true;
  room.hidden = false;
  chat = new Chat(room, me, { onSignOut: signOut, onUnread: showUnread });
  chat.start(to);
}

function showUnread(count) {
  document.title = count > 0 ? `(${count}) Klatch` : 'Klatch';
}

/** `elsewhere`: another tab has signed out, and this one follows. */
function signOut(elsewhere) {
  const me = chat.me;
  chat.signOut();
  chat = undefined;
  if (elsewhere) forgetCurrentIdentity();
  else signOutEverywhere(me);
  history.replaceState(null, '', location.pathname);
  showUnread(0);
  showSignIn(me, '');
}

const signIn = new SignIn(door, startChat);
const invitation = readInvitation(location.search);
const current = currentIdentity();
const { to = '', ...askedFor } = invitation;
const same = current && Object.entries(askedFor).every(([field, value]) => current[field] === value);

if (same) startChat(current, to);
else showSignIn({ project: defaultProject, ...lastIdentity(), ...askedFor }, to);
document.getElementById('starting').remove();
