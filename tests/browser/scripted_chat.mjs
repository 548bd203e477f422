// What a scripted server knows of one user: a mailbox that speaks the extended dialect, kept over its restarts.

export class ScriptedChat {
  #me;
  #inbox = [];
  #acks = new Map();
  #devices = new Set();
  #nextMid = 1;

  /**
   * `onUser(client, frame)` sees every message of the user first; if it returns true, nothing else is done. `welcome`:
   * more fields of the welcome.
   */
  constructor(me, { epoch = 'first', onUser = () => false, messagesAPage = 200, returnsRefs = true, welcome } = {}) {
    this.#me = me;
    this.welcome = welcome;
    this.epoch = epoch;
    this.onUser = onUser;
    this.messagesAPage = messagesAPage;
    this.returnsRefs = returnsRefs;
    this.marks = new Map();
    this.clock = Date.now();
  }

  /** Does with a frame of the page what a server does. */
  handle(client, frame) {
    const handlers = {
      system: () => this.#register(client, frame),
      user: () => this.onUser(client, frame) || this.take(client, frame),
      history: () => this.#history(client, frame),
      conversations: () => this.#conversations(client, frame),
      ping: () => this.#answer(client, frame, { type: 'pong' }),
    };
    handlers[frame.type]?.();
  }

  /** `from` writes to the user: stored, and said to every device. */
  arrive(from, text, more = {}) {
    const entry = this.#store({ from, to: this.#me.id, name: `N${from}`, color: '#00f', message: text, ...more });
    for (const device of this.#devices) device.say(entry);
    return entry;
  }

  /** The user writes from a device that is not the page. */
  sentElsewhere(to, text) {
    const entry = this.#store({ ...this.#mine(), to, message: text });
    for (const device of this.#devices) device.say(entry);
    return entry;
  }

  /** Stores a message of the page without an answer, as if the connection broke before it. */
  swallow({ to_id, message, cid }) {
    const entry = this.#store({ ...this.#mine(), to: to_id, message });
    this.#acks.set(cid, ackOf(cid, entry));
  }

  /** Stores a message of the page, acknowledges it, and says it to the user's other devices. */
  take(client, frame) {
    const { cid } = frame;
    const known = this.#acks.has(cid);
    if (!known) this.swallow(frame);
    client.say(this.#acks.get(cid));
    if (known) return;
    for (const device of this.#devices) if (device !== client) device.say(this.#inbox.at(-1));
  }

  say(frame) {
    for (const device of this.#devices) device.say(frame);
  }

  /** How many messages there are with `partner`. */
  count(partner) {
    return this.#with(partner).length;
  }

  #mine() {
    const { id: from, name } = this.#me;
    return { from, name, color: '#0a0' };
  }

  #partnerOf({ from, to }) {
    return from === this.#me.id ? to : from;
  }

  #with(partner) {
    return this.#inbox.filter((entry) => this.#partnerOf(entry) === partner);
  }

  #store(message) {
    const entry = {
      type: 'usermsg',
      mid: String(this.#nextMid++),
      n: this.#with(this.#partnerOf(message)).length + 1,
      seq: this.#inbox.length + 1,
      ts: this.clock++,
      ...message,
    };
    this.#inbox.push(entry);
    return entry;
  }

  /** As a server answers: with the `ref` of the frame, unless it is of an older version. */
  #answer(client, { ref }, frame) {
    client.say(this.returnsRefs && ref !== undefined ? { ...frame, ref } : frame);
  }

  #register(client, frame) {
    const { resume } = frame;
    const head = this.#inbox.length;
    const recovered = resume !== undefined && resume.epoch === this.epoch && resume.since <= head;
    const limits = { frame_bytes: 401408, message_bytes: 65536, send_rate: 20, burst: 60 };
    this.#answer(client, frame, {
      type: 'welcome',
      v: 2,
      id: this.#me.id,
      epoch: this.epoch,
      head,
      floor: 1,
      recovered,
      ping_s: 25,
      limits,
      ...this.welcome,
    });
    if (recovered) for (const entry of this.#inbox.slice(resume.since)) client.say(entry);
    this.#devices.add(client);
    client.on('close', () => this.#devices.delete(client));
  }

  #history(client, frame) {
    const { with: partner, before = Infinity, after, limit = 50 } = frame;
    const all = this.#with(partner).filter(({ n }) => n < before);
    const size = Math.min(limit, this.messagesAPage);
    const messages = all.slice(-size).map(withoutSeq);
    const echoed = { ...(before < Infinity && { before }), ...(after !== undefined && { after }) };
    this.#answer(client, frame, { type: 'history', with: partner, ...echoed, messages, more: all.length > size });
  }

  #conversations(client, frame) {
    const { before, limit = 50 } = frame;
    const newest = new Map();
    for (const entry of this.#inbox) {
      const partner = this.#partnerOf(entry);
      newest.delete(partner);
      newest.set(partner, entry);
    }
    const all = [...newest].reverse();
    const start = before === undefined ? 0 : all.findIndex(([, { mid }]) => mid === before) + 1;
    const rows = all.slice(start, start + limit).map(([partner, last]) => this.#row(partner, last));
    this.#answer(client, frame, { type: 'conversations', conversations: rows, more: all.length > start + limit });
  }

  #row(partner, last) {
    const marks = { read: 0, peer_read: 0, peer_delivered: 0, ...this.marks.get(partner) };
    const unread = this.#with(partner).filter(({ from, n }) => from !== this.#me.id && n > marks.read).length;
    return { with: partner, last: withoutSeq(last), unread, ...marks };
  }
}

function ackOf(cid, { mid, n, seq, ts }) {
  return { type: 'ack', cid, mid, n, seq, ts };
}

function withoutSeq({ seq: _, ...message }) {
  return message;
}
