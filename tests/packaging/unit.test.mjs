// The systemd units of the package.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { contents, root } from './binary.mjs';

const sockets = { 'klatch.socket': 'klatch.socket', 'klatch-http.socket': 'klatch.klatch-http.socket', 'klatch-https.socket': 'klatch.klatch-https.socket' };

/** The directives of a unit: { Section: { Name: [values] } }. */
function directives(file) {
  const result = {};
  let section;
  for (const line of contents(`packaging/debian/${file}`).split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, heading] = line.match(/^\[(\w+)\]$/) ?? [];
    if (heading) {
      section = result[heading] = {};
      continue;
    }
    const [, name, value] = line.match(/^(\w+)=(.*)$/);
    (section[name] ??= []).push(value);
  }
  return result;
}

const version = Number(spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).stdout?.match(/^systemd (\d+)/)?.[1] ?? 0);
const without = version < 250 && 'there is no systemd-analyze that looks at files';

test('the service may do what it needs, and no more', () => {
  const { Service } = directives('klatch.service');
  const expected = {
    CapabilityBoundingSet: '', NoNewPrivileges: 'yes', ProtectSystem: 'strict', ProtectHome: 'yes', ProtectProc: 'invisible',
    ProcSubset: 'pid', PrivateTmp: 'yes', PrivateDevices: 'yes', PrivateMounts: 'yes', PrivateUsers: 'yes', ProtectKernelTunables: 'yes',
    ProtectKernelModules: 'yes', ProtectKernelLogs: 'yes', ProtectControlGroups: 'yes', ProtectClock: 'yes', ProtectHostname: 'yes',
    RemoveIPC: 'yes', RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX', RestrictNamespaces: 'yes', RestrictRealtime: 'yes',
    RestrictSUIDSGID: 'yes', LockPersonality: 'yes', MemoryDenyWriteExecute: 'yes', SystemCallArchitectures: 'native',
    User: 'klatch', UMask: '0077', StateDirectory: 'klatch', StateDirectoryMode: '0700', Type: 'notify', WatchdogSec: '30',
    LimitNOFILE: '1048576',
  };
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(Service[name], [value], name);
  assert.deepEqual(Service.SystemCallFilter, ['@system-service', '~@privileged @resources', 'prlimit64']);
  assert.match(Service.ExecReload[0], /check-config$/);
  assert.equal(Service.ExecReload[1], `/bin/sh -c 'kill -HUP "$MAINPID"'`);
});

test('the service has more time to stop than a drain takes', () => {
  const [, seconds] = contents('packaging/klatch.toml').match(/^#drain = (\d+)$/m) ?? [];
  assert.ok(Number(directives('klatch.service').Service.TimeoutStopSec[0]) > Number(seconds) + 5);
});

test('each socket has a name that klatch knows, and leads to the service', () => {
  const names = Object.values(sockets).map((file) => directives(file).Socket);
  assert.deepEqual(names.map((socket) => [socket.ListenStream[0], socket.FileDescriptorName[0], socket.Service[0]]), [
    ['127.0.0.1:9001', 'plain', 'klatch.service'], ['80', 'plain', 'klatch.service'], ['443', 'tls', 'klatch.service']]);
});

test('systemd finds nothing wrong with the units, and little that they are open to', { skip: without }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'klatch-units-'));
  try {
    const units = path.join(folder, 'etc/systemd/system');
    mkdirSync(units, { recursive: true });
    mkdirSync(path.join(folder, 'usr/bin'), { recursive: true });
    mkdirSync(path.join(folder, 'bin'), { recursive: true });
    for (const program of ['usr/bin/klatch', 'bin/sh']) {
      writeFileSync(path.join(folder, program), '#!/bin/sh\n');
      chmodSync(path.join(folder, program), 0o755);
    }
    cpSync(`${root}packaging/debian/klatch.service`, path.join(units, 'klatch.service'));
    for (const [name, file] of Object.entries(sockets)) cpSync(`${root}packaging/debian/${file}`, path.join(units, name));
    const names = ['klatch.service', ...Object.keys(sockets)];
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', `--root=${folder}`, ...names], { encoding: 'utf8' });
    assert.deepEqual([verified.status, verified.stderr], [0, '']);
    // In tenths: 1.5.
    const open = ['security', '--offline=true', '--no-pager', '--threshold=15', path.join(units, 'klatch.service')];
    const judged = spawnSync('systemd-analyze', open, { encoding: 'utf8' });
    assert.equal(judged.status, 0, judged.stdout.trim().split('\n').at(-1));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
