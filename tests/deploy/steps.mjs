// The numbered steps of README's "Put it on the internet", with what stands in their code blocks (those of one language after each other).
//
//   node tests/deploy/steps.mjs FOLDER     writes each block as FOLDER/STEP.LANGUAGE (3.toml, 3.sh, …)

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const heading = '## Put it on the internet\n';

/** { title, blocks: { language: text } } of each step, in order; throws where their numbers have a gap. */
export function stepsOf(readme) {
  const begin = readme.indexOf(heading);
  if (begin < 0) throw new Error(`README has no "${heading.trim()}"`);
  const section = readme.slice(begin + heading.length).split(/^## /m)[0];
  const steps = [];
  for (const part of section.split(/^### /m).slice(1)) {
    const [, number, title] = part.match(/^(\d+)\. (.*)\n/) ?? [];
    if (!number) continue;
    if (Number(number) !== steps.length + 1) throw new Error(`step ${number} comes after step ${steps.length}`);
    const blocks = {};
    for (const [, language, text] of part.matchAll(/^```(\w+)\n(.*?)^```$/gms))
      blocks[language] = (blocks[language] ?? '') + text;
    steps.push({ title, blocks });
  }
  return steps;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  mkdirSync(folder, { recursive: true });
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  for (const [index, { blocks }] of stepsOf(readme).entries())
    for (const [language, text] of Object.entries(blocks)) writeFileSync(path.join(folder, `${index + 1}.${language}`), text);
}
