// Reads a Containerfile: the stages, each with its instructions.

const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'USER', 'VOLUME', 'ENV', 'EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'];

/** [{ from, name, instructions: [{ word, text }] }]; throws for an instruction that there is not. */
export function stagesOf(text) {
  const stages = [];
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line)).join('\n').replace(/\\\n/g, ' ').split('\n');
  for (const line of lines.filter((each) => each !== '')) {
    const [, word, rest] = line.match(/^([A-Z]+)\s+(.*)$/) ?? [];
    if (!known.includes(word)) throw new Error(`no instruction: ${line}`);
    if (word === 'FROM') {
      const [, from, , name] = rest.match(/^(\S+)( AS (\S+))?$/);
      stages.push({ from, name, instructions: [] });
    } else {
      if (stages.length === 0) throw new Error(`${word} comes before FROM`);
      stages.at(-1).instructions.push({ word, text: rest.trim() });
    }
  }
  return stages;
}

/** The text of the only instruction `word` of a stage. */
export function only(stage, word) {
  const found = stage.instructions.filter((each) => each.word === word);
  if (found.length !== 1) throw new Error(`${found.length} times ${word}`);
  return found[0].text;
}
