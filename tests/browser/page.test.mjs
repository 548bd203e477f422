// The page against a server in the test's hands: what it does about answers, closes and floods that the real server
// gives only now and then.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mine, open_conversation, say, texts, theirs } from './page_driver.mjs';
import { ScriptedChat } from './scripted_chat.mjs';
import { me, now, open, received, serve, shows, start, state } from './scripted_page.mjs';

test('registers with what was typed, and sends the frames of the protocol', async () => {
  const { page } = await start();
  assert.equal(new URL(now.server.url).host, new URL(page.url()).host);
  const [registration] = now.server.received;
  assert.deepEqual(
    { ...registration, color: '' },
    { type: 'system', v: 2, id: '7', projectId: '2424', name: 'mks', color: '' },
  );
  assert.match(registration.color, /^#[0-9a-f]{6}$/);
  await open_conversation(page, '5');
  await say(page, 'hi\nthere');
  await state(page, 'hi', 'sent');
  const [{ cid, ...frame }] = received('user');
  assert.deepEqual(frame, { type: 'user', to_id: '5', message: 'hi\nthere' });
  assert.match(cid, /^[0-9a-f-]{32,36}$/);
});

test('a message to someone who is not connected is marked, and Retry sends it as a new one', async () => {
  let connected = false;
  const { page } = await start((client, { cid, to_id }) => {
    if (connected) return false;
    client.say({ type: 'error', code: 'not_connected', message: `${to_id} is not connected`, cid, temporary: true });
    return true;
  });
  await open_conversation(page, '5');
  await say(page, 'are you there?');
  await state(page, 'there', 'failed');
  await shows(page, 'Not delivered: 5 is not connected.');
  connected = true;
  await page.click('.retry');
  await state(page, 'there', 'sent');
  assert.deepEqual(await texts(page, 1), ['are you there?']);
  const [first, second] = received('user');
  assert.notEqual(first.cid, second.cid);
});

test('errors are shown in clear words on the message they are about, others under the list', async () => {
  const { page, client } = await start((sender, { cid }) => {
    sender.say({ type: 'error', code: 'forbidden', message: 'not to this one', cid, temporary: false });
    return true;
  });
  await open_conversation(page, '5');
  await say(page, 'odd');
  await state(page, 'odd', 'failed');
  await shows(page, 'did not allow this. (not to this one)');
  client.say({ type: 'error', code: 'unavailable', message: 'the disk is full', temporary: true });
  await page.locator('#notices', { hasText: 'the disk is full' }).waitFor();
});

test('a message that the server cannot take for now is sent again, with the same cid, and before later ones', async () => {
  let refusals = 2;
  const { page } = await start((client, { cid }) => {
    if (refusals === 0) return false;
    const code = --refusals === 1 ? { code: 'rate_limited', retry_ms: 300 } : { code: 'unavailable' };
    client.say({ type: 'error', ...code, message: 'wait', cid, temporary: true });
    return true;
  });
  await open_conversation(page, '5');
  await say(page, 'first');
  await say(page, 'second');
  await state(page, 'first', 'sent');
  await state(page, 'second', 'sent');
  assert.deepEqual(
    received('user').map(({ message }) => message),
    ['first', 'first', 'first', 'second'],
  );
  assert.equal(new Set(received('user').map(({ cid }) => cid)).size, 2);
});

test('messages of others open conversations, count as unread in list and title, and are read when opened', async () => {
  const { page } = await start();
  now.chat.arrive('5', 'one');
  now.chat.arrive('6', 'other');
  now.chat.arrive('5', 'two');
  await page.waitForFunction(() => document.title === '(3) Klatch');
  assert.deepEqual(await page.locator('.row-name').allTextContents(), ['N5', 'N6']);
  assert.deepEqual(await page.locator('.badge').allTextContents(), ['2 unread', '1 unread']);
  await page.getByRole('button', { name: /N5/ }).click();
  await page.waitForFunction(() => document.title === '(1) Klatch');
  assert.deepEqual(await texts(page, 2), ['one', 'two']);
  now.chat.arrive('5', 'three');
  assert.deepEqual(await texts(page, 3), ['one', 'two', 'three']);
  assert.equal(await page.title(), '(1) Klatch');
});

test('what my other devices send stands in the conversation it belongs to, and a note to myself stands once', async () => {
  const { page } = await start();
  now.chat.sent_elsewhere('5', 'from my phone');
  await open_conversation(page, '5');
  assert.deepEqual(await texts(page, 1, mine), ['from my phone']);
  await open_conversation(page, '7');
  await say(page, 'buy milk');
  await state(page, 'milk', 'sent');
  now.chat.sent_elsewhere('7', 'and bread');
  assert.deepEqual(await texts(page, 2, mine), ['buy milk', 'and bread']);
  assert.equal(await page.title(), 'Klatch');
});

test('a notice stands in the conversation it is about, others under the list', async () => {
  const { page, client } = await start();
  now.chat.arrive('5', 'hi');
  await open_conversation(page, '5');
  client.say({ type: 'system', message: 'N5 disconnected' });
  client.say({ type: 'system', message: 'Someone disconnected' });
  await page.locator('.log .notice', { hasText: 'N5 disconnected' }).waitFor();
  await page.locator('#notices', { hasText: 'Someone disconnected' }).waitFor();
  assert.equal(await page.locator('.log', { hasText: 'Someone' }).count(), 0);
});

test('of two Annas the one who has left is told by the id of the notice', async () => {
  const { page, client } = await start();
  for (const from of ['5', '6']) now.chat.arrive(from, 'hi', { name: 'Anna' });
  await open_conversation(page, '5');
  client.say({ type: 'system', message: 'Anna disconnected', id: '6' });
  now.chat.arrive('5', 'still here', { name: 'Anna' });
  await texts(page, 2);
  assert.equal(await page.locator('.log .notice').count(), 0);
  await open_conversation(page, '6');
  await page.locator('.log .notice', { hasText: 'Anna disconnected' }).waitFor();
});

test('the log follows its end, unless the reader has scrolled up', async () => {
  const { page, client } = await start();
  for (let i = 0; i < 60; ++i) now.chat.arrive('5', `line ${i}`);
  await open_conversation(page, '5');
  await texts(page, 60);
  const at_end = () =>
    page.waitForFunction(() => {
      const log = document.getElementById('log');
      return log.scrollHeight - log.scrollTop - log.clientHeight <= 1;
    });
  await at_end();
  now.chat.arrive('5', 'follows');
  await texts(page, 61);
  await at_end();
  await page.evaluate(() => (document.getElementById('log').scrollTop = 100));
  await page.locator('#jump').waitFor();
  now.chat.arrive('5', 'waits');
  await page.getByRole('button', { name: '1 new message' }).waitFor();
  assert.equal(await page.evaluate(() => document.getElementById('log').scrollTop), 100);
  assert.equal(await page.title(), '(1) Klatch');
  await page.click('#jump');
  await page.locator('#jump').waitFor({ state: 'hidden' });
  await at_end();
  assert.equal(await page.title(), 'Klatch');
});

test('a conversation keeps its last two thousand messages in the page, grouped under headings', async () => {
  const { page } = await start();
  await open_conversation(page, '5');
  for (let i = 0; i < 2_100; ++i) now.chat.arrive('5', `line ${i}`);
  await page.locator('.bubble', { hasText: 'line 2099' }).waitFor();
  const all = await texts(page, 2_000);
  assert.equal(all.length, 2_000);
  assert.equal(all[0], 'line 100');
  assert.deepEqual(await page.locator('.message').first().getAttribute('class'), 'message head');
  assert.equal(await page.locator('.day').count(), 1);
});

test('rows are laid out by themselves, a short conversation at the end of the log, an empty one in the middle', async () => {
  const { page } = await start();
  await open_conversation(page, '5');
  await shows(page, 'Say hello!');
  const middle = (selector) =>
    page
      .locator(selector)
      .evaluate((element) => (({ top, bottom }) => (top + bottom) / 2)(element.getBoundingClientRect()));
  assert.ok(Math.abs((await middle('.older')) - (await middle('#log'))) < 20);
  now.chat.arrive('5', 'hello');
  await texts(page, 1);
  const { of_row, of_log } = await page.evaluate(() => ({
    of_row: document.querySelector('.message').getBoundingClientRect().bottom,
    of_log: document.getElementById('log').getBoundingClientRect().bottom,
  }));
  assert.ok(of_log - of_row < 30, `${of_log - of_row} px below the last message`);
  // In block flow, each with a layout of its own: among 2,000 rows one is laid out without the others.
  const flow = await page.locator('.message').evaluate((row) => {
    const { contain } = getComputedStyle(row);
    const parents = [];
    for (let each = row.parentElement; each.id !== 'log'; each = each.parentElement) parents.push(each);
    return { contain, displays: parents.map((each) => getComputedStyle(each).display) };
  });
  assert.equal(flow.contain, 'layout style');
  assert.ok(flow.displays.length > 0 && flow.displays.every((display) => display === 'block'), String(flow.displays));
});

test('frames that are none, or of a later dialect, change nothing', async () => {
  const { page, client } = await start();
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"type":"presence","users":{"5":"online"}}',
    '{"type":7}',
    '{"type":"usermsg"',
  ])
    client.send(text);
  client.send(Buffer.from([1, 2, 3]));
  now.chat.arrive('5', 'after all that');
  await open_conversation(page, '5');
  assert.deepEqual(await texts(page, 1), ['after all that']);
  assert.deepEqual(now.window.problems, []);
});

test('names and messages in HTML are text, colours cannot carry style, and links open only web addresses', async () => {
  const { page } = await start();
  const hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
  now.chat.arrive('5', `${hostile} javascript:alert(3) https://a.example/?q=<b>`, {
    name: hostile,
    color: 'red;background:url(https://evil.example/)',
  });
  now.chat.arrive('<b>6</b>', 'x', { color: 'url(javascript:alert(4))' });
  await open_conversation(page, '5');
  const [text] = await texts(page, 1);
  assert.ok(text.startsWith(hostile));
  assert.equal(await page.locator('.author').first().textContent(), hostile);
  assert.equal(await page.locator('#conversation :is(img, script, b)').count(), 0);
  const links = await page
    .locator('.bubble a')
    .evaluateAll((all) => all.map(({ href, rel, target }) => ({ href, rel, target })));
  assert.deepEqual(links, [{ href: 'https://a.example/?q=', rel: 'noopener noreferrer nofollow', target: '_blank' }]);
  const styles = await page
    .locator('#chat [style]')
    .evaluateAll((all) => all.map((element) => element.getAttribute('style')));
  assert.ok(styles.length > 0);
  for (const style of styles) assert.doesNotMatch(style, /url|background/);
  assert.deepEqual(now.window.problems, []);
});

test('the colour of a name is the sender’s where it is one, and readable', async () => {
  const { page } = await start();
  now.chat.arrive('5', 'x', { color: 'navy' });
  now.chat.arrive('6', 'x', { color: '#ff0' });
  const color_of_author = async (partner) => {
    await open_conversation(page, partner);
    return page.locator('.author').evaluate((element) => getComputedStyle(element).color);
  };
  assert.equal(await color_of_author('5'), 'rgb(0, 0, 128)');
  const yellow = await color_of_author('6');
  const [r, g, b] = yellow.match(/\d+/g).map(Number);
  assert.ok(r === g && r < 140 && b === 0, yellow);
});

for (const [code, words] of [
  [4401, 'did not accept the sign-in'],
  [4403, 'removed'],
])
  test(`after a close with ${code} it says why and waits to be asked`, async () => {
    const { page, client } = await start();
    await open_conversation(page, '5');
    await page.clock.install();
    client.close(code, 'the reason');
    await page.locator('[data-connection=closed]').waitFor();
    await shows(page, words);
    await page.clock.runFor(120_000);
    assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'closed');
    assert.equal(received('system').length, 1);
    await shows(page, 'waits here until you connect again');
    await say(page, 'kept');
    await shows(page, 'Waiting for the connection');
    await page.click('text=Connect again');
    await page.locator('[data-connection=online]').waitFor();
    await state(page, 'kept', 'sent');
  });

for (const [code, least, most] of [
  [1000, 500, 1_000],
  [1001, 500, 1_000],
  [1002, 4_000, 8_000],
  [1007, 4_000, 8_000],
  [1009, 4_000, 8_000],
  [1011, 500, 1_000],
  [1012, 500, 1_000],
  [4408, 4_000, 8_000],
  [4429, 4_000, 8_000],
])
  test(`after a close with ${code} it comes back by itself within ${most} ms, not before ${least}`, async () => {
    const { page, client } = await start();
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 1_000);
    client.close(code);
    await page.locator('[data-connection=offline]').waitFor();
    await page.clock.runFor(least - 50);
    assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'offline');
    await page.clock.runFor(most - least + 50);
    await page.locator('[data-connection=online]').waitFor();
    assert.equal(received('system').length, 2);
  });

test('while the server is gone, attempts get rarer; the network’s return brings one at once', async () => {
  const { page } = await start();
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 1_000);
  const { port } = now.server;
  await now.server.stop();
  await page.locator('[data-connection=offline]').waitFor();
  for (const ceiling of [1_000, 2_000, 4_000, 8_000, 16_000]) {
    await page.clock.runFor(ceiling);
    await shows(page, ceiling === 1_000 ? 'The connection could not be made.' : 'The server cannot be reached.');
    await page.locator('[data-connection=offline]').waitFor();
  }
  await serve({ port });
  assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'offline');
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.locator('[data-connection=online]').waitFor();
  assert.equal(received('system').length, 1);
});

for (const [how, answers, words] of [
  ['by something before the server', { '/chat': 301 }, 'does not let a WebSocket through'],
  ['with everything else', { '/chat': 429, '/healthz': 429 }, 'too many connections'],
  ['because the site may not connect', { '/chat': 403, '/healthz': 403 }, 'does not let pages of this site connect'],
  ['by a proxy without a server', { '/chat': 502, '/healthz': 502 }, 'does not run just now'],
])
  test(`a socket that is refused ${how} is explained, and tried again`, async () => {
    const { page } = await start();
    const { port } = now.server;
    await now.server.stop();
    let refused = true;
    const instead = (path) => (refused && answers[path] ? { status: answers[path] } : undefined);
    await serve({ port, instead });
    await shows(page, words);
    assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'offline');
    refused = false;
    await page.click('#connect-now');
    await page.locator('[data-connection=online]').waitFor();
  });

const hour = 3_600_000;

for (const [how, jump] of [
  ['an hour back', -hour],
  ['30 days back', -30 * 24 * hour],
  ['a day ahead', 24 * hour],
])
  test(`where the clock is set ${how}, a dead connection is noticed in time, and timers stay few`, async () => {
    const { page, client } = await start();
    await page.clock.install();
    client.close();
    await page.locator('[data-connection=offline]').waitFor();
    await page.clock.runFor(1_000);
    await page.locator('[data-connection=online]').waitFor();
    await page.evaluate(() => {
      const { setTimeout: original } = window;
      window.timers_set = 0;
      window.setTimeout = (...given) => (++window.timers_set, original(...given));
    });
    const set = await page.evaluate((ms) => Date.now() + ms, jump);
    now.chat.handle = () => {};
    await page.clock.setSystemTime(set);
    await page.clock.runFor(20_000);
    assert.equal(await page.locator('#chat').getAttribute('data-connection'), 'online');
    await page.clock.runFor(20_000);
    await page.locator('[data-connection=offline]').waitFor();
    assert.ok((await page.evaluate(() => window.timers_set)) < 20);
    await shows(page, /Trying again in [1-9] s/);
  });

test('after midnight what was said today was said yesterday, in the log and in the list', async () => {
  const { page } = await start(undefined, { timezoneId: 'Europe/Warsaw' });
  await page.clock.install({ time: '2026-02-03T23:59:50+01:00' });
  await page.reload();
  now.chat.clock = Date.parse('2026-02-03T23:58:00+01:00');
  now.chat.arrive('5', 'late');
  await open_conversation(page, '5');
  const days = () => page.locator('.day').allTextContents();
  const row_time = () => page.locator('.row-time').first().textContent();
  await texts(page, 1);
  assert.deepEqual(await days(), ['Today']);
  assert.equal(await row_time(), '23:58');
  await page.clock.runFor(12_000);
  assert.deepEqual(await days(), ['Yesterday']);
  assert.equal(await row_time(), '3 Feb');
  await page.clock.setSystemTime('2026-02-05T12:00:00+01:00');
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  assert.deepEqual(await days(), ['Tuesday 3 February']);
});

test('a server that never acknowledges is given up and tried again', async () => {
  await serve({ on_client: () => {} });
  const page = await open();
  await page.clock.install();
  await page.fill('#sign-in-id', '7');
  await page.click('text=Start chatting');
  await page.locator('[data-connection=connecting]').waitFor();
  await page.clock.runFor(16_000);
  await shows(page, 'The connection could not be made.');
});

test('a sign-in that the server refuses is explained, and not tried again by itself', async () => {
  now.chat = new ScriptedChat(me);
  let fault = { type: 'system', message: 'color is too long', error: 'too_large' };
  await serve({ on_client: (client, frame) => (fault ? client.say(fault) : now.chat.handle(client, frame)) });
  const page = await open();
  await page.clock.install();
  await page.fill('#sign-in-id', '7');
  await page.click('text=Start chatting');
  await page.locator('[data-connection=closed]').waitFor();
  await shows(page, 'color is too long');
  await page.clock.runFor(120_000);
  assert.equal(now.server.received.length, 1);
  fault = undefined;
  await page.click('text=Connect again');
  await page.locator('[data-connection=online]').waitFor();
});

test('drafts are kept for each conversation, and a text over 64 KiB is held back with the reason', async () => {
  const { page } = await start();
  await open_conversation(page, '5');
  await page.fill('#message', 'to five');
  await open_conversation(page, '6');
  assert.equal(await page.inputValue('#message'), '');
  await page.fill('#message', 'é'.repeat(32_769));
  await shows(page, 'Too long by 2 bytes');
  assert.equal(await page.locator('#send').isDisabled(), true);
  await page.press('#message', 'Enter');
  await open_conversation(page, '5');
  assert.equal(await page.inputValue('#message'), 'to five');
  assert.equal(received('user').length, 0);
});

test('a text of 600 KB is said to be too long at once, and costs no measuring at each key', async () => {
  const { page } = await start();
  await open_conversation(page, '5');
  await page.evaluate(() => {
    const { get } = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollHeight');
    window.measured = 0;
    Object.defineProperty(HTMLTextAreaElement.prototype, 'scrollHeight', {
      get() {
        ++window.measured;
        return get.call(this);
      },
    });
    document.addEventListener('beforeinput', ({ target }) => (window.dir_before = target.dir));
  });
  await page.locator('#message').focus();
  await page.keyboard.insertText('שלום');
  assert.equal(await page.evaluate(() => window.measured), 1);
  await page.keyboard.insertText(' lorem ipsum dolor'.repeat(34_000));
  await shows(page, 'Too long by 546,47');
  assert.equal(await page.evaluate(() => window.dir_before), 'rtl', 'spared before the text is there');
  assert.equal(await page.getAttribute('#message', 'aria-invalid'), 'true');
  for (const key of ['k', 'l', 'Backspace']) await page.keyboard.press(key);
  await shows(page, 'Too long by 546,47');
  const field = () =>
    page.locator('#message').evaluate(({ dir, spellcheck, offsetHeight }) => ({ dir, spellcheck, offsetHeight }));
  const { offsetHeight, ...spared } = await field();
  assert.deepEqual(spared, { dir: 'rtl', spellcheck: false });
  assert.ok(offsetHeight > 150 && offsetHeight < 260, `as high as it may be: ${offsetHeight}`);
  assert.equal(await page.evaluate(() => window.measured), 1);
  await page.fill('#message', 'short');
  const { dir, spellcheck, offsetHeight: low } = await field();
  assert.deepEqual({ dir, spellcheck }, { dir: 'auto', spellcheck: true });
  assert.ok(low < 60);
  assert.equal(await page.getAttribute('#message', 'aria-invalid'), null);
});

test('a wrong sign-in is explained at the field, and a link fills the form in', async () => {
  now.chat = new ScriptedChat(me);
  await serve();
  const page = await open({}, '?project=9&name=Ann&to=5');
  assert.equal(await page.inputValue('#sign-in-project'), '9');
  assert.equal(await page.inputValue('#sign-in-name'), 'Ann');
  await page.click('text=Start chatting');
  await shows(page, 'This is needed.');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'sign-in-id');
  await page.fill('#sign-in-id', 'x'.repeat(8));
  await page.press('#sign-in-id', 'Enter');
  await page.locator('#partner-name', { hasText: '5' }).waitFor();
  assert.equal(new URL(page.url()).search, '');
  assert.equal(now.server.received[0].projectId, '9');
});

test('a reload stays signed in, in the same conversation; signing out does not', async () => {
  const { page } = await start();
  await open_conversation(page, '5');
  await page.reload();
  await page.locator('[data-connection=online]').waitFor();
  assert.equal(await page.locator('#partner-name').textContent(), '5');
  await page.click('#sign-out');
  assert.equal(await page.inputValue('#sign-in-id'), '7');
  await page.reload();
  await page.locator('#sign-in').waitFor();
  await page.fill('#sign-in-id', '8');
  await page.press('#sign-in-id', 'Enter');
  await page.locator('[data-connection=online]').waitFor();
  assert.deepEqual(
    received('system').map(({ id }) => id),
    ['7', '7', '8'],
  );
  assert.equal(await page.locator('#share-id').textContent(), '8');
});

test('right-to-left text, long words, line breaks and emoji keep their shape', async () => {
  const { page, client } = await start(undefined, { viewport: { width: 360, height: 740 } });
  now.chat.arrive('5', 'שלום לכולם');
  now.chat.arrive('5', 'x'.repeat(5_000), { name: 'y'.repeat(100) });
  now.chat.arrive('5', 'one\n\n  three');
  now.chat.arrive('5', '👩‍👩‍👧 🇵🇱');
  await open_conversation(page, '5');
  await texts(page, 4, theirs);
  const bubbles = page.locator('.bubble');
  assert.equal(await bubbles.nth(0).evaluate((element) => getComputedStyle(element).direction), 'rtl');
  assert.ok(await bubbles.nth(1).evaluate((element) => element.scrollWidth <= element.clientWidth));
  assert.equal(await bubbles.nth(2).evaluate((element) => element.innerText), 'one\n\n  three');
  assert.match(await page.locator('.message').nth(3).getAttribute('class'), /emoji-only/);
});
