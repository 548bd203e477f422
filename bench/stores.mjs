// Folders for stores, on the disk of the checkout. The load program refuses to time a disk that is none.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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
