import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { LeaseElection } from '../../../web/sdk/outbox_leader.js';
import { FakeBrowser, settle } from './fakes.mjs';

/** What windows share: the contract of IndexedDbStore's lease. */
class SharedLease {
  #current;

  async takeLease(holder, beat, stale) {
    const current = this.#current;
    const same = current && stale && current.holder === stale.holder && current.beat === stale.beat;
    if (current && current.holder !== holder && !same) return { ...current };
    this.#current = { holder, beat };
    return undefined;
  }

  async endLease(holder) {
    if (this.#current?.holder === holder) this.#current = undefined;
  }
}

let browser;
let store;
beforeEach(() => {
  browser = new FakeBrowser();
  store = new SharedLease();
});

/** A window that stands for election; asleep, it sets no timer and hears of none. `skew`: where its clock began. */
function openWindow(skew = 0) {
  const window_ = { asleep: false, leads: () => false, begun: 0, ended: new AbortController() };
  const environment = browser.window();
  const { now, setTimer } = environment;
  environment.now = () => now() + skew;
  environment.setTimer = (action, ms) => setTimer(() => window_.asleep || action(), ms);
  new LeaseElection(store, environment).stand((leads) => {
    window_.leads = leads;
    ++window_.begun;
  }, window_.ended.signal);
  return window_;
}

test('one window at a time leads, and the next does at once when that one ends', async () => {
  const [first, second] = [openWindow(), openWindow(1e9)];
  await browser.pass(60_000);
  assert.deepEqual([first.leads(), second.leads()], [true, false]);
  assert.deepEqual([first.begun, second.begun], [1, 0]);
  first.ended.abort();
  await browser.pass(2_000);
  assert.deepEqual([first.leads(), second.leads()], [false, true]);
});

for (const jump of [-30 * 86_400_000, -3_600_000, 0, 3_600_000, 30 * 86_400_000])
  test(`a window that fell asleep no longer leads within 10 s, though clocks are set by ${jump} ms`, async () => {
    const [first, second] = [openWindow(), openWindow(-1e9)];
    await settle();
    browser.setClock(jump);
    await browser.pass(20_000);
    assert.deepEqual([first.leads(), second.leads()], [true, false]);
    first.asleep = true;
    browser.setClock(jump);
    await browser.pass(10_000);
    assert.deepEqual([first.leads(), second.leads()], [false, true]);
    assert.equal(second.begun, 1);
  });
