// Folders for stores, on the disk of the checkout. The load program refuses to time a disk that is none.
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const parent = path.resolve('build/bench/stores');

/** Runs `use(folder)` with an empty folder, which is gone afterwards. */
export async function with_fresh_folder(use) {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(`${parent}/`);
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const files_in = (folder) => readdirSync(folder).map((name) => path.join(folder, name));

/** Has the system keep the folder's files in memory, as far as it has room for them. */
export async function read_into_memory(folder) {
  for (const file of files_in(folder))
    for await (const part of createReadStream(file, { highWaterMark: 1 << 20 })) void part;
}

/** Has the system forget what it keeps in memory of the folder's files. No program may have them open. */
export function forget_in_memory(folder) {
  for (const file of files_in(folder)) execFileSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0', 'status=none']);
}
