// What servers with TLS and with tokens need: made anew for each run, known to nobody else.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';

const folder = 'build/bench/secrets';

/** A certificate for P-256 that is signed by itself, and its key. */
export const certificate = `${folder}/localhost.pem`;
export const certificate_key = `${folder}/localhost.key`;
/** The folder of keys for tokens, and the one that is in it. */
export const keys = `${folder}/keys`;
export const token_key = `${keys}/site.token`;

/** Writes them. */
export function make_secrets() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  writeFileSync(token_key, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  const what = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
  const whose = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...what, ...whose, '-keyout', certificate_key, '-out', certificate], { stdio: ['ignore', 'ignore', 'pipe'] });
}
