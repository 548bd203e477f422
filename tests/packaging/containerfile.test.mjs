// packaging/Containerfile: its stages and what the image says of itself. The deploy test follows it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { contents } from './binary.mjs';
import { only, stagesOf } from './containerfile.mjs';

const stages = stagesOf(contents('packaging/Containerfile'));
const image = stages.at(-1);

test('what builds is not in the image, and no registry is named', () => {
  assert.deepEqual(stages.map(({ from, name }) => [from, name]), [['debian:trixie', 'build'], ['debian:trixie-slim', undefined]]);
  assert.match(only(image, 'COPY'), /^--from=build \S+\.deb \/tmp\/$/);
  assert.ok(contents('script/package').includes('build/package'));
});

test('the image runs the service as its own user, keeps its data apart, and holds no key', () => {
  assert.equal(only(image, 'USER'), 'klatch');
  assert.ok(image.instructions.findIndex(({ word }) => word === 'USER') > image.instructions.findLastIndex(({ word }) => word === 'RUN'));
  assert.deepEqual(JSON.parse(only(image, 'VOLUME')), ['/var/lib/klatch']);
  assert.equal(only(image, 'EXPOSE'), '9001');
  assert.equal(only(image, 'ENV'), 'KLATCH_LISTEN=0.0.0.0:9001');
  assert.deepEqual(JSON.parse(only(image, 'ENTRYPOINT')), ['/usr/bin/klatch', '--config', '/etc/klatch/klatch.toml']);
  assert.match(only(image, 'RUN'), /apt-get install .*rm -rf \/etc\/klatch\/keys\/site\.token/);
});

test('the shell takes every step', () => {
  for (const { word, text } of stages.flatMap(({ instructions }) => instructions).filter((each) => each.word === 'RUN'))
    assert.equal(spawnSync('sh', ['-n', '-c', text]).status, 0, word);
});

test('the health check tells ready from not ready', async () => {
  const [, command] = only(image, 'HEALTHCHECK').match(/CMD (\[.*\])$/);
  const answers = [200, 503];
  const server = createServer((_, answer) => answer.writeHead(answers.shift()).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const check = async () => {
    const [program, ...words] = JSON.parse(command).map((word) => word.replace('/9001', `/${port}`));
    return (await once(spawn(program, words, { stdio: 'ignore' }), 'exit'))[0];
  };
  assert.equal(await check(), 0);
  assert.notEqual(await check(), 0);
  server.close();
  await once(server, 'close');
  assert.notEqual(await check(), 0);
});

test('what is no Containerfile is refused', () => {
  for (const text of ['RUN true', 'FROM a\nSHELL bash', 'FROM a\nrun true']) assert.throws(() => stagesOf(text));
});
