// Loads what the server keeps: the list of conversations and older messages, a page at a time as the reader gets there.

import { kept_conversations } from './conversations.js';

const conversations_a_page = 50;
const messages_a_page = 50;

export class Loading {
  #client;
  #conversations;
  #on_list;
  #before;
  #state = 'needed';

  /** `on_list(state)` tells how the list of conversations stands: needed, loading, failed, more, whole. */
  constructor(client, conversations, on_list) {
    this.#client = client;
    this.#conversations = conversations;
    this.#on_list = on_list;
  }

  /** A connection is there: goes on, or, where it has not `recovered`, begins again. */
  welcomed({ recovered }) {
    if (!recovered) {
      this.#before = undefined;
      this.#become('needed');
    }
    if (this.#state === 'needed' || this.#state === 'failed') this.#load_list();
  }

  /** The reader got to the end of the list. */
  more_conversations() {
    if (this.#state === 'more' || this.#state === 'failed') this.#load_list();
  }

  /** The reader got to the first message that is here. */
  async older(conversation) {
    if (!['more', 'failed'].includes(conversation.older) || this.#client.status.state !== 'online') return;
    this.#conversations.set_older(conversation, 'loading');
    const before = conversation.messages.find(({ n }) => n > 0)?.n;
    try {
      const page = await this.#client.history(conversation.partner, { before, limit: messages_a_page });
      this.#conversations.add_history(conversation, page);
    } catch ({ code }) {
      // After a lost connection it is asked for again by itself.
      this.#conversations.set_older(conversation, code === 'offline' ? 'more' : 'failed');
    }
  }

  async #load_list() {
    this.#become('loading');
    try {
      const asked = { before: this.#before, limit: conversations_a_page };
      const { conversations, more } = await this.#client.conversations(asked);
      this.#before = conversations.at(-1)?.last.mid ?? this.#before;
      this.#conversations.add_rows(conversations);
      const room = this.#conversations.list().length < kept_conversations;
      this.#become(more && room && conversations.length > 0 ? 'more' : 'whole');
    } catch ({ code }) {
      this.#become(code === 'offline' ? 'needed' : 'failed');
    }
  }

  #become(state) {
    this.#state = state;
    this.#on_list(state);
  }
}
