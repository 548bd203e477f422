// packaging/certbot-deploy with a folder as certbot has it: live/ holds links that are swung at each renewal.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { root } from './binary.mjs';

let folder;
let lineage;
const inFolder = (...parts) => path.join(folder, ...parts);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'klatch-certbot-'));
  lineage = inFolder('live/chat.example.org');
  for (const each of ['tls', 'bin', 'archive/chat.example.org', 'live/chat.example.org']) mkdirSync(inFolder(each), { recursive: true });
  // Whose the files are takes root and the user klatch, which the deploy test has.
  writeFileSync(
    inFolder('bin/install'),
    `#!/bin/sh\nprintf '%s\\n' "$*" >>${inFolder('asked')}\nshift 4\nexec /usr/bin/install "$@"\n`,
  );
  chmodSync(inFolder('bin/install'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As certbot renews: new files in archive/, then the links. */
function renew(number) {
  for (const name of ['fullchain', 'privkey']) {
    writeFileSync(inFolder(`archive/chat.example.org/${name}${number}.pem`), `${name} ${number}\n`, { mode: 0o600 });
    try {
      unlinkSync(path.join(lineage, `${name}.pem`));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    symlinkSync(`../../archive/chat.example.org/${name}${number}.pem`, path.join(lineage, `${name}.pem`));
  }
}

const deploy = (variables = { RENEWED_LINEAGE: lineage }) =>
  spawnSync(`${root}packaging/certbot-deploy`, [inFolder('tls')], {
    encoding: 'utf8',
    env: { PATH: `${inFolder('bin')}:${process.env.PATH}`, ...variables },
  });
const given = (name) => readFileSync(inFolder('tls', name), 'utf8');

test('chain and key are given to the service as files of its group, after each renewal', () => {
  for (const number of [1, 2]) {
    renew(number);
    assert.equal(deploy().status, 0);
    assert.deepEqual([given('fullchain.pem'), given('privkey.pem')], [`fullchain ${number}\n`, `privkey ${number}\n`]);
    assert.deepEqual(readdirSync(inFolder('tls')).sort(), ['fullchain.pem', 'privkey.pem']);
  }
  for (const line of readFileSync(inFolder('asked'), 'utf8').trim().split('\n')) assert.match(line, /^-o root -g klatch -m 0640 /);
});

test('without a certificate, or not called by certbot, it fails and leaves what there is', () => {
  renew(1);
  assert.equal(deploy().status, 0);
  unlinkSync(path.join(lineage, 'fullchain.pem'));
  assert.notEqual(deploy().status, 0);
  const alone = deploy({});
  assert.notEqual(alone.status, 0);
  assert.match(alone.stderr, /certbot/);
  assert.equal(given('fullchain.pem'), 'fullchain 1\n');
});
