// Entry: signed in or not, and what changes between the two.

import { Chat } from './components/chat.js';
import { byId } from './components/dom.js';
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
let chat;

function showSignIn(filledIn, thenTo) {
  byId('chat').hidden = true;
  byId('sign-in').hidden = false;
  signIn.show(filledIn, thenTo);
}

function startChat(me, to) {
  keepIdentity(me);
  // The link's query has been used up: a reload must not ask for it again.
  history.replaceState(null, '', location.pathname + location.hash);
  byId('sign-in').hidden = true;
  byId('chat').hidden = false;
  chat = new Chat(me, signOut);
  chat.start(to);
}

/** `elsewhere`: another tab has signed out, and this one follows. */
function signOut(elsewhere) {
  const me = chat.me;
  chat.signOut();
  chat = undefined;
  if (elsewhere) forgetCurrentIdentity();
  else signOutEverywhere(me);
  history.replaceState(null, '', location.pathname);
  document.title = 'Klatch';
  showSignIn(me, '');
}

const signIn = new SignIn(startChat);
const invitation = readInvitation(location.search);
const current = currentIdentity();
const { to = '', ...askedFor } = invitation;
const same = current && Object.entries(askedFor).every(([field, value]) => current[field] === value);

if (same) startChat(current, to);
else showSignIn({ project: defaultProject, ...lastIdentity(), ...askedFor }, to);
byId('starting').remove();
