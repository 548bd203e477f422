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
import { SiteSignIn } from './components/site_sign_in.js';
import { KlatchClient, socketUrl } from './sdk/index.js';

const door = document.getElementById('sign-in');
const siteDoor = document.getElementById('site-sign-in');
const room = document.getElementById('chat');
const url = socketUrl(document.baseURI);
const defaultProject = document.documentElement.dataset.project ?? '2424';

/**
 * How this page gets a token, if a script of the site that stands before this one has said so: `klatchToken` is a
 * token, or a function that returns one or a promise of one, '' if nobody is signed in. It is read anew each time.
 */
const siteToken = 'klatchToken' in window ? (why) => tokenOf(window.klatchToken, why) : undefined;
const tokenOf = (source, why) => (typeof source === 'function' ? source(why) : source);

let chat;
/** The client that is not told yet whose it is. */
let waiting;
/** Whom the link asked to write to, until the chat is there. */
let writeTo = '';
/** Which project somebody who goes on as a guest is a guest of. */
let guestProject = defaultProject;

function show(view) {
  for (const each of [door, siteDoor, room]) each.hidden = each !== view;
}

function showSignIn(filledIn) {
  show(door);
  signIn.show(filledIn, writeTo);
}

/** Who picks an id is there at once; the server may want more than that. */
function enter(me) {
  keepIdentity(me);
  const client = new KlatchClient({ url, me });
  client.addEventListener('signedOut', ({ detail }) => turnAway(me, detail));
  openChat(client, { picksId: true });
}

/** The site says who this is, or, of a guest, the server. */
function beToldWho(options) {
  stopWaiting();
  const client = new KlatchClient({ url, token: siteToken, ...options });
  client.addEventListener('signedIn', () => toldWho(client), { once: true });
  client.addEventListener('signedOut', ({ detail }) => {
    if (!siteToken) turnAway(client.me, detail);
    else if (chat && detail.code === 'forbidden') startOver();
  });
  waiting = client;
  show(siteDoor);
  siteSignIn.follow(client);
  client.connect();
}

function stopWaiting() {
  siteSignIn.end();
  waiting?.close();
  waiting = undefined;
}

function toldWho(client) {
  const { id, project, name, role } = client.me;
  siteSignIn.end();
  waiting = undefined;
  if (role === 'guest') keepIdentity({ id, project, name, color: '', guest: true });
  openChat(client, { picksId: false });
}

function openChat(client, { picksId }) {
  // The link's query has been used up: a reload must not ask for it again.
  history.replaceState(null, '', location.pathname + location.hash);
  show(room);
  chat = new Chat(room, client, { picksId, onSignOut: signOut, onUnread: showUnread });
  chat.start(writeTo);
  writeTo = '';
}

/** What was written is kept for whom it is of. */
function leaveChat() {
  chat?.leave();
  chat = undefined;
  showUnread(0);
}

/** Somebody else is signed in at the site by now. */
function startOver() {
  leaveChat();
  beToldWho({});
}

/** The server wants a token, or does not know the guest any more. */
function turnAway(me, { guests }) {
  leaveChat();
  stopWaiting();
  forgetCurrentIdentity();
  showWithoutToken(me, guests);
}

function showWithoutToken(me, guests) {
  guestProject = me.project;
  const known = formFields(me);
  show(siteDoor);
  siteSignIn.showWithoutToken({ guests, name: known.name === known.id ? '' : known.name }, () => showSignIn(known));
}

/** What the form can be filled in with: nobody picks a guest's id. */
function formFields({ id, guest, role, ...others }) {
  return guest || role === 'guest' ? others : { id, ...others };
}

function showUnread(count) {
  document.title = count > 0 ? `(${count}) Klatch` : 'Klatch';
}

/** `elsewhere`: another tab has signed out, and this one follows. */
function signOut(elsewhere) {
  const { me } = chat;
  chat.signOut();
  chat = undefined;
  if (elsewhere) forgetCurrentIdentity();
  else signOutEverywhere(me);
  history.replaceState(null, '', location.pathname);
  showUnread(0);
  if (siteToken) siteSignIn.showSignedOut(() => beToldWho({}));
  else if (me.role === 'guest') showWithoutToken(me, true);
  else return showSignIn(me);
  show(siteDoor);
}

function start() {
  const { to = '', ...askedFor } = readInvitation(location.search);
  const current = currentIdentity();
  const same = current && Object.entries(askedFor).every(([field, value]) => current[field] === value);
  writeTo = to;
  guestProject = askedFor.project ?? defaultProject;
  if (same && current.guest) beToldWho({ guest: true, me: { project: current.project, name: current.name } });
  else if (siteToken) beToldWho({});
  else if (same) enter(current);
  else showSignIn({ project: defaultProject, ...formFields(lastIdentity() ?? {}), ...askedFor });
}

const signIn = new SignIn(door, (me, to) => {
  writeTo = to;
  enter(me);
});
const siteSignIn = new SiteSignIn(siteDoor, {
  onGuest: (name) => beToldWho({ guest: true, me: { project: guestProject, name: name || undefined } }),
});
start();
document.getElementById('starting').remove();
