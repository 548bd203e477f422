// The messages that the server has not acknowledged: kept before they are sent, sent until they are taken or refused.

import { reconnectDelay } from './backoff.js';
import { isTemporary } from './error_codes.js';
import { InFlight } from './in_flight.js';
import { Patience } from './patience.js';
import { SharedStore } from './shared_store.js';

/** How many messages of one user may wait. */
export const mostWaiting = 500;
/** The longest wait that an error of the server is believed. */
const longestPauseMs = 60_000;
/** How often a message may have been in the way before it fails: the server takes what is sent alone, but not this. */
const mostStrikes = 3;
/** How many settled messages are remembered, so that news of them that come late add nothing. */
const remembered = 1_000;

/** The sender decides whether to try again, though it may help: nobody knows when the recipient will be there. */
const finalCodes = new Set(['not_connected']);

/**
 * An ordered list of records { cid, to, text, at, order, strikes } that all windows of its owner share: each window
 * shows all of them, and the one that leads sends them, one at a time in each conversation. A window that is
 * asleep or shows a dialog may lead: if others hear nothing of it for some seconds they send as well, which
 * does no harm: the server takes each `cid` once, and each window sends in the same order. A record has no `order`
 * while it is not kept yet, and is not sent before. `strikes`, if there are any, are how often the server refused
 * something without saying what while this one was on its way: such a suspect is sent alone, so that the next time
 * tells.
 *
 * `emit(what, record, detail)` announces
 *   queued  a record is in the list: put here, put by another window, or found at the start
 *   sent    the server has it; `detail` is its ack
 *   failed  the server will not take it; `detail` is the error, { code, text }
 *   unkept  nothing can be kept in this browser: what waits is lost when the window is closed. Once, without a record.
 * `transmit(record)` hands a record to the connection and returns false if that is not possible now. `owner` is a
 * promise of the name of whose it is: until that is known everything waits in this window.
 */
export class Outbox {
  #environment;
  #transmit;
  #emit;
  #shared;
  #work;
  #shift;
  #leads = () => false;
  #patience;
  #impatient = false;
  #records = new Map();
  #settled = new Set();
  #inFlight;
  #pausedUntil = 0;
  #pauseTimer;
  #setbacks = 0;
  #lifetime = new AbortController();

  constructor({ owner, environment, transmit, emit }) {
    this.#environment = environment;
    this.#transmit = transmit;
    this.#emit = emit;
    this.#patience = new Patience(environment, () => this.#losePatience());
    this.#inFlight = new InFlight(environment);
    this.#shared = new SharedStore(environment, {
      onNews: (news) => this.#do(() => this.#heard(news)),
      onUnkept: (error) => this.#onItsOwn(error),
    });
    this.#work = Promise.resolve().then(async () => this.#merge(await this.#shared.open(await owner)));
    environment.onLeave(() => this.#leaveBehind(), this.#lifetime.signal);
  }

  /** True if as many wait as may. */
  get full() {
    return this.#records.size >= mostWaiting;
  }

  /** Takes a message; returns its record, or nothing if too many wait already. */
  put(to, text) {
    if (this.full) return undefined;
    const record = { cid: this.#environment.newId(), to, text, at: this.#environment.date() };
    this.#records.set(record.cid, record);
    this.#emit('queued', record);
    this.#awaitOthers();
    this.#do(async () => {
      record.order = await this.#shared.add(record);
      this.#shared.post({ what: 'queued', record });
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
    this.#do(() => shift.signal.aborted || this.#shared.election.stand((leads) => this.#takeOver(leads), shift.signal));
  }

  /** The connection has gone: what was on its way may or may not have arrived, and is sent again later. */
  offline() {
    this.#shift?.abort();
    this.#shift = undefined;
    this.#leads = () => false;
    this.#impatient = false;
    this.#patience.stop();
    this.#inFlight.landAll();
  }

  /** Ends it; what waits stays in the store. */
  close() {
    this.offline();
    this.#environment.clearTimer(this.#pauseTimer);
    this.#do(() => {
      this.#shared.leave();
      this.#lifetime.abort();
    });
  }

  /** The server has the message `ack.cid`. */
  acknowledged(ack) {
    this.#setbacks = 0;
    this.#settle(ack.cid, 'sent', ack);
  }

  /** The server did not take the message `error.cid`. Returns false if none with this cid waits here. */
  refused(error) {
    const record = this.#records.get(error.cid);
    if (!record) return false;
    const again = isTemporary(error) && !finalCodes.has(error.code);
    if (again) this.#pause(record, error);
    else this.#settle(error.cid, 'failed', error);
    return true;
  }

  /**
   * The server refused something without naming it: `error` is { code, text }. If one message is on its way it is
   * that one, which fails after a few tries; of several each is a suspect. Returns false if none is.
   */
  blamed(error) {
    const suspects = this.#inFlight.records;
    if (suspects.length === 0) return false;
    for (const record of suspects) {
      this.#inFlight.land(record);
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

  /** The page may be gone before the store answers. */
  #leaveBehind() {
    this.#shared.leaveBehind([...this.#records.values()].filter(({ order }) => order === undefined));
  }

  /** Nothing can be kept any more: other windows do not see what waits here. */
  #onItsOwn(error) {
    if (this.#shift) this.online();
    this.#emit('unkept', undefined, error);
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
      await this.#shared.keeping((store) => store.noteStrikes(record.order, strikes));
      this.#shared.post({ what: 'suspect', record: { cid: record.cid, strikes } });
    });
  }

  #settle(cid, what, detail) {
    const record = this.#forget(cid, what, detail);
    if (!record) return;
    this.#do(async () => {
      await this.#shared.keeping((store) => store.remove(record.order));
      this.#shared.post({ what, record: { cid, to: record.to }, detail });
    });
    this.#pump();
  }

  #forget(cid, what, detail) {
    const record = this.#records.get(cid);
    this.#records.delete(cid);
    if (this.#records.size === 0) this.#inFlight.goFast();
    this.#settled.add(cid);
    if (this.#settled.size > remembered) this.#settled.delete(this.#settled.values().next().value);
    if (!record) return undefined;
    this.#inFlight.land(record);
    this.#emit(what, record, detail);
    return record;
  }

  // -- sending ---------------------------------------------------------------------------------------------

  /** This window leads: what the others have kept is sent first, in its place. */
  #takeOver(leads) {
    this.#do(async () => {
      this.#merge(await this.#shared.keeping((store) => store.all()));
      this.#leads = leads;
      this.#pump();
    });
  }

  /** True if this window sends: it leads, or has waited in vain for the one that does. */
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
      this.#merge(await this.#shared.keeping((store) => store.all()));
      this.#impatient = this.#shift !== undefined;
      this.#pump();
    });
  }

  #pump() {
    if (!this.#sends() || this.#environment.now() < this.#pausedUntil) return;
    for (const record of this.#records.values()) {
      if (this.#inFlight.full) return;
      if (record.order === undefined || this.#inFlight.blocks(record)) continue;
      if (this.#inFlight.separates(record)) return;
      this.#inFlight.start(record, () => this.#unanswered(record));
      if (!this.#transmit(record)) return this.#inFlight.land(record);
    }
  }

  #unanswered(record) {
    this.#inFlight.land(record);
    this.#pump();
  }

  #resume() {
    this.#pausedUntil = 0;
    this.#pump();
  }

  #pause(record, { code, retryMs }) {
    this.#inFlight.land(record);
    if (code === 'rate_limited') this.#inFlight.goSlow();
    this.#wait(Math.min(retryMs || reconnectDelay(this.#setbacks++, this.#environment.random()), longestPauseMs));
  }

  /** Sends nothing for `delay` milliseconds. */
  #wait(delay) {
    const { clearTimer, now, setTimer } = this.#environment;
    this.#pausedUntil = now() + delay;
    clearTimer(this.#pauseTimer);
    this.#pauseTimer = setTimer(() => this.#resume(), delay);
    this.#shared.post({ what: 'resting', detail: { ms: delay } });
  }
}
