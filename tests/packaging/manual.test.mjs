// The manual page against what the program says of itself.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { contents, optionsIn, printed, root, tools } from './binary.mjs';

const page = contents('packaging/klatch.1');
const shown = execFileSync('man', ['--local-file', `${root}packaging/klatch.1`], {
  encoding: 'utf8',
  env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '200', MAN_KEEP_FORMATTING: '' },
});

test('every option is in the manual page', () => {
  const options = new Set([...optionsIn(printed('--help')), ...tools.flatMap((words) => optionsIn(printed(...words, '--help')))]);
  assert.ok(options.size > 30);
  assert.deepEqual([...options].filter((option) => !shown.match(new RegExp(`^ +(-h, )?${option}( |$)`, 'm'))), []);
});

test('no option is in the manual page that there is not', () => {
  const known = new Set([...optionsIn(printed('--help')), '--insecure', ...tools.flatMap((words) => optionsIn(printed(...words, '--help')))]);
  const entries = [...page.matchAll(/^\.TP\n\.B[IR]? (?:\\-h ", " )?(\\-\\-\S+)/gm)].map(([, option]) => option.replaceAll('\\-', '-'));
  assert.ok(entries.length > 30);
  assert.deepEqual(entries.filter((option) => !known.has(option)), []);
});

test('every command of --help is in the manual page', () => {
  const commands = [...printed('--help').matchAll(/klatch \[OPTION\]\.\.\. ([a-z-]+)|klatch (key new token|token|check-token|revoke)\b/g)];
  const names = new Set(commands.map(([, first, second]) => first ?? second));
  assert.ok(names.size >= 6, [...names].join());
  for (const name of names) assert.match(shown, new RegExp(`^ +${name}( [A-Z]+)?( |$)`, 'm'));
});

test('troff has nothing to warn of', () => {
  const { status, stderr } = spawnSync('man', ['--warnings', '--local-file', `${root}packaging/klatch.1`], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '80' },
  });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
});
