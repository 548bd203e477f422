// What the layers may include: `messages ← store ← actors ← net ← app`, and `web` only itself.
import path from "node:path";

/** Lowest first; a layer includes itself and those before it. */
const layers = ["messages", "store", "actors", "net", "app"];

/** Layers below net/ know no sockets. */
const without_boost = ["messages", "store", "actors"];

/** The one place of messages/ where the actors' interfaces stand. */
const interface_header = "messages/interfaces.hpp";

/** Headers that drag in a whole library; none in a header of ours. */
const catch_alls = ["caf/all.hpp", "boost/asio.hpp", "boost/beast.hpp"];

const line_of = (text, index) => text.slice(0, index).split("\n").length;

/** Blanks out comments, so that what is left stands on the same lines as before. */
const without_comments = (text, ...patterns) =>
  patterns.reduce((rest, pattern) => rest.replace(pattern, (found) => found.replace(/[^\n]/g, " ")), text);

const block_comment = /\/\*[\s\S]*?\*\//g;
const html_comment = /<!--[\s\S]*?-->/g;
const whole_line_comment = /^[ \t]*\/\/.*$/gm;

/** All `(line, target)` that `pattern`, with the target as its group, finds in `text`. */
function* references(text, pattern) {
  for (const match of text.matchAll(pattern)) {
    yield { line: line_of(text, match.index + match[0].length), target: match[1] };
  }
}

function quoted_include_fault(layer, target) {
  const folder = target.split("/")[0];
  if (!target.includes("/") || target.startsWith(".")) return "is not relative to the root";
  if (!layers.includes(folder)) return `names ${folder}/, which is no layer`;
  if (layers.indexOf(folder) > layers.indexOf(layer)) return `goes against the arrow: ${folder}/ stands above ${layer}/`;
  return null;
}

function library_include_fault(file, layer, target) {
  if (target.startsWith("boost/") && without_boost.includes(layer)) return `brings Boost into ${layer}/`;
  if (target.startsWith("caf/") && layer === "messages" && file !== interface_header)
    return `brings CAF into messages/ outside ${interface_header}`;
  if (catch_alls.includes(target) && file.endsWith(".hpp")) return "is a catch-all in a header";
  return null;
}

function include_faults(file, text) {
  const layer = file.split("/")[0];
  const code = without_comments(text, block_comment);
  const faults = [];
  for (const { line, target } of references(code, /^[ \t]*#[ \t]*include[ \t]*("[^"\n]*"|<[^>\n]*>)/gm)) {
    const name = target.slice(1, -1);
    // Angle brackets are no way around: they find files of ours too, since the root is on the include path.
    const ours = target.startsWith('"') || layers.includes(name.split("/")[0]);
    const fault = (ours && quoted_include_fault(layer, name)) || library_include_fault(file, layer, name);
    if (fault) faults.push({ file, line, message: `#include ${target} ${fault}` });
  }
  return faults;
}

/** Why `target`, as the file says it, does not stay inside web/; null where it does. */
function outside_web(file, target) {
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) return "comes from another host";
  // "/x.js" is the page's own root, which web/ is served as.
  const found = target.startsWith("/") ? path.posix.join("web", target) : path.posix.join(path.posix.dirname(file), target);
  return found === "web" || found.startsWith("web/") ? null : "leaves web/";
}

const web_references = {
  ".js": [/\b(?:import|export)\b[^"'`;()]*?\bfrom\s*["']([^"']*)["']/g, /\bimport\s*["']([^"']*)["']/g,
    /\bimport\s*\(\s*(["'][^"']*["']|[^"'\s)][^)]*)/g],
  ".css": [/@import\s+(?:url\(\s*)?["']?([^"')\s;]+)/g, /\burl\(\s*["']?([^"')\s]+)/g],
  ".html": [/<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc\s*=\s*["']?([^"'\s>]+)/gi,
    /<link\b[^>]*\bhref\s*=\s*["']?([^"'\s>]+)/gi],
};

function module_fault(file, target) {
  if (!/^["']?[./]/.test(target) && !/^["']?[a-z]+:/i.test(target)) return "is no path of a module";
  return outside_web(file, target.replace(/^["']|["']$/g, ""));
}

function web_faults(file, text) {
  const extension = path.posix.extname(file).replace(".mjs", ".js");
  const code = without_comments(text, ...(extension === ".html" ? [html_comment] : [block_comment]),
    ...(extension === ".js" ? [whole_line_comment] : []));
  const faults = [];
  for (const pattern of web_references[extension] ?? []) {
    for (const { line, target } of references(code, pattern)) {
      if (target.startsWith("data:") && extension !== ".js") continue;
      const fault = extension === ".js" ? module_fault(file, target) : outside_web(file, target);
      if (fault) faults.push({ file, line, message: `${target} ${fault}` });
    }
  }
  return faults;
}

/** Whether the rules have something to say about `file`, a path from the root with "/". */
export function is_judged(file) {
  const layer = file.split("/")[0];
  if (layers.includes(layer)) return /\.(hpp|cpp)$/.test(file);
  return layer === "web" && /\.(m?js|css|html)$/.test(file);
}

/** The violations of one file: `{file, line, message}` each. */
export function violations(file, text) {
  return file.startsWith("web/") ? web_faults(file, text) : include_faults(file, text);
}
