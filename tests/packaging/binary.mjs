// The program that the files of packaging/ are about.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const binary = process.env.KLATCH_BIN ?? `${root}build/release/klatch`;
export const contents = (file) => readFileSync(root + file, 'utf8');

/** What klatch prints with these arguments. */
export const printed = (...words) => execFileSync(binary, words, { encoding: 'utf8' });

/** The options that lines of a text of help begin with, each once. */
export const optionsIn = (help) => [...new Set([...help.matchAll(/^ *(?:-\w, ?)?(--[a-z][a-z-]*)/gm)].map(([, option]) => option))];

export const tools = [['key', 'new'], ['token'], ['check-token'], ['revoke']];
