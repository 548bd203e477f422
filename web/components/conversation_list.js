// The list of conversations, and the field that starts one.

import { avatar, paintAvatar } from './avatar.js';
import { composing, make, part, setText } from './dom.js';
import { addressProblem } from './identity.js';
import { KeyedList } from './keyed_list.js';
import { MoreConversations } from './more_conversations.js';
import { spelledId } from '../sdk/index.js';
import { personName, shownId, shownLine } from '../text/safe_text.js';
import { shortTime } from '../text/times.js';

export class ConversationList {
  #root;
  #conversations;
  #me;
  #onOpen;
  #active = '';
  #element;
  #field;
  #more;
  #list;
  #count = 0;
  /** What is to be drawn at the end of this task, if anything is. */
  #changed = new Set();

  /**
   * Shows `conversations`, and how `loading` stands. `onOpen(id)`: a conversation was chosen or an id was typed;
   * `onMore()`: the reader got to the list's end.
   */
  constructor(root, { conversations, loading, me, signal }, { onOpen, onMore }) {
    this.#root = root;
    this.#conversations = conversations;
    this.#me = me;
    this.#onOpen = onOpen;
    this.#element = part(root, 'conversation-list');
    this.#field = part(root, 'write-to');
    this.#more = new MoreConversations(this.#element, onMore);
    this.#element.replaceChildren(this.#more.item);
    const fill = (row, { conversation }) => this.#fill(row, conversation);
    this.#list = new KeyedList(this.#element, ({ key }) => this.#rowOf(key), fill);
    for (const scrolled of [this.#element, this.#element.parentElement])
      scrolled.addEventListener('scroll', () => this.#more.check(), { signal, passive: true });
    this.clear();
    part(root, 'write-to-form').addEventListener('submit', (event) => this.#submit(event), { signal });
    this.#field.addEventListener('input', () => this.#showError(''), { signal });
    this.#field.addEventListener('keydown', (event) => this.#keydown(event), { signal });
    conversations.addEventListener('change', ({ detail }) => this.#drawSoon(detail.conversation), { signal });
    loading.addEventListener('list', ({ detail }) => this.#showLoading(detail), { signal });
    this.#showEmpty();
  }

  clear() {
    this.#field.value = '';
    this.#showError('');
  }

  /** Draws every row anew: what they say depends on the day, too. */
  drawAll() {
    this.#changed = new Set(this.#conversations.list());
    this.#drawChanged();
  }

  setActive(id) {
    const left = this.#active;
    this.#active = id;
    for (const each of [left, id]) if (this.#row(each)) markCurrent(this.#row(each).button, each === id);
  }

  focus(id) {
    (this.#row(id)?.button ?? this.#field).focus();
  }

  focusField() {
    this.#field.focus();
  }

  /** However much of a conversation changes in one task, its row is drawn once. */
  #drawSoon(conversation) {
    if (this.#changed.size === 0) queueMicrotask(() => this.#drawChanged());
    this.#changed.add(conversation);
  }

  #drawChanged() {
    if (this.#changed.size === 0) return;
    const changed = this.#changed;
    this.#changed = new Set();
    const items = this.#conversations.list().map((conversation) => ({ key: conversation.id, conversation }));
    this.#count = items.length;
    this.#showEmpty();
    this.#list.show(items, items.filter(({ conversation }) => changed.has(conversation)));
  }

  #row(id) {
    return this.#list.get(id);
  }

  /** If there is room for more depends on the rows that have come. */
  #showLoading(state) {
    this.#drawChanged();
    this.#more.show(state);
    this.#showEmpty();
  }

  #showEmpty() {
    part(this.#root, 'no-conversations').hidden = this.#count > 0 || this.#more.busy;
    this.#element.hidden = this.#count === 0 && this.#more.item.hidden;
  }

  #rowOf(id) {
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
    const snippet = make('span', { className: 'row-snippet', dir: 'auto' }, row.who, row.words);
    row.guest = guestTag();
    const title = make('span', { className: 'row-title' }, row.name, row.guest);
    const parts = [row.avatar, title, row.time, snippet, row.badge];
    row.button = make('button', { type: 'button', className: 'row-button' }, ...parts);
    row.button.addEventListener('click', () => this.#onOpen(id));
    markCurrent(row.button, id === this.#active);
    row.element = make('li', {}, row.button);
    return row;
  }

  #fill(row, conversation) {
    const { id, unread } = conversation;
    const last = conversation.messages.findLast(({ notice }) => !notice);
    paintAvatar(row.avatar, conversation);
    setText(row.name, titleOf(conversation, this.#me));
    row.guest.hidden = conversation.role !== 'guest';
    row.button.title = `Id ${shownId(id)}`;
    setText(row.time, last ? shortTime(last.sentAt, Date.now()) : '');
    setText(row.who, last ? saysWho(last) : '');
    setText(row.words, last ? shownLine(last.text.trimStart().slice(0, 200)) : `Id ${shownId(id)}`);
    setText(row.unread, unread > 99 ? '99+' : String(unread));
    row.badge.hidden = unread === 0;
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
    setText(part(this.#root, 'write-to-error'), text);
    if (text) this.#field.setAttribute('aria-invalid', 'true');
    else this.#field.removeAttribute('aria-invalid');
  }
}

/** Says that somebody is a guest, whatever they call themselves. */
function guestTag() {
  return make('span', { className: 'guest-tag', hidden: true }, 'Guest');
}

/** What a conversation is called: the other's name if it is known. */
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
