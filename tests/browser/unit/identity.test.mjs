import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeError } from '../../../web/text/errors.js';
import { checkIdentity, currentIdentity } from '../../../web/components/identity.js';
import { invitationLink, readInvitation, secondWindowLink } from '../../../web/components/invitation.js';
import { conversationIn } from '../../../web/components/route.js';

const location = { origin: 'https://chat.example', pathname: '/' };
const me = { id: 'a&b=ż', project: '2424', name: 'Ann', color: '#F00' };

test('what was typed to sign in is trimmed, and the id serves as name', () => {
  assert.deepEqual(checkIdentity({ name: ' ', id: ' 7 ', project: '2424', color: '#F00' }).identity, {
    name: '7',
    id: '7',
    project: '2424',
    color: '#F00',
  });
});

test('ids are spelled as the server spells them, and kept ones stay', () => {
  const typed = { id: 'Rene\u0301', project: '\uFF32\uFF36\uFF11', name: 'Rene\u0301', color: '' };
  const { id, project } = checkIdentity(typed).identity;
  assert.deepEqual([id, project], ['Ren\u00E9', 'RV1']);
  globalThis.window = { sessionStorage: { getItem: () => JSON.stringify(typed) } };
  assert.equal(currentIdentity().id, typed.id);
  delete globalThis.window;
});

test('each wrong field of the sign-in has a sentence', () => {
  assert.deepEqual(Object.keys(checkIdentity({ name: 'n', id: '', project: '' }).errors), ['id', 'project']);
  assert.match(checkIdentity({ id: 'a\u0007', project: '1' }).errors.id, /character/);
  assert.match(checkIdentity({ id: 'é'.repeat(33), project: '1' }).errors.id, /too long/);
  assert.match(checkIdentity({ name: 'é'.repeat(65), id: '7', project: '1' }).errors.name, /too long/);
});

test('an invitation says what its reader needs, whatever the id', () => {
  const link = new URL(invitationLink(location, me));
  assert.deepEqual(readInvitation(link.search), { project: '2424', to: 'a&b=ż' });
  assert.deepEqual(readInvitation(new URL(secondWindowLink(location, me)).search), {
    project: '2424',
    to: 'a&b=ż',
    id: '',
    name: '',
  });
  assert.deepEqual(readInvitation(''), {});
});

test('the fragment of the address names a conversation, or none', () => {
  assert.equal(conversationIn(`#/with/${encodeURIComponent('a/ż?#')}`), 'a/ż?#');
  for (const hash of ['', '#', '#message', '#/with/%E0%A4%A']) assert.equal(conversationIn(hash), '');
});

test('errors have words of their own, and the server’s where those say more', () => {
  assert.match(describeError({ code: 'bad_frame', text: 'id is missing' }), /did not accept.*id is missing/);
  assert.equal(describeError({ code: 'new_code', text: 'what it means' }), 'what it means');
  assert.match(describeError({ code: 'new_code', text: '' }), /new_code/);
});
