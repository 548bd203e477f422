// The open conversation: its header and its log, which follows the end unless the reader has scrolled up.

import { paint_avatar } from './avatar.js';
import { title_of } from './conversation_list.js';
import { by_id, make, set_text } from './dom.js';
import { MessageList } from './message_list.js';

/** How far from the end, in CSS pixels, still counts as being there. */
const end_tolerance = 40;

export class ConversationView {
  #me;
  #handlers;
  #list;
  #log;
  #online = false;
  #at_end = true;
  #unseen = 0;
  #scroll_due = 0;
  #jump = by_id('jump');
  #resized = new ResizeObserver(() => this.#at_end && this.#scroll_to_end());

  /** `on_retry(message)`: the reader wants a failed message sent again. `on_read()`: the reader got to the end. */
  constructor(me, signal, handlers) {
    this.#me = me;
    this.#handlers = handlers;
    this.#jump.addEventListener('click', () => this.#jump_and_focus(), { signal });
    signal.addEventListener('abort', () => this.#resized.disconnect());
  }

  /** Whether what arrives now is seen at once. */
  get being_read() {
    return this.#log !== undefined && this.#at_end && !document.hidden;
  }

  show(conversation) {
    by_id('conversation').hidden = !conversation;
    by_id('start').hidden = Boolean(conversation);
    this.#resized.disconnect();
    this.#log?.remove();
    this.#log = this.#list = undefined;
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
    set_text(by_id('partner-id'), partner === this.#me.id ? 'Only you see these' : `Id ${partner}`);
    this.#log?.setAttribute('aria-label', `Messages with ${title_of(conversation, this.#me)}`);
  }

  append(entry) {
    this.#list.append(entry);
    if (this.#at_end) return this.#scroll_to_end();
    if (!entry.notice && !entry.mine) ++this.#unseen;
    this.#show_jump();
  }

  update(message) {
    this.#list.update(message);
    if (this.#at_end) this.#scroll_to_end();
  }

  remove(entry) {
    this.#list.remove(entry);
  }

  set_online(online) {
    this.#online = online;
    this.#list?.set_online(online);
  }

  jump_to_end() {
    if (!this.#log) return;
    this.#set_at_end(true);
    this.#scroll_to_end();
    this.#handlers.on_read();
  }

  /** A new element each time: what it holds when it enters the page is not read aloud, what comes after is. */
  #make_log(conversation) {
    this.#log = make('div', {
      id: 'log',
      className: 'log',
      role: 'log',
      tabIndex: 0,
      'aria-live': 'polite',
      'aria-relevant': 'additions',
    });
    this.#list = new MessageList(this.#log, this.#me, (message) => this.#handlers.on_retry(message));
    this.#list.set_online(this.#online);
    for (const entry of conversation.messages) this.#list.append(entry);
    this.show_partner(conversation);
    this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#log.addEventListener('keydown', (event) => event.key === 'Escape' && this.#jump_and_focus());
    by_id('log-frame').prepend(this.#log);
    this.#resized.observe(this.#log);
  }

  #scrolled() {
    if (this.#scroll_due) return;
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
    });
  }
}
