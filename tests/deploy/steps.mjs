// The numbered steps of a section of a document, with what stands in their code blocks (those of one language after each other).
//
//   node tests/deploy/steps.mjs FOLDER [DOCUMENT SECTION]
//
// writes each block as FOLDER/STEP.LANGUAGE (3.toml, 3.sh, …), and those behind the last step as FOLDER/after.LANGUAGE.
// Without a document: of README's "Put it on the internet".

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** { title, blocks: { language: text } } of each part, the steps in order; throws where their numbers have a gap. */
function partsOf(document, section) {
  const heading = `## ${section}\n`;
  const begin = document.indexOf(heading);
  if (begin < 0) throw new Error(`there is no "${heading.trim()}"`);
  const steps = [];
  const after = [];
  for (const part of document.slice(begin + heading.length).split(/^## /m)[0].split(/^### /m).slice(1)) {
    const [, number, title] = part.match(/^(?:(\d+)\. )?(.*)\n/);
    if (number && Number(number) !== steps.length + 1) throw new Error(`step ${number} comes after step ${steps.length}`);
    const blocks = {};
    for (const [, language, text] of part.matchAll(/^```(\w+)\n(.*?)^```$/gms))
      blocks[language] = (blocks[language] ?? '') + text;
    (number ? steps : after).push({ title, blocks });
  }
  return { steps, after };
}

/** The numbered steps of `section`. */
export const stepsOf = (document, section = 'Put it on the internet') => partsOf(document, section).steps;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, name = 'README.md', section = 'Put it on the internet'] = process.argv.slice(2);
  mkdirSync(folder, { recursive: true });
  const write = (step, blocks) => {
    for (const [language, text] of Object.entries(blocks)) writeFileSync(path.join(folder, `${step}.${language}`), text);
  };
  const { steps, after } = partsOf(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'), section);
  for (const [index, { blocks }] of steps.entries()) write(index + 1, blocks);
  for (const { blocks } of after) write('after', blocks);
}
