// The program as distributions build it that have neither PostgreSQL's library nor that of NATS: KLATCH_CLUSTER=OFF.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { binary, root } from './binary.mjs';

const without = `${root}build/without-cluster/klatch`;
const folder = mkdtempSync(path.join(tmpdir(), 'klatch-without-'));
after(() => rmSync(folder, { recursive: true }));

function run(words, variables = {}, program = without) {
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...variables },
    input: '',
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

const database = 'postgres://klatch:secret@127.0.0.1:1/klatch';
const needed = (program) => execFileSync('readelf', ['--dynamic', program], { encoding: 'utf8' });

test('it needs neither library, and the usual program both', () => {
  assert.doesNotMatch(needed(without), /lib(pq|nats)/);
  assert.match(needed(without), /libsqlite3/);
  assert.match(needed(binary), /libpq/);
  assert.match(needed(binary), /libnats/);
});

test('--version says what it is without', () => {
  assert.match(run(['--version']).stdout, /^klatch \S+ \(CAF .*, without PostgreSQL and NATS\)\n$/);
  assert.doesNotMatch(run(['--version'], {}, binary).stdout, /without/);
});

const refused = [
  ['--store', 'PostgreSQL', ['--store', database]],
  ['KLATCH_STORE', 'PostgreSQL', [], { KLATCH_STORE: database }],
  ['--store', 'PostgreSQL', ['check', '--store', database]],
  ['--store', 'PostgreSQL', ['revoke', '--guests', '--store', database]],
  ['--store', 'PostgreSQL', ['check-token', '--keys', folder, '--store', database]],
  ['--bus', 'PostgreSQL', ['--bus', 'postgres']],
  ['--bus', 'NATS', ['--store', 'none', '--bus', 'nats://user:secret@127.0.0.1:1']],
  ['--bus', 'NATS', ['--store', 'none', '--bus', 'tls://127.0.0.1:1']],
  ['--to', 'PostgreSQL', ['move', '--to', database]],
];
for (const [setting, library, words, variables] of refused) {
  const shown = [...words, ...Object.keys(variables ?? {})].join(' ').replace(folder, 'DIR');
  test(`it says why it cannot do this: ${shown}`, () => {
    const { status, stdout, stderr } = run(words, variables);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(`^klatch: ${setting}.*: this klatch was built without ${library} \\(KLATCH_CLUSTER=OFF\\)\\n$`));
    assert.doesNotMatch(stderr, /secret/);
  });
}

test('what needs neither is as ever', () => {
  for (const words of [[], ['--store', 'none'], ['--bus', 'none']]) {
    const { status, stderr } = run(['check-config', '--data', folder, ...words]);
    assert.equal(stderr, '');
    assert.equal(status, 0);
  }
});
