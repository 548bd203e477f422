// Which lines of a document are too long.

/** In columns, a character each. */
export const most_columns = 120;

/** A URL alone, in a list or a reference too: there is nothing to break it at. */
const is_one_url = (line) => /^\s*(([-*+]|\d+\.|\[[^\]]+\]:)\s+)?\S*https?:\/\/\S*$/.test(line);

const is_table_row = (line) => /^\s*\|/.test(line);

/** The numbers of the lines that are too long. Table rows, URLs and what stands verbatim in a code block may be. */
export function long_lines(text) {
  let in_code = false;
  const found = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (/^\s*```/.test(line)) in_code = !in_code;
    if (in_code || is_table_row(line) || is_one_url(line)) continue;
    if ([...line].length > most_columns) found.push(index + 1);
  }
  return found;
}
