// Fails when a file of the layers includes what it may not: node tests/layers/check.mjs [CHECKOUT]
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { circles, is_judged, violations } from "./rules.mjs";

const root = path.resolve(process.argv[2] ?? path.join(path.dirname(fileURLToPath(import.meta.url)), "../.."));

// Files that git would take are judged too, so that a violation shows before it is committed.
const ask = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
const listed = execFileSync("git", ask, { cwd: root, encoding: "utf8" });
const files = [...new Set(listed.split("\0"))].filter((file) => is_judged(file) && existsSync(path.join(root, file)));
const texts = new Map(files.map((file) => [file, readFileSync(path.join(root, file), "utf8")]));
const found = [...files.flatMap((file) => violations(file, texts.get(file))), ...circles(texts)];

for (const { file, line, message } of found) console.log(`${file}:${line}: ${message}`);
console.log(`${files.length} files, ${found.length} violations of the layers`);
process.exitCode = found.length === 0 && files.length > 0 ? 0 : 1;
