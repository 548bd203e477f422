// Makes a copy of the sources in which faults can be switched on (mutations.json) and rare branches say that they were
// reached (branches.json): the sources themselves know nothing of either.
//
//   node tests/simulation/instrument.mjs FOLDER
//
// Each row of the two lists has a `file`, a text `was` that stands in it exactly once, and what it `becomes`, where
// MUTANT stands for the question whether the fault is in, and REACHED for the count; or several such `edits` of one
// file.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");
const read_list = (name) => JSON.parse(readFileSync(path.join(here, name), "utf8"));

/** Files whose time says when they have changed, so that only what has is compiled again. */
function write_if_changed(file, text) {
  if (existsSync(file) && readFileSync(file).equals(Buffer.from(text))) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function replace_once(text, { name, file, was, becomes }) {
  const parts = text.split(was);
  if (parts.length !== 2)
    throw new Error(`${name}: ${file} has ${parts.length - 1} times, and not once:\n${was}`);
  return parts.join(becomes);
}

const changed = new Map();
const text_of = (file) => changed.get(file) ?? readFileSync(path.join(root, file), "utf8");

const mutations = read_list("mutations.json");
function apply(row, word, stands_for) {
  for (const { was, becomes } of row.edits ?? [row]) {
    const edit = { ...row, was, becomes: becomes.replaceAll(word, stands_for) };
    changed.set(row.file, replace_once(text_of(row.file), edit));
  }
}

mutations.forEach((row, index) => apply(row, "MUTANT", `::klatch::simulation::is_mutant(${index + 1})`));
for (const row of read_list("branches.json")) apply(row, "REACHED", `::klatch::simulation::reached("${row.name}")`);
for (const [file, text] of changed)
  changed.set(file, `#include "tests/simulation/coverage.hpp"\n#include "tests/simulation/mutations.hpp"\n${text}`);

const names = mutations.map(({ name }) => `      "${name}",`).join("\n");
changed.set(
  "tests/simulation/mutation_names.cpp",
  `#include "tests/simulation/mutations.hpp"

namespace klatch::simulation {

const std::vector<const char*>& mutation_names() {
  static const std::vector<const char*> all{
${names}
  };
  return all;
}

} // namespace klatch::simulation
`,
);

const [target] = process.argv.slice(2);
if (!target) {
  console.error("usage: node tests/simulation/instrument.mjs FOLDER");
  process.exit(2);
}
const is_built_from = /\.(cpp|hpp|cmake)$|^web\/|CMakeLists\.txt$|^CMakePresets\.json$/;
const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
for (const file of listed.toString().split("\0"))
  if (is_built_from.test(file) && existsSync(path.join(root, file)) && !changed.has(file))
    write_if_changed(path.join(target, file), readFileSync(path.join(root, file)));
for (const [file, text] of changed) write_if_changed(path.join(target, file), text);
