// The open conversation: its header and its log, which follows the end unless the reader has scrolled up.

import { paintAvatar } from './avatar.js';
import { titleOf } from './conversation_list.js';
import { byId, make, setText } from './dom.js';
import { MessageList } from './message_list.js';
import { OlderRow } from './older_row.js';
import { shownId } from '../text/safe_text.js';

/** How far from the end, in CSS pixels, still counts as being there. */
const endTolerance = 40;
/** How near to the first message, in CSS pixels, the reader has to be for older ones to be loaded. */
const startTolerance = 400;

export class ConversationView {
  #me;
  #handlers;
  #conversation;
  #list;
  #log;
  #rows;
  #olderRow;
  #online = false;
  #atEnd = true;
  #unseen = 0;
  #scrollDue = 0;
  #jump = byId('jump');
  #resized = new ResizeObserver(() => this.#atEnd && this.#scrollToEnd());

  /**
   * `onRetry(message)`: the reader wants a failed message sent again. `onRead()`: the reader got to the end.
   * `onOlder(conversation)`: the reader got near the first message; told again and again while that is so.
   */
  constructor(me, signal, handlers) {
    this.#me = me;
    this.#handlers = handlers;
    this.#jump.addEventListener('click', () => this.#jumpAndFocus(), { signal });
    signal.addEventListener('abort', () => this.#resized.disconnect());
  }

  get atEnd() {
    return this.#atEnd;
  }

  /** Whether what arrives now is seen at once. */
  get beingRead() {
    return this.#log !== undefined && this.#atEnd && !document.hidden && document.hasFocus();
  }

  show(conversation) {
    byId('conversation').hidden = !conversation;
    byId('start').hidden = Boolean(conversation);
    this.#resized.disconnect();
    this.#log?.remove();
    this.#log = this.#list = undefined;
    this.#conversation = conversation;
    if (!conversation) return;
    this.showPartner(conversation);
    this.#makeLog(conversation);
    this.#setAtEnd(true);
    this.#scrollToEnd();
  }

  showPartner(conversation) {
    const { id } = conversation;
    paintAvatar(byId('partner-avatar'), conversation);
    setText(byId('partner-name'), titleOf(conversation, this.#me));
    setText(byId('partner-id'), id === this.#me.id ? 'Only you see these' : `Id ${shownId(id)}`);
    this.#log?.setAttribute('aria-label', `Messages with ${titleOf(conversation, this.#me)}`);
  }

  add(entry, at) {
    this.#list.add(this.#conversation.messages, at);
    this.#showOlder();
    if (this.#atEnd) return this.#scrollToEnd();
    if (!entry.notice && !entry.mine) ++this.#unseen;
    this.#showJump();
  }

  /** Older messages have come, or how it stands with them has changed; the reader stays where they are. */
  addOlder(added) {
    this.#keepingPosition(() => {
      this.#list.addPast(this.#conversation.messages, added);
      this.#showOlder();
    });
  }

  update(at) {
    this.#list.update(this.#conversation.messages, at);
    if (this.#atEnd) this.#scrollToEnd();
  }

  move(at) {
    this.#list.move(this.#conversation.messages, at);
    if (this.#atEnd) this.#scrollToEnd();
  }

  remove(entry, at) {
    const change = () => this.#list.remove(entry, this.#conversation.messages, at);
    if (at === 0) this.#keepingPosition(change);
    else change();
    this.#showOlder();
  }

  showDays() {
    this.#list?.showDays();
  }

  setOnline(online) {
    this.#online = online;
    this.#list?.setOnline(online);
    if (this.#log) this.#showOlder();
  }

  jumpToEnd() {
    if (!this.#log) return;
    this.#setAtEnd(true);
    this.#scrollToEnd();
    this.#handlers.onRead();
  }

  /** What comes in is read aloud by the announcer, not by the log. */
  #makeLog(conversation) {
    this.#olderRow = new OlderRow(() => this.#askForOlder());
    const past = make('div', { className: 'past' });
    const properties = { id: 'log', className: 'log', role: 'log', tabIndex: 0, 'aria-live': 'off' };
    this.#rows = make('div', { className: 'rows' }, this.#olderRow.element, past);
    this.#log = make('div', properties, this.#rows);
    this.#list = new MessageList(this.#rows, past, this.#me, (message) => this.#handlers.onRetry(message));
    this.#list.setOnline(this.#online);
    this.#list.addPast(conversation.messages, conversation.messages);
    this.#showOlder();
    this.showPartner(conversation);
    this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#log.addEventListener('keydown', (event) => event.key === 'Escape' && this.#jumpAndFocus());
    byId('log-frame').prepend(this.#log);
    this.#resized.observe(this.#log);
  }

  #showOlder() {
    const { messages, older } = this.#conversation;
    this.#rows.classList.toggle('alone', messages.length === 0);
    this.#olderRow.show(older, messages.length === 0, this.#online);
  }

  /** Asked for by the button, which goes: the log has the focus then, to be scrolled by keys. */
  #askForOlder() {
    this.#log.focus({ preventScroll: true });
    this.#handlers.onOlder(this.#conversation);
  }

  /** Asks for older messages where the first one is near, or the log is not full yet. */
  checkStart() {
    const { scrollTop } = this.#log ?? {};
    if (scrollTop < startTolerance && this.#conversation.older === 'more') this.#handlers.onOlder(this.#conversation);
  }

  /** What is at the start changes; what is in sight stays in sight. */
  #keepingPosition(change) {
    if (this.#atEnd) {
      change();
      return this.#scrollToEnd();
    }
    const fromEnd = this.#log.scrollHeight - this.#log.scrollTop;
    change();
    this.#log.scrollTop = this.#log.scrollHeight - fromEnd;
  }

  #scrolled() {
    if (this.#scrollDue) return;
    this.checkStart();
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    const atEnd = scrollHeight - scrollTop - clientHeight <= endTolerance;
    if (atEnd === this.#atEnd) return;
    this.#setAtEnd(atEnd);
    if (atEnd) this.#handlers.onRead();
  }

  #setAtEnd(atEnd) {
    this.#atEnd = atEnd;
    if (atEnd) this.#unseen = 0;
    this.#showJump();
  }

  #showJump() {
    this.#jump.hidden = this.#atEnd;
    const news = this.#unseen === 1 ? '1 new message' : `${this.#unseen} new messages`;
    setText(this.#jump, `${this.#unseen > 0 ? news : 'Latest messages'} ↓`);
  }

  #jumpAndFocus() {
    this.jumpToEnd();
    byId('message').focus();
  }

  /** Once a frame however much arrives: each scroll costs a layout. */
  #scrollToEnd() {
    if (this.#scrollDue) return;
    this.#scrollDue = requestAnimationFrame(() => {
      this.#scrollDue = 0;
      if (this.#log && this.#atEnd) this.#log.scrollTop = this.#log.scrollHeight;
      this.checkStart();
    });
  }
}
