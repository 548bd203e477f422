// What the nodes of a cluster share in the measurements: a PostgreSQL server, with an empty database for each, and NATS.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const installed = '/usr/lib/postgresql';

/** The folder with the newest PostgreSQL's programs; undefined if there is none. */
function postgres_programs() {
  const versions = existsSync(installed) ? readdirSync(installed).map(Number).sort((a, b) => b - a) : [];
  return versions.map((version) => `${installed}/${version}/bin`).find((folder) => existsSync(`${folder}/initdb`));
}

export const has_postgres = () => postgres_programs() !== undefined;

/** `15.20`, or `unknown`. */
export function postgres_version() {
  const programs = postgres_programs();
  return programs ? /\d+\.\d+/.exec(execFileSync(`${programs}/postgres`, ['--version'], { encoding: 'utf8' }))[0] : 'unknown';
}

export async function free_port() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => { server.once('listening', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

const is_root = process.getuid() === 0;
const id_of = (kind, name) => Number(execFileSync('id', [kind, name], { encoding: 'utf8' }));

/** Whom PostgreSQL runs as: it refuses root. */
const owner = is_root ? { uid: id_of('-u', 'postgres'), gid: id_of('-g', 'postgres') } : {};

/** A new folder for the server. Its user cannot go through folders of root's. */
function server_folder() {
  const parent = is_root ? os.tmpdir() : path.resolve('build/bench');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(`${parent}/klatch-bench-`);
  if (is_root) chownSync(folder, owner.uid, owner.gid);
  return folder;
}

// As docs/operations.md has it; with syncs, and on the defaults otherwise.
const settings = ['wal_compression=lz4', 'max_wal_size=8GB', 'checkpoint_timeout=15min', 'shared_buffers=512MB'];

let running;

async function start_postgres() {
  const programs = postgres_programs();
  const folder = server_folder();
  const port = await free_port();
  execFileSync(`${programs}/initdb`, ['-D', `${folder}/data`, '-U', 'klatch', '--auth=trust', '-E', 'UTF8', '--locale=C'],
    { ...owner, stdio: 'ignore' });
  const given = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${folder}`, ...settings];
  const child = spawn(`${programs}/postgres`, ['-D', `${folder}/data`, ...given.flatMap((each) => ['-c', each])],
    { ...owner, stdio: 'ignore' });
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  const sql = (text, database = 'postgres') => execFileSync('psql', ['-qXAt', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', String(port), '-U', 'klatch', '-d', database, '-c', text],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const server = { pid: child.pid, port, folder, sql, child, ended };
  for (let tries = 0; ; ++tries) {
    try {
      sql('SELECT 1');
      return server;
    } catch (error) {
      if (tries === 100 || child.exitCode !== null) throw error;
      await sleep(100);
    }
  }
}

/** Runs `use({ url, pid, folder, sql })` with an empty database; `folder` is on its disk. */
export async function with_database(use) {
  running ??= await start_postgres();
  const { pid, port, folder, sql } = running;
  sql('CREATE DATABASE bench');
  sql('CHECKPOINT');
  try {
    return await use({ url: `postgres://klatch@127.0.0.1:${port}/bench`, pid, folder, sql: (text) => sql(text, 'bench') });
  } finally {
    sql('DROP DATABASE bench WITH (FORCE)');
  }
}

/** Ends the PostgreSQL server, if there is one, and removes what it has kept. */
export async function end_postgres() {
  if (!running) return;
  const { child, ended, folder } = running;
  running = undefined;
  child.kill('SIGINT');
  await ended;
  rmSync(folder, { recursive: true });
}

/** Runs `use({ url, pid })` with a NATS server of its own. */
export async function with_nats(use) {
  const port = await free_port();
  const child = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  try {
    await new Promise((resolve, reject) => {
      child.stderr.on('data', (data) => { if (String(data).includes('Server is ready')) resolve(); });
      ended.then(() => reject(new Error('nats-server ended at its start')));
      child.once('error', reject);
    });
    return await use({ url: `nats://127.0.0.1:${port}`, pid: child.pid });
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** User and system time of all threads of a process and of its children, those that have ended included, in µs. */
export function cpu_us_of(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /, '').split(' ').slice(11, 15);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean);
  const microseconds_a_tick = 10_000;
  return fields.reduce((sum, ticks) => sum + Number(ticks) * microseconds_a_tick, 0)
    + children.reduce((sum, child) => sum + cpu_us_of(child), 0);
}
