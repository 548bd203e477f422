// What version 0.1.0 has kept in a browser is read by this one. Its keys, names and shapes stand here as they were.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beOnline, mine, openConversation, texts } from './page_driver.mjs';
import { eventually, me, now, open, received, serve, state } from './scripted_page.mjs';
import { ScriptedChat } from './scripted_chat.mjs';

const identity = { name: 'mks', id: '7', project: '2424', color: '#aa0000' };

/** In the page, before its scripts: keeps what version 0.1.0 kept of a user who had a draft and a message to send. */
function keepAsReleased({ identity, writtenAt }) {
  if (localStorage.getItem('klatch.identity')) return;
  localStorage.setItem('klatch.identity', JSON.stringify(identity));
  localStorage.setItem('klatch.signed_in', 'yes');
  localStorage.setItem('klatch.drafts ["2424","7"]', JSON.stringify([['5', 'not yet sent']]));
  const request = indexedDB.open('klatch-outbox', 1);
  request.onupgradeneeded = () => {
    const messages = { keyPath: 'order', autoIncrement: true };
    request.result.createObjectStore('messages', messages).createIndex('owner', 'owner');
    request.result.createObjectStore('turns', { keyPath: 'owner' });
  };
  request.onsuccess = () => {
    const database = request.result;
    const owner = JSON.stringify([location.host, identity.project, identity.id]);
    const changes = database.transaction(['messages', 'turns'], 'readwrite');
    const record = { owner, cid: 'c1', to: '5', text: 'written before', at: writtenAt, strikes: 1 };
    changes.objectStore('messages').add(record);
    changes.objectStore('turns').put({ owner, holder: 'gone', beat: 7 });
    changes.oncomplete = () => database.close();
  };
}

test('identity, drafts and waiting messages of version 0.1.0 are taken over', async () => {
  now.chat = new ScriptedChat(me, { onUser: () => true });
  await serve();
  const writtenAt = Date.UTC(2026, 0, 15, 12);
  const given = JSON.stringify({ identity, writtenAt });
  const page = await open({ init: `(${keepAsReleased})(${given})` });
  await beOnline(page);
  await openConversation(page, '5');
  assert.equal(await page.inputValue('#message'), 'not yet sent');
  assert.deepEqual(await texts(page, 1, mine), ['written before']);
  assert.equal(await page.getAttribute(`${mine} time`, 'datetime'), new Date(writtenAt).toISOString());
  await eventually(() => assert.equal(received('user')[0].cid, 'c1'));
  const [client] = now.server.clients;
  now.chat.take(client, received('user')[0]);
  await state(page, 'written before', 'sent');
  assert.deepEqual(now.window.problems, []);
});
