// Loads what the server keeps: the list of conversations and older messages, a page at a time as the reader gets there.

import { keptConversations } from './conversations.js';

const conversationsAPage = 50;
const messagesAPage = 50;

/**
 * Event `list`, whose `detail` says how it stands with the list of conversations:
 *   needed    nothing is asked for
 *   loading   more are asked for
 *   failed    they could not be had
 *   more      there are some that are not here
 *   whole     all that are kept are here
 */
export class Loading extends EventTarget {
  #client;
  #conversations;
  #before;
  #state = 'needed';

  constructor(client, conversations) {
    super();
    this.#client = client;
    this.#conversations = conversations;
  }

  /** A connection is there: goes on, or, if it has not `recovered`, begins again. */
  welcomed({ recovered }) {
    if (!recovered) {
      this.#before = undefined;
      this.#become('needed');
    }
    if (this.#state === 'needed' || this.#state === 'failed') this.#loadList();
  }

  /** The reader got to the end of the list. */
  moreConversations() {
    if (this.#state === 'more' || this.#state === 'failed') this.#loadList();
  }

  /** The reader got to the first message that is here. */
  async older(conversation) {
    if (!['more', 'failed'].includes(conversation.older) || this.#client.status.state !== 'online') return;
    this.#conversations.setOlder(conversation, 'loading');
    const before = conversation.messages.find(({ n }) => n > 0)?.n;
    try {
      const page = await this.#client.history(conversation.id, { before, limit: messagesAPage });
      this.#conversations.addHistory(conversation, page);
    } catch ({ code }) {
      // After a lost connection it is asked for again by itself.
      this.#conversations.setOlder(conversation, code === 'offline' ? 'more' : 'failed');
    }
  }

  async #loadList() {
    this.#become('loading');
    try {
      const asked = { before: this.#before, limit: conversationsAPage };
      const { conversations, more } = await this.#client.conversations(asked);
      this.#before = conversations.at(-1)?.last.mid ?? this.#before;
      this.#conversations.addRows(conversations);
      const room = this.#conversations.list().length < keptConversations;
      this.#become(more && room && conversations.length > 0 ? 'more' : 'whole');
    } catch ({ code }) {
      this.#become(code === 'offline' ? 'needed' : 'failed');
    }
  }

  #become(state) {
    this.#state = state;
    this.dispatchEvent(new CustomEvent('list', { detail: state }));
  }
}
