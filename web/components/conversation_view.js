// The open conversation: its header and its log, which follows the end unless the reader has scrolled up.

import { paintAvatar } from './avatar.js';
import { titleOf } from './conversation_list.js';
import { make, part, setText } from './dom.js';
import { MessageList } from './message_list.js';
import { OlderRow } from './older_row.js';
import { shownId } from '../text/safe_text.js';

/** How far from the end, in CSS pixels, still counts as being there. */
const endTolerance = 40;
/** How near to the first message, in CSS pixels, the reader has to be for older ones to be loaded. */
const startTolerance = 400;

export class ConversationView {
  #root;
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
  #jump;
  #resized = new ResizeObserver(() => this.#atEnd && this.#scrollToEnd());

  /**
   * Shows one of `conversations`. `onRetry(message)`: the reader wants a failed message sent again. `onRead()`: the
   * reader got to the end. `onJump()`: the reader went there, to write. `onOlder(conversation)`: the reader got near
   * the first message; called again and again while that is so.
   */
  constructor(root, { conversations, me, signal }, handlers) {
    this.#root = root;
    this.#me = me;
    this.#handlers = handlers;
    this.#jump = part(root, 'jump');
    this.#jump.addEventListener('click', () => this.#jumpAndLeave(), { signal });
    signal.addEventListener('abort', () => this.#resized.disconnect());
    this.#follow(conversations, signal);
  }

  get atEnd() {
    return this.#atEnd;
  }

  /** Returns whether what arrives now is seen at once. */
  get beingRead() {
    return this.#log !== undefined && this.#atEnd && !document.hidden && document.hasFocus();
  }

  show(conversation) {
    part(this.#root, 'conversation').hidden = !conversation;
    part(this.#root, 'start').hidden = Boolean(conversation);
    this.#resized.disconnect();
    this.#log?.remove();
    this.#log = this.#list = undefined;
    this.#conversation = conversation;
    if (!conversation) return;
    this.#makeLog(conversation);
    this.#setAtEnd(true);
    this.#scrollToEnd();
  }

  /** For readers on a touch screen, where the keyboard would cover what is to be read first. */
  focusName() {
    part(this.#root, 'partner-name').focus();
  }

  #showPartner() {
    const conversation = this.#conversation;
    const { id, role } = conversation;
    paintAvatar(part(this.#root, 'partner-avatar'), conversation);
    setText(part(this.#root, 'partner-name'), titleOf(conversation, this.#me));
    const who = role === 'guest' ? `Guest · Id ${shownId(id)}` : `Id ${shownId(id)}`;
    setText(part(this.#root, 'partner-id'), id === this.#me.id ? 'Only you see these' : who);
    this.#log.setAttribute('aria-label', `Messages with ${titleOf(conversation, this.#me)}`);
  }

  /** Draws what changes in the conversation that is shown. */
  #follow(conversations, signal) {
    const views = {
      added: ({ entry }) => this.#added(entry),
      changed: ({ entries }) => this.#redraw(entries),
      moved: ({ entry }) => this.#redraw([entry]),
      removed: ({ at }) => this.#removed(at),
      older: () => this.#keepingPosition(() => this.#draw()),
      reset: ({ conversation }) => this.show(conversation),
      read: () => {},
    };
    const draw = ({ type, detail }) => {
      if (detail.conversation !== this.#conversation) return;
      views[type](detail);
      this.#showPartner();
    };
    for (const type of Object.keys(views)) conversations.addEventListener(type, draw, { signal });
  }

  #draw(changed) {
    this.#list.show(this.#conversation.messages, changed);
    this.#showOlder();
  }

  #added(entry) {
    this.#draw();
    if (this.#atEnd) return this.#scrollToEnd();
    if (!entry.notice && !entry.mine) ++this.#unseen;
    this.#showJump();
  }

  #redraw(entries) {
    this.#draw(entries);
    if (this.#atEnd) this.#scrollToEnd();
  }

  /** Of a full log the first message goes as another one comes; what is in sight stays in sight. */
  #removed(at) {
    if (at === 0) this.#keepingPosition(() => this.#draw());
    else this.#draw();
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
    const list = make('div');
    const properties = { id: 'log', className: 'log', role: 'log', tabIndex: 0, 'aria-live': 'off' };
    this.#rows = make('div', { className: 'rows' }, this.#olderRow.element, list);
    this.#log = make('div', properties, this.#rows);
    this.#list = new MessageList(list, (message) => this.#handlers.onRetry(message));
    this.#list.setOnline(this.#online);
    this.#list.show(conversation.messages);
    this.#showOlder();
    this.#showPartner();
    this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#log.addEventListener('keydown', (event) => event.key === 'Escape' && this.#jumpAndLeave());
    part(this.#root, 'log-frame').prepend(this.#log);
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

  /** Asks for older messages if the first one is near, or the log is not full yet. */
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

  #jumpAndLeave() {
    this.jumpToEnd();
    this.#handlers.onJump();
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
