// The numbers of a conversation: its place among others, the order of its messages, the marks of who has got how far.
// Pure. No clock orders anything: those of devices are wrong, and jump.

/** The number in a message's `mid`, which rises over all of a project; 0 if it has none. */
function numberOf(mid) {
  return /^\d{1,15}$/.test(mid) ? Number(mid) : 0;
}

/**
 * Compares { mid, step }: the highest number of the server's that somebody knew, then the steps taken here since.
 * Above 0 if `one` is later.
 */
export function laterActivity(one, other) {
  return one.mid - other.mid || one.step - other.step;
}

/** Says how late something is that happens to a conversation; see `laterActivity`. */
export class ActivityClock {
  /** The highest number that the server has given a message of any conversation, and what was done here since. */
  #latest = { mid: 0, step: 0 };

  /** Returns the activity of what the server calls `mid`, or, without one, of what happens here just now. */
  at(mid) {
    const number = numberOf(mid);
    if (number === 0) return { mid: this.#latest.mid, step: ++this.#latest.step };
    this.#latest.mid = Math.max(this.#latest.mid, number);
    return { mid: number, step: 0 };
  }

  /** The numbers that come next are another log's. */
  forget() {
    this.#latest.mid = 0;
  }

  /** What was done here before the first `rows` came stays ahead of them: they are of the past. */
  keepAhead(conversations, rows) {
    const newestMid = Math.max(0, ...rows.map(({ last }) => numberOf(last.mid)));
    for (const { activity } of conversations)
      if (activity.step > 0) activity.mid = Math.max(activity.mid, newestMid);
  }
}

/** Where number `n` belongs: after all smaller numbers, before larger ones and before what is still being sent. */
export function placeOf(messages, n) {
  let place = messages.length;
  for (let at = messages.length - 1; at >= 0; --at) {
    const other = messages[at];
    if (other.n > 0 && other.n < n) break;
    if (other.n > 0 || other.state === 'sending') place = at;
  }
  return place;
}

/** The message with the highest number, if any has one. */
export function newest({ messages }) {
  return messages.findLast(({ n }) => n > 0);
}

/** Marks only ever rise, and what is read has been delivered. */
export function raiseMarks(conversation, marks) {
  for (const [mark, n] of Object.entries(marks)) conversation[mark] = Math.max(conversation[mark], n);
  conversation.peerDelivered = Math.max(conversation.peerDelivered, conversation.peerRead);
}

/** How many are unread: counted if all that follow my mark are here, else `known` at most. */
export function unreadAfter(conversation, known) {
  const { messages, read } = conversation;
  const first = messages.find(({ n }) => n > 0);
  if (!first) return known;
  if (first.n <= read + 1) return messages.filter(({ mine, n }) => !mine && n > read).length;
  return Math.min(known, newest(conversation).n - read);
}
