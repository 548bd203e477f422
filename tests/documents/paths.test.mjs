// What the documents name is there: each path of a file of ours that stands between backticks.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  .trim()
  .split("\n");
const folders = ["messages", "store", "actors", "net", "app", "web", "tests", "bench", "script", "cmake", "docs", "packaging"];
const ours = new RegExp(`\`((?:${folders.join("|")})/[\\w./*-]*)\``, "g");

/** The files that `named`, a path that may end in `*` or in `/`, stands for. */
const meant = (named) => {
  const start = named.replace(/\*$/, "");
  const whole = start === named && !named.endsWith("/");
  return files.filter((file) => (whole ? file === named || file.startsWith(`${named}/`) : file.startsWith(start)));
};

// Decisions and the changelog tell of what was.
for (const document of files.filter((file) => /^(README|CONTRIBUTING|docs\/\w+)\.md$/.test(file)))
  test(`every file that ${document} names is there`, () => {
    const text = readFileSync(path.join(root, document), "utf8");
    const missing = [...text.matchAll(ours)].map(([, named]) => named).filter((named) => meant(named).length === 0);
    assert.deepEqual([...new Set(missing)], []);
  });
