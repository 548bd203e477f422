// What belongs together: README's steps, the package's dependencies, its files.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { stepsOf } from '../deploy/steps.mjs';
import { binary, contents, root } from './binary.mjs';

const steps = stepsOf(contents('README.md'));

test('README leads onto the internet in numbered steps that can be run', () => {
  assert.ok(steps.length >= 10);
  for (const { title, blocks } of steps) {
    assert.ok(blocks.sh, `${title} has a command`);
    assert.equal(spawnSync('bash', ['-n', '-c', blocks.sh]).status, 0, title);
  }
});

test('README’s steps with a gap or without a heading are refused', () => {
  const readme = contents('README.md');
  assert.throws(() => stepsOf(readme.replace('### 2. ', '### 3. ')), /comes after/);
  assert.throws(() => stepsOf(readme.replace('## Put it on the internet', '## Elsewhere')));
});

test('the settings of README’s steps are good', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'klatch-readme-'));
  try {
    execFileSync(binary, ['key', 'new', 'token', 'site', '--keys', path.join(folder, 'keys')]);
    const file = path.join(folder, 'klatch.toml');
    const { toml } = steps.find(({ blocks }) => blocks.toml).blocks;
    const text = contents('packaging/klatch.toml').replace('/etc/klatch/keys', path.join(folder, 'keys'));
    writeFileSync(file, text + toml);
    const { status, stderr } = spawnSync(binary, ['--config', file, 'check-config'], { encoding: 'utf8' });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the package is built from what script/dependencies installs', () => {
  const [, list] = contents('script/dependencies').match(/build_set=\((.*?)\)/s);
  const expected = list.split(/\s+/).filter((name) => name !== '' && name !== 'g++').map((name) => (name === 'libboost' ? 'libboost1.83-dev' : name));
  const [, depends] = contents('packaging/debian/control').match(/^Build-Depends:\n((?: .*\n)+)/m);
  const named = depends.trim().split('\n').map((line) => line.trim().split(/[ ,(|]/)[0]).filter((name) => name !== 'debhelper-compat');
  assert.deepEqual(named.sort(), expected.sort());
});

test('the examples of docs/tokens.md are installed as programs that load', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'klatch-examples-'));
  try {
    const from = `-DFROM=${root}docs/tokens.md`;
    execFileSync('cmake', [from, `-DTO=${folder}`, '-P', `${root}cmake/token_examples.cmake`]);
    const secret = Buffer.alloc(32, 7).toString('base64');
    const made = [
      ['php', '-r', `require '${folder}/klatch_token.php'; echo klatch_token('${secret}', 'shop', '7', 'Mia');`],
      ['python3', '-c', `import sys; sys.path.insert(0, '${folder}')\nfrom klatch_token import klatch_token\nprint(klatch_token('${secret}', 'shop', 7, 'Mia'))`],
      [process.execPath, '--input-type=module', '-e', `import { klatchToken } from '${folder}/klatch_token.mjs'; console.log(klatchToken('${secret}', 'shop', 7, 'Mia'));`],
    ].map(([program, ...words]) => execFileSync(program, words, { encoding: 'utf8' }).trim().split('.'));
    for (const parts of made) {
      assert.equal(parts.length, 3);
      const { sub, project } = JSON.parse(Buffer.from(parts[1], 'base64url'));
      assert.deepEqual([sub, project], ['7', 'shop']);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every file that is installed is there', () => {
  const named = [...contents('cmake/install.cmake').matchAll(/\b((?:packaging|web)\/[\w.-]+)/g)].map(([, file]) => file);
  assert.ok(named.length >= 8);
  for (const file of [...named, ...contents('packaging/debian/klatch.docs').trim().split('\n').filter((each) => !each.includes('*'))])
    assert.ok(existsSync(root + file), file);
});

test('the maintainer scripts are shell that can be read', () => {
  for (const name of ['postinst', 'prerm', 'postrm']) {
    const file = `${root}packaging/debian/klatch.${name}`;
    assert.equal(spawnSync('sh', ['-n', file]).status, 0, name);
    assert.ok(readFileSync(file, 'utf8').includes('#DEBHELPER#'));
  }
});
