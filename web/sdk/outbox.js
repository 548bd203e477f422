// The messages that the server has not acknowledged: kept before they are sent, sent until they are taken or refused.

import { reconnectDelay } from './backoff.js';
import { MemoryStore } from './memory_store.js';
import { Patience } from './patience.js';
import { LeaseElection } from './outbox_leader.js';

/** How many messages of one user may wait. */
export const mostWaiting = 500;
/** How many are on their way at the same time, of different conversations; one where the server finds it too much. */
const usualInFlight = 8;
/** After this long without an answer a message is sent again. */
const ackLimitMs = 30_000;
/** The longest wait that an error of the server is believed. */
const longestPauseMs = 60_000;
/** How often a message may have been in the way before it fails: the server takes what is sent alone, but not this. */
const mostStrikes = 3;
/** How many settled messages are remembered, so that news of them that come late add nothing. */
const remembered = 1_000;

/** Errors after which the same message can be taken later, whether the frame says so or not. */
const temporaryCodes = new Set(['rate_limited', 'unavailable']);
/** The sender decides whether to try again, though it may help: nobody knows when the recipient will be there. */
const finalCodes = new Set(['not_connected']);

/**
 * An ordered list of records { cid, to, text, at, order, strikes } that all windows of its owner share: each window
 * shows all of them, and the one that leads sends them, one at a time in each conversation. A window that is
 * asleep or shows a dialog may lead: where others hear nothing of it for some seconds they send as well, which
 * does no harm: the server takes each `cid` once, and each window sends in the same order. A record has no `order`
 * while it is not kept yet, and is not sent before. `strikes`, where there are any, are how often the server refused
 * something without saying what while this one was on its way: such a suspect is sent alone, so that the next time
 * tells.
 *
 * `emit(what, record, detail)` announces
 *   queued  a record is in the list: put here, put by another window, or found at the start
 *   sent    the server has it; `detail` is its ack
 *   failed  the server will not take it; `detail` is the error, { code, text }
 *   unkept  nothing can be kept in this browser: what waits is lost when the window is closed. Once, without a record.
 * `transmit(record)` hands a record to the connection; false where that is not possible now.
 */
export class Outbox {
  #owner;
  #environment;
  #transmit;
  #emit;
  #store;
  #channel;
  #election;
  #work;
  #shift;
  #leads = () => false;
  #patience;
  #impatient = false;
  #records = new Map();
  #settled = new Set();
  #inFlight = new Map();
  #mostInFlight = usualInFlight;
  #pausedUntil = 0;
  #pauseTimer;
  #setbacks = 0;

  constructor({ owner, environment, transmit, emit }) {
    this.#owner = owner;
    this.#environment = environment;
    this.#transmit = transmit;
    this.#emit = emit;
    this.#patience = new Patience(environment, () => this.#losePatience());
    this.#work = Promise.resolve().then(() => this.#open());
  }

  /** Whether as many wait as may. */
  get full() {
    return this.#records.size >= mostWaiting;
  }

  /** Takes a message; returns its record, or nothing where too many wait already. */
  put(to, text) {
    if (this.full) return undefined;
    const record = { cid: this.#environment.newId(), to, text, at: this.#environment.date() };
    this.#records.set(record.cid, record);
    this.#emit('queued', record);
    this.#awaitOthers();
    this.#do(async () => {
      record.order = await this.#keeping((store) => store.add(record));
      this.#post({ what: 'queued', record });
      this.#pump();
    });
    return record;
  }

  /** A connection is there: stands for election with the other windows, the leader of which sends what waits. */
  online() {
    this.offline();
    const shift = new AbortController();
    this.#shift = shift;
    this.#awaitOthers();
    this.#do(() => shift.signal.aborted || this.#election.stand((leads) => this.#takeOver(leads), shift.signal));
  }

  /** The connection has gone: what was on its way may or may not have arrived, and is sent again later. */
  offline() {
    this.#shift?.abort();
    this.#shift = undefined;
    this.#leads = () => false;
    this.#impatient = false;
    this.#patience.stop();
    for (const { timer } of this.#inFlight.values()) this.#environment.clearTimer(timer);
    this.#inFlight.clear();
  }

  /** Ends it; what waits stays in the store. */
  close() {
    this.offline();
    this.#environment.clearTimer(this.#pauseTimer);
    this.#do(() => this.#leaveTheOthers());
  }

  /** The server has the message `ack.cid`. */
  acknowledged(ack) {
    this.#setbacks = 0;
    this.#settle(ack.cid, 'sent', ack);
  }

  /** The server did not take the message `error.cid`; false where that is none that waits here. */
  refused(error) {
    const record = this.#records.get(error.cid);
    if (!record) return false;
    const again = (error.temporary || temporaryCodes.has(error.code)) && !finalCodes.has(error.code);
    if (again) this.#pause(record, error);
    else this.#settle(error.cid, 'failed', error);
    return true;
  }

  /**
   * The server refused something without naming it: `error` is { code, text }. Where one message is on its way it is
   * that one, which fails after a few tries; of several each is a suspect. False where none is.
   */
  blamed(error) {
    const suspects = Array.from(this.#inFlight.values(), ({ cid }) => this.#records.get(cid));
    if (suspects.length === 0) return false;
    for (const record of suspects) {
      this.#land(record);
      const strikes = suspects.length > 1 ? Math.max(1, record.strikes ?? 0) : (record.strikes ?? 0) + 1;
      if (strikes >= mostStrikes) this.#settle(record.cid, 'failed', error);
      else this.#suspect(record, strikes);
    }
    this.#wait(reconnectDelay(0, this.#environment.random()));
    return true;
  }

  // -- keeping ---------------------------------------------------------------------------------------------

  /** One thing after the other, so that what is kept has the order of what was put. */
  #do(action) {
    this.#work = this.#work.then(action);
  }

  async #open() {
    const { openChannel, openStore, electionOf } = this.#environment;
    const name = `klatch outbox ${this.#owner}`;
    try {
      this.#channel = openChannel(name);
      this.#channel.onmessage = ({ data }) => this.#do(() => this.#heard(data));
      this.#store = await openStore(this.#owner);
      this.#merge(await this.#store.all());
    } catch (error) {
      this.#keepInMemory(error);
    }
    this.#election ??= electionOf(name, this.#store, this.#environment);
  }

  /** What `action` does with the store, or with one in memory from the first failure on. */
  async #keeping(action) {
    try {
      return await action(this.#store);
    } catch (error) {
      if (this.#store instanceof MemoryStore) throw error;
      this.#keepInMemory(error);
      return action(this.#store);
    }
  }

  /** From here on this window is on its own: others could not see what it keeps. */
  #keepInMemory(error) {
    this.#leaveTheOthers();
    this.#store = new MemoryStore();
    this.#election = new LeaseElection(this.#store, this.#environment);
    if (this.#shift) this.online();
    this.#emit('unkept', undefined, error);
  }

  #leaveTheOthers() {
    this.#channel?.close();
    this.#channel = undefined;
  }

  /** Adds what other windows have put, or this one before it was reloaded. */
  #merge(records) {
    const news = records.filter(({ cid }) => !this.#records.has(cid) && !this.#settled.has(cid));
    if (news.length === 0) return;
    const all = [...this.#records.values(), ...news].sort((a, b) => (a.order ?? Infinity) - (b.order ?? Infinity));
    this.#records = new Map(all.map((record) => [record.cid, record]));
    for (const record of news) this.#emit('queued', record);
    this.#awaitOthers();
  }

  #post(news) {
    this.#channel?.postMessage(news);
  }

  /** News of another window. */
  #heard({ what, record, detail }) {
    if (what === 'queued') {
      this.#merge([record]);
      return this.#pump();
    }
    if (what === 'suspect') {
      const known = this.#records.get(record.cid);
      if (known) known.strikes = record.strikes;
    } else if (what !== 'resting') {
      this.#forget(record.cid, what, detail);
    }
    // That window does the sending.
    this.#impatient = false;
    this.#patience.stop();
    this.#awaitOthers(what === 'resting' ? detail.ms : 0);
  }

  #suspect(record, strikes) {
    record.strikes = strikes;
    this.#do(async () => {
      await this.#keeping((store) => store.noteStrikes(record.order, strikes));
      this.#post({ what: 'suspect', record: { cid: record.cid, strikes } });
    });
  }

  #settle(cid, what, detail) {
    const record = this.#forget(cid, what, detail);
    if (!record) return;
    this.#do(async () => {
      await this.#keeping((store) => store.remove(record.order));
      this.#post({ what, record: { cid, to: record.to }, detail });
    });
    this.#pump();
  }

  #forget(cid, what, detail) {
    const record = this.#records.get(cid);
    this.#records.delete(cid);
    if (this.#records.size === 0) this.#mostInFlight = usualInFlight;
    this.#settled.add(cid);
    if (this.#settled.size > remembered) this.#settled.delete(this.#settled.values().next().value);
    if (!record) return undefined;
    this.#land(record);
    this.#emit(what, record, detail);
    return record;
  }

  // -- sending ---------------------------------------------------------------------------------------------

  /** This window leads: what the others have kept is sent first, in its place. */
  #takeOver(leads) {
    this.#do(async () => {
      this.#merge(await this.#keeping((store) => store.all()));
      this.#leads = leads;
      this.#pump();
    });
  }

  /** Whether this window sends: it leads, or has waited in vain for the one that does. */
  #sends() {
    return this.#leads() || this.#impatient;
  }

  #awaitOthers(restMs) {
    if (this.#shift && this.#records.size > 0 && !this.#sends() && !this.#patience.waiting)
      this.#patience.renew(restMs);
  }

  #losePatience() {
    if (!this.#shift || this.#records.size === 0 || this.#leads()) return;
    this.#do(async () => {
      this.#merge(await this.#keeping((store) => store.all()));
      this.#impatient = this.#shift !== undefined;
      this.#pump();
    });
  }

  #pump() {
    if (!this.#sends() || this.#environment.now() < this.#pausedUntil) return;
    for (const record of this.#records.values()) {
      if (this.#inFlight.size >= this.#mostInFlight) return;
      if (record.order === undefined || this.#inFlight.has(record.to)) continue;
      const suspect = record.strikes > 0;
      const [first] = this.#inFlight.values();
      if (first && (first.suspect || suspect)) return;
      const timer = this.#environment.setTimer(() => this.#unanswered(record), ackLimitMs);
      this.#inFlight.set(record.to, { cid: record.cid, suspect, timer });
      if (!this.#transmit(record)) return this.#land(record);
    }
  }

  #unanswered(record) {
    this.#land(record);
    this.#pump();
  }

  /** `record` is not on its way any more. */
  #land({ to, cid }) {
    const flight = this.#inFlight.get(to);
    if (flight?.cid !== cid) return;
    this.#environment.clearTimer(flight.timer);
    this.#inFlight.delete(to);
  }

  #resume() {
    this.#pausedUntil = 0;
    this.#pump();
  }

  #pause(record, { code, retryMs }) {
    this.#land(record);
    if (code === 'rate_limited') this.#mostInFlight = 1;
    this.#wait(Math.min(retryMs || reconnectDelay(this.#setbacks++, this.#environment.random()), longestPauseMs));
  }

  /** Sends nothing for `delay` milliseconds. */
  #wait(delay) {
    const { clearTimer, now, setTimer } = this.#environment;
    this.#pausedUntil = now() + delay;
    clearTimer(this.#pauseTimer);
    this.#pauseTimer = setTimer(() => this.#resume(), delay);
    this.#post({ what: 'resting', detail: { ms: delay } });
  }
}
