// The completion of bash, in bash.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { contents, optionsIn, printed, root, tools } from './binary.mjs';

/** What bash offers for the last of `words`. */
function offered(...words) {
  const script = `source packaging/klatch.bash-completion
    COMP_WORDS=(klatch "$@") COMP_CWORD=$#
    _klatch
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['--norc', '-c', script, 'bash', ...words], { cwd: root, encoding: 'utf8' });
  return output.split('\n').filter((word) => word !== '');
}

test('commands, and what they take', () => {
  assert.deepEqual(offered('ch'), ['check', 'check-config', 'check-token']);
  assert.deepEqual(offered('key', ''), ['new']);
  assert.deepEqual(offered('key', 'new', ''), ['token']);
  assert.deepEqual(offered('token', '--role', ''), ['user', 'moderator']);
  assert.deepEqual(offered('backup', 'READ'), ['README.md']);
  assert.deepEqual(offered('mo'), ['move']);
  assert.deepEqual(offered('move', ''), ['--to']);
});

test('every option, and no other', () => {
  const known = [...optionsIn(printed('--help')), '--insecure'];
  assert.deepEqual([...offered('-')].sort(), [...new Set(known)].sort());
  for (const words of tools) {
    const all = optionsIn(printed(...words, '--help')).filter((option) => option !== '--help');
    const line = words[0] === 'key' ? ['key', 'new', 'token', 'site', '--'] : [...words, '--'];
    assert.deepEqual(offered(...line).sort(), all.sort(), words.join(' '));
  }
});

test('values: words, folders, files', () => {
  assert.deepEqual(offered('--log-level', 'de'), ['debug']);
  assert.deepEqual(offered('--announce', '').sort(), ['ip', 'name', 'off']);
  assert.deepEqual(offered('--web', 'we'), ['web']);
  assert.deepEqual(offered('--config', 'README'), ['README.md']);
  assert.deepEqual(offered('--send-rate', ''), []);
  assert.ok(contents('packaging/klatch.bash-completion').includes('--store) '));
});
