// A conversation: what it is, and what may happen to its messages. Pure.

import { placeOf } from './conversation_order.js';

/** How many messages a conversation keeps, the newest. */
export const keptMessages = 2000;
/** How many are left when the reader goes to another conversation; the others can be loaded again. */
export const keptWhenLeft = 200;

/**
 * A conversation: { id, name, color, role, messages, unread, activity, draft, read, peerRead, peerDelivered, older }
 * with the `id` of the other, their `role`, 'guest' if they are one, `activity`, its place in the list (see conversation_order.js), my mark `read`, the
 * other's marks `peerRead` and `peerDelivered`, and `older`, how it stands with messages before the first one here:
 *   more     there may be some
 *   loading  they are asked for
 *   failed   they could not be had
 *   none     this is the beginning
 *   full     there are some, and as many here as are kept
 *   unkept   the server keeps none
 * A message: { key, conversation, from, mine, name, color, text, sentAt, mid, n, state, why } with the id of its
 * conversation. Those with a number `n` stand in its order, without a gap. Those without one stand where they were
 * added, what is being sent after everything else.
 * `state` of my own ones:
 *   sending    not acknowledged by the server yet
 *   sent, delivered, read
 *   failed     not taken, for the reason `why`
 * A notice: { key, conversation, notice: true, text, sentAt }.
 */
export function newConversation(id, me, activity, kept) {
  const { name, color } = id === me.id ? me : { name: '', color: '' };
  return { id, name, color, role: '', activity, draft: '', ...nothingLoaded(kept) };
}

/** What a conversation has of which nothing is here yet; `kept` is whether the server keeps messages at all. */
export function nothingLoaded(kept) {
  const older = kept ? 'more' : 'unkept';
  return { messages: [], byMid: new Map(), unread: 0, read: 0, peerRead: 0, peerDelivered: 0, older };
}

/** Returns the message that a frame brings; `now` is its time if the frame says none. */
export function messageOf({ from, name, color, text, sentAt, mid, n }, conversation, me, now) {
  const mine = from === me.id;
  const state = mine ? stateOf(conversation, n, me) : '';
  return { from, mine, name, color, text, sentAt: sentAt || now, mid, n, state, why: '' };
}

/** Returns what the other's marks make of my message number `n`. Notes to myself have no other. */
export function stateOf({ id, peerRead, peerDelivered }, n, me) {
  if (n === 0 || id === me.id) return 'sent';
  if (n <= peerRead) return 'read';
  return n <= peerDelivered ? 'delivered' : 'sent';
}

/** Gives my messages the states that the other's marks make of them, and returns those that have another one now. */
export function refreshStates(conversation, me) {
  return conversation.messages.filter((message) => {
    if (!message.mine || message.n === 0) return false;
    const before = message.state;
    message.state = stateOf(conversation, message.n, me);
    return message.state !== before;
  });
}

/** Puts an entry into its place, and returns the index. */
export function place(conversation, entry) {
  const { id, messages } = conversation;
  entry.conversation = id;
  const at = entry.n > 0 ? placeOf(messages, entry.n) : messages.length;
  messages.splice(at, 0, entry);
  if (entry.mid) conversation.byMid.set(entry.mid, entry);
  return at;
}

/** Gives a message that is here the number that the server has given it; returns its index before and after. */
export function number(conversation, message, { mid, n }) {
  const { messages } = conversation;
  const before = messages.indexOf(message);
  messages.splice(before, 1);
  Object.assign(message, { mid, n });
  const at = n > 0 ? placeOf(messages, n) : before;
  messages.splice(at, 0, message);
  if (mid) conversation.byMid.set(mid, message);
  return { before, at };
}

/** Takes an entry out, and returns the index that it had. */
export function remove(conversation, entry) {
  const at = conversation.messages.indexOf(entry);
  conversation.messages.splice(at, 1);
  if (conversation.byMid.get(entry.mid) === entry) conversation.byMid.delete(entry.mid);
  return at;
}

/** Takes out all but the newest few messages, and returns whether there were more. */
export function shorten(conversation) {
  const surplus = Math.max(0, conversation.messages.length - keptWhenLeft);
  for (const { mid } of conversation.messages.splice(0, surplus)) conversation.byMid.delete(mid);
  return surplus > 0;
}
