// The list of conversations, and the field that starts one.

import { avatar, paint_avatar } from './avatar.js';
import { by_id, composing, make, set_text, whole_or_not } from './dom.js';
import { address_problem } from './identity.js';
import { MoreConversations } from './more_conversations.js';
import { person_name, shown_id, shown_line } from './safe_text.js';
import { spelled_id } from './sdk/protocol.js';
import { short_time } from './times.js';

export class ConversationList {
  #me;
  #on_open;
  #active = '';
  #rows = new Map();
  #list = by_id('conversation-list');
  #field = by_id('write-to');
  #more = new MoreConversations(this.#list, () => this.#on_more());
  #on_more;

  /** `on_open(partner)`: a conversation was chosen or an id was typed. `on_more()`: the reader got to the list's end. */
  constructor(me, signal, { on_open, on_more }) {
    this.#me = me;
    this.#on_open = on_open;
    this.#on_more = on_more;
    this.#list.replaceChildren(this.#more.item);
    for (const scrolled of [this.#list, this.#list.parentElement])
      scrolled.addEventListener('scroll', () => this.#more.check(), { signal, passive: true });
    this.#field.value = '';
    this.#show_error('');
    by_id('write-to-form').addEventListener('submit', (event) => this.#submit(event), { signal });
    this.#field.addEventListener('input', () => this.#show_error(''), { signal });
    this.#field.addEventListener('keydown', (event) => this.#keydown(event), { signal });
  }

  /** Shows `conversations` in their order; rows that are there are kept, and with them the focus. */
  render(conversations) {
    this.#show_empty(conversations.length);
    const gone = new Set(this.#rows.keys());
    conversations.forEach((conversation, at) => {
      gone.delete(conversation.partner);
      const row = this.#row(conversation.partner);
      whole_or_not(() => this.#fill(row, conversation));
      if (this.#list.children[at] !== row.item) this.#place(row, at);
    });
    for (const partner of gone) {
      this.#rows.get(partner).item.remove();
      this.#rows.delete(partner);
    }
  }

  /** How it stands with conversations that are not in the list yet; see loading.js. */
  set_loading(state) {
    this.#more.show(state);
    this.#show_empty(this.#rows.size);
  }

  #show_empty(count) {
    by_id('no-conversations').hidden = count > 0 || this.#more.busy;
    this.#list.hidden = count === 0 && this.#more.item.hidden;
  }

  set_active(partner) {
    this.#active = partner;
    for (const [other, { button }] of this.#rows) mark_current(button, other === partner);
  }

  focus(partner) {
    (this.#rows.get(partner)?.button ?? this.#field).focus();
  }

  #row(partner) {
    const known = this.#rows.get(partner);
    if (known) return known;
    const row = {
      avatar: avatar(),
      name: make('span', { className: 'row-name', dir: 'auto' }),
      time: make('span', { className: 'row-time' }),
      who: make('span', { className: 'row-who' }),
      words: make('span'),
      unread: make('span', { className: 'row-unread' }),
    };
    const unread_word = make('span', { className: 'visually-hidden' }, ' unread');
    row.badge = make('span', { className: 'badge', hidden: true }, row.unread, unread_word);
    row.button = make(
      'button',
      { type: 'button', className: 'row-button' },
      row.avatar,
      row.name,
      row.time,
      make('span', { className: 'row-snippet', dir: 'auto' }, row.who, row.words),
      row.badge,
    );
    row.button.addEventListener('click', () => this.#on_open(partner));
    mark_current(row.button, partner === this.#active);
    row.item = make('li', {}, row.button);
    this.#rows.set(partner, row);
    return row;
  }

  #fill(row, conversation) {
    const { partner, unread } = conversation;
    const last = conversation.messages.findLast(({ notice }) => !notice);
    paint_avatar(row.avatar, conversation);
    set_text(row.name, title_of(conversation, this.#me));
    row.button.title = `Id ${shown_id(partner)}`;
    set_text(row.time, last ? short_time(last.at, Date.now()) : '');
    set_text(row.who, last ? says_who(last) : '');
    set_text(row.words, last ? shown_line(last.text.trimStart().slice(0, 200)) : `Id ${shown_id(partner)}`);
    set_text(row.unread, unread > 99 ? '99+' : String(unread));
    row.badge.hidden = unread === 0;
  }

  /** Moving an element takes the focus from it: give it back. */
  #place(row, at) {
    const focused = document.activeElement === row.button;
    this.#list.insertBefore(row.item, this.#list.children[at]);
    if (focused) row.button.focus();
  }

  #submit(event) {
    event.preventDefault();
    const partner = spelled_id(this.#field.value.trim());
    const problem = partner === '' ? 'Type the id of the person to write to.' : address_problem(partner);
    this.#show_error(problem ?? '');
    if (problem) return this.#field.focus();
    this.#field.value = '';
    this.#on_open(partner);
  }

  #keydown(event) {
    if (event.key !== 'Escape' || composing(event)) return;
    this.#field.value = '';
    this.#show_error('');
  }

  #show_error(text) {
    set_text(by_id('write-to-error'), text);
    if (text) this.#field.setAttribute('aria-invalid', 'true');
    else this.#field.removeAttribute('aria-invalid');
  }
}

/** What a conversation is called: the partner's name where it is known. */
export function title_of({ partner, name }, me) {
  return partner === me.id ? 'Notes to yourself' : person_name({ partner, name });
}

/** Set apart from the text: nobody else's message can begin with it. */
function says_who({ mine, state }) {
  if (!mine) return '';
  return state === 'failed' ? 'Not delivered: ' : 'You: ';
}

function mark_current(button, current) {
  if (current) button.setAttribute('aria-current', 'true');
  else button.removeAttribute('aria-current');
}
