// The open conversation: its header and its log, which follows the end unless the reader has scrolled up.

import { paint_avatar } from './avatar.js';
import { title_of } from './conversation_list.js';
import { by_id, make, set_text } from './dom.js';
import { MessageList } from './message_list.js';
import { OlderRow } from './older_row.js';
import { shown_id } from './safe_text.js';

/** How far from the end, in CSS pixels, still counts as being there. */
const end_tolerance = 40;
/** How near to the first message, in CSS pixels, the reader has to be for older ones to be loaded. */
const start_tolerance = 400;

export class ConversationView {
  #me;
  #handlers;
  #conversation;
  #list;
  #log;
  #rows;
  #older_row;
  #online = false;
  #at_end = true;
  #unseen = 0;
  #scroll_due = 0;
  #jump = by_id('jump');
  #resized = new ResizeObserver(() => this.#at_end && this.#scroll_to_end());

  /**
   * `on_retry(message)`: the reader wants a failed message sent again. `on_read()`: the reader got to the end.
   * `on_older(conversation)`: the reader got near the first message; told again and again while that is so.
   */
  constructor(me, signal, handlers) {
    this.#me = me;
    this.#handlers = handlers;
    this.#jump.addEventListener('click', () => this.#jump_and_focus(), { signal });
    signal.addEventListener('abort', () => this.#resized.disconnect());
  }

  get at_end() {
    return this.#at_end;
  }

  /** Whether what arrives now is seen at once. */
  get being_read() {
    return this.#log !== undefined && this.#at_end && !document.hidden && document.hasFocus();
  }

  show(conversation) {
    by_id('conversation').hidden = !conversation;
    by_id('start').hidden = Boolean(conversation);
    this.#resized.disconnect();
    this.#log?.remove();
    this.#log = this.#list = undefined;
    this.#conversation = conversation;
    if (!conversation) return;
    this.show_partner(conversation);
    this.#make_log(conversation);
    this.#set_at_end(true);
    this.#scroll_to_end();
  }

  show_partner(conversation) {
    const { partner } = conversation;
    paint_avatar(by_id('partner-avatar'), conversation);
    set_text(by_id('partner-name'), title_of(conversation, this.#me));
    set_text(by_id('partner-id'), partner === this.#me.id ? 'Only you see these' : `Id ${shown_id(partner)}`);
    this.#log?.setAttribute('aria-label', `Messages with ${title_of(conversation, this.#me)}`);
  }

  add(entry, at) {
    this.#list.add(this.#conversation.messages, at);
    this.#show_older();
    if (this.#at_end) return this.#scroll_to_end();
    if (!entry.notice && !entry.mine) ++this.#unseen;
    this.#show_jump();
  }

  /** Older messages have come, or how it stands with them has changed; the reader stays where they are. */
  add_older(added) {
    this.#keeping_position(() => {
      this.#list.add_past(this.#conversation.messages, added);
      this.#show_older();
    });
  }

  update(at) {
    this.#list.update(this.#conversation.messages, at);
    if (this.#at_end) this.#scroll_to_end();
  }

  move(at) {
    this.#list.move(this.#conversation.messages, at);
    if (this.#at_end) this.#scroll_to_end();
  }

  remove(entry, at) {
    const change = () => this.#list.remove(entry, this.#conversation.messages, at);
    if (at === 0) this.#keeping_position(change);
    else change();
    this.#show_older();
  }

  show_days() {
    this.#list?.show_days();
  }

  set_online(online) {
    this.#online = online;
    this.#list?.set_online(online);
    if (this.#log) this.#show_older();
  }

  jump_to_end() {
    if (!this.#log) return;
    this.#set_at_end(true);
    this.#scroll_to_end();
    this.#handlers.on_read();
  }

  /** What comes in is read aloud by the announcer, not by the log. */
  #make_log(conversation) {
    this.#older_row = new OlderRow(() => this.#ask_for_older());
    const past = make('div', { className: 'past' });
    const properties = { id: 'log', className: 'log', role: 'log', tabIndex: 0, 'aria-live': 'off' };
    this.#rows = make('div', { className: 'rows' }, this.#older_row.element, past);
    this.#log = make('div', properties, this.#rows);
    this.#list = new MessageList(this.#rows, past, this.#me, (message) => this.#handlers.on_retry(message));
    this.#list.set_online(this.#online);
    this.#list.add_past(conversation.messages, conversation.messages);
    this.#show_older();
    this.show_partner(conversation);
    this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#log.addEventListener('keydown', (event) => event.key === 'Escape' && this.#jump_and_focus());
    by_id('log-frame').prepend(this.#log);
    this.#resized.observe(this.#log);
  }

  #show_older() {
    const { messages, older } = this.#conversation;
    this.#rows.classList.toggle('alone', messages.length === 0);
    this.#older_row.show(older, messages.length === 0, this.#online);
  }

  /** Asked for by the button, which goes: the log has the focus then, to be scrolled by keys. */
  #ask_for_older() {
    this.#log.focus({ preventScroll: true });
    this.#handlers.on_older(this.#conversation);
  }

  /** Asks for older messages where the first one is near, or the log is not full yet. */
  check_start() {
    const { scrollTop } = this.#log ?? {};
    if (scrollTop < start_tolerance && this.#conversation.older === 'more') this.#handlers.on_older(this.#conversation);
  }

  /** What is at the start changes; what is in sight stays in sight. */
  #keeping_position(change) {
    if (this.#at_end) {
      change();
      return this.#scroll_to_end();
    }
    const from_end = this.#log.scrollHeight - this.#log.scrollTop;
    change();
    this.#log.scrollTop = this.#log.scrollHeight - from_end;
  }

  #scrolled() {
    if (this.#scroll_due) return;
    this.check_start();
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    const at_end = scrollHeight - scrollTop - clientHeight <= end_tolerance;
    if (at_end === this.#at_end) return;
    this.#set_at_end(at_end);
    if (at_end) this.#handlers.on_read();
  }

  #set_at_end(at_end) {
    this.#at_end = at_end;
    if (at_end) this.#unseen = 0;
    this.#show_jump();
  }

  #show_jump() {
    this.#jump.hidden = this.#at_end;
    const news = this.#unseen === 1 ? '1 new message' : `${this.#unseen} new messages`;
    set_text(this.#jump, `${this.#unseen > 0 ? news : 'Latest messages'} ↓`);
  }

  #jump_and_focus() {
    this.jump_to_end();
    by_id('message').focus();
  }

  /** Once a frame however much arrives: each scroll costs a layout. */
  #scroll_to_end() {
    if (this.#scroll_due) return;
    this.#scroll_due = requestAnimationFrame(() => {
      this.#scroll_due = 0;
      if (this.#log && this.#at_end) this.#log.scrollTop = this.#log.scrollHeight;
      this.check_start();
    });
  }
}
