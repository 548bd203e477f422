// Fails when a document has a line that is too long: node tests/documents/check.mjs [CHECKOUT]
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { long_lines, most_columns } from "./width.mjs";

const root = path.resolve(process.argv[2] ?? path.join(path.dirname(fileURLToPath(import.meta.url)), "../.."));
const generated = ["bench/results/latest.md", "bench/results/cluster.md"];

const listed = execFileSync("git", ["ls-files", "-z", "--", "*.md"], { cwd: root, encoding: "utf8" });
const is_judged = (file) => file !== "" && !generated.includes(file) && existsSync(path.join(root, file));
const files = listed.split("\0").filter(is_judged);
const found = files.flatMap((file) =>
  long_lines(readFileSync(path.join(root, file), "utf8")).map((line) => `${file}:${line}`),
);

for (const place of found) console.log(`${place}: more than ${most_columns} columns`);
console.log(`${files.length} documents, ${found.length} lines that are too long`);
process.exitCode = found.length === 0 && files.length > 0 ? 0 : 1;
