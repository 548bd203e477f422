import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe_error } from '../../../web/errors.js';
import { check_identity, current_identity } from '../../../web/identity.js';
import { invitation_link, read_invitation, second_window_link } from '../../../web/invitation.js';
import { partner_of } from '../../../web/route.js';

const location = { origin: 'https://chat.example', pathname: '/' };
const me = { id: 'a&b=ż', project: '2424', name: 'Ann', color: '#F00' };

test('what was typed is trimmed, and the id serves as name', () => {
  assert.deepEqual(check_identity({ name: ' ', id: ' 7 ', project: '2424', color: '#F00' }).identity, {
    name: '7',
    id: '7',
    project: '2424',
    color: '#F00',
  });
});

test('ids are spelled as the server spells them, and kept ones stay', () => {
  const typed = { id: 'Rene\u0301', project: '\uFF32\uFF36\uFF11', name: 'Rene\u0301', color: '' };
  const { id, project } = check_identity(typed).identity;
  assert.deepEqual([id, project], ['Ren\u00E9', 'RV1']);
  globalThis.window = { sessionStorage: { getItem: () => JSON.stringify(typed) } };
  assert.equal(current_identity().id, typed.id);
  delete globalThis.window;
});

test('each wrong field has a sentence', () => {
  assert.deepEqual(Object.keys(check_identity({ name: 'n', id: '', project: '' }).errors), ['id', 'project']);
  assert.match(check_identity({ id: 'a\u0007', project: '1' }).errors.id, /character/);
  assert.match(check_identity({ id: 'é'.repeat(33), project: '1' }).errors.id, /too long/);
  assert.match(check_identity({ name: 'é'.repeat(65), id: '7', project: '1' }).errors.name, /too long/);
});

test('an invitation says what its reader needs, whatever the id', () => {
  const link = new URL(invitation_link(location, me));
  assert.deepEqual(read_invitation(link.search), { project: '2424', to: 'a&b=ż' });
  assert.deepEqual(read_invitation(new URL(second_window_link(location, me)).search), {
    project: '2424',
    to: 'a&b=ż',
    id: '',
    name: '',
  });
  assert.deepEqual(read_invitation(''), {});
});

test('the fragment names a partner, or none', () => {
  assert.equal(partner_of(`#/with/${encodeURIComponent('a/ż?#')}`), 'a/ż?#');
  for (const hash of ['', '#', '#message', '#/with/%E0%A4%A']) assert.equal(partner_of(hash), '');
});

test('errors have words of their own, and the server’s where those say more', () => {
  assert.match(describe_error({ code: 'bad_frame', text: 'id is missing' }), /did not accept.*id is missing/);
  assert.equal(describe_error({ code: 'new_code', text: 'what it means' }), 'what it means');
  assert.match(describe_error({ code: 'new_code', text: '' }), /new_code/);
});
