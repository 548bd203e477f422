// The list of conversations, and the field that starts one.

import { avatar, paintAvatar } from './avatar.js';
import { byId, composing, make, setText, wholeOrNot } from './dom.js';
import { addressProblem } from './identity.js';
import { MoreConversations } from './more_conversations.js';
import { personName, shownId, shownLine } from '../text/safe_text.js';
import { spelledId } from '../sdk/index.js';
import { shortTime } from '../text/times.js';

export class ConversationList {
  #me;
  #onOpen;
  #active = '';
  #rows = new Map();
  #list = byId('conversation-list');
  #field = byId('write-to');
  #more = new MoreConversations(this.#list, () => this.#onMore());
  #onMore;

  /** `onOpen(id)`: a conversation was chosen or an id was typed. `onMore()`: the reader got to the list's end. */
  constructor(me, signal, { onOpen, onMore }) {
    this.#me = me;
    this.#onOpen = onOpen;
    this.#onMore = onMore;
    this.#list.replaceChildren(this.#more.item);
    for (const scrolled of [this.#list, this.#list.parentElement])
      scrolled.addEventListener('scroll', () => this.#more.check(), { signal, passive: true });
    this.#field.value = '';
    this.#showError('');
    byId('write-to-form').addEventListener('submit', (event) => this.#submit(event), { signal });
    this.#field.addEventListener('input', () => this.#showError(''), { signal });
    this.#field.addEventListener('keydown', (event) => this.#keydown(event), { signal });
  }

  /** Shows `conversations` in their order; rows that are there are kept, and with them the focus. */
  render(conversations) {
    this.#showEmpty(conversations.length);
    const gone = new Set(this.#rows.keys());
    conversations.forEach((conversation, at) => {
      gone.delete(conversation.id);
      const row = this.#row(conversation.id);
      wholeOrNot(() => this.#fill(row, conversation));
      if (this.#list.children[at] !== row.item) this.#place(row, at);
    });
    for (const id of gone) {
      this.#rows.get(id).item.remove();
      this.#rows.delete(id);
    }
  }

  /** How it stands with conversations that are not in the list yet; see loading.js. */
  setLoading(state) {
    this.#more.show(state);
    this.#showEmpty(this.#rows.size);
  }

  #showEmpty(count) {
    byId('no-conversations').hidden = count > 0 || this.#more.busy;
    this.#list.hidden = count === 0 && this.#more.item.hidden;
  }

  setActive(id) {
    this.#active = id;
    for (const [other, { button }] of this.#rows) markCurrent(button, other === id);
  }

  focus(id) {
    (this.#rows.get(id)?.button ?? this.#field).focus();
  }

  #row(id) {
    const known = this.#rows.get(id);
    if (known) return known;
    const row = {
      avatar: avatar(),
      name: make('span', { className: 'row-name', dir: 'auto' }),
      time: make('span', { className: 'row-time' }),
      who: make('span', { className: 'row-who' }),
      words: make('span'),
      unread: make('span', { className: 'row-unread' }),
    };
    const unreadWord = make('span', { className: 'visually-hidden' }, ' unread');
    row.badge = make('span', { className: 'badge', hidden: true }, row.unread, unreadWord);
    row.button = make(
      'button',
      { type: 'button', className: 'row-button' },
      row.avatar,
      row.name,
      row.time,
      make('span', { className: 'row-snippet', dir: 'auto' }, row.who, row.words),
      row.badge,
    );
    row.button.addEventListener('click', () => this.#onOpen(id));
    markCurrent(row.button, id === this.#active);
    row.item = make('li', {}, row.button);
    this.#rows.set(id, row);
    return row;
  }

  #fill(row, conversation) {
    const { id, unread } = conversation;
    const last = conversation.messages.findLast(({ notice }) => !notice);
    paintAvatar(row.avatar, conversation);
    setText(row.name, titleOf(conversation, this.#me));
    row.button.title = `Id ${shownId(id)}`;
    setText(row.time, last ? shortTime(last.sentAt, Date.now()) : '');
    setText(row.who, last ? saysWho(last) : '');
    setText(row.words, last ? shownLine(last.text.trimStart().slice(0, 200)) : `Id ${shownId(id)}`);
    setText(row.unread, unread > 99 ? '99+' : String(unread));
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
    const id = spelledId(this.#field.value.trim());
    const problem = id === '' ? 'Type the id of the person to write to.' : addressProblem(id);
    this.#showError(problem ?? '');
    if (problem) return this.#field.focus();
    this.#field.value = '';
    this.#onOpen(id);
  }

  #keydown(event) {
    if (event.key !== 'Escape' || composing(event)) return;
    this.#field.value = '';
    this.#showError('');
  }

  #showError(text) {
    setText(byId('write-to-error'), text);
    if (text) this.#field.setAttribute('aria-invalid', 'true');
    else this.#field.removeAttribute('aria-invalid');
  }
}

/** What a conversation is called: the other's name where it is known. */
export function titleOf({ id, name }, me) {
  return id === me.id ? 'Notes to yourself' : personName({ id, name });
}

/** Set apart from the text: nobody else's message can begin with it. */
function saysWho({ mine, state }) {
  if (!mine) return '';
  return state === 'failed' ? 'Not delivered: ' : 'You: ';
}

function markCurrent(button, current) {
  if (current) button.setAttribute('aria-current', 'true');
  else button.removeAttribute('aria-current');
}
