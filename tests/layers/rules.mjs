// What the layers may include: `messages ← store ← actors ← net ← app`, within each its wings likewise, and `web` only
// itself.
import path from "node:path";

/** Lowest first; a layer includes itself and those before it. */
const layers = ["messages", "store", "actors", "net", "app"];

/**
 * The wings of a layer, lowest first: a wing includes itself and those before it. Wings of one rank know nothing of each
 * other. A name with a dot at its end is files of the layer's own folder, "" all of them that are not named so.
 */
const wings = {
  messages: [["text"], [""], ["auth", "bus", "wire"]],
  store: [[""], ["memory", "postgres", "sqlite"]],
  actors: [["runtime"], ["directory"], ["cluster"], ["archive"], ["connection"], [""]],
  net: [["addresses.", "options.", "trusted_proxies."], ["loop"], ["tls"], ["stream"], ["accept", "bus", "http", "websocket"], ["server."]],
  web: [["text"], ["sdk"], ["components"], [""]],
};

/** Layers below net/ know no sockets. */
const without_boost = ["messages", "store", "actors"];

/** The one place of messages/ where the actors' interfaces stand. */
const interface_header = "messages/interfaces.hpp";

/** A library that only some files may know. */
const kept_in = [
  { library: /^(libpq-fe\.h|postgresql\/)/, files: /^store\/postgres\/postgres_connection\.cpp$/, place: "store/postgres/postgres_connection.cpp" },
  { library: /^nats/, files: /^net\/bus\/nats_bus\.cpp$/, place: "net/bus/nats_bus.cpp" },
  { library: /^sqlite3\.h$/, files: /^store\/sqlite\/database\.cpp$/, place: "store/sqlite/database.cpp" },
  { library: /^nlohmann\//, files: /^messages\/wire\/reference_parser\.cpp$/, place: "messages/wire/reference_parser.cpp" },
  { library: /^openssl\//, files: /^(net\/tls\/\w+|messages\/auth\/(public_key|signature))\.cpp$/, place: "sources of net/tls/, and public_key.cpp and signature.cpp of messages/auth/" },
  { library: /^simdjson/, files: /^messages\/((auth|wire)\/\w+|text\/utf8)\.cpp$/, place: "sources of messages/auth/, messages/wire/ and messages/text/utf8.cpp" },
  { library: /^jwt\.h$/, files: /^messages\/auth\/signature\.cpp$/, place: "messages/auth/signature.cpp" },
  { library: /^curl\//, files: /^app\/https_get\.cpp$/, place: "app/https_get.cpp" },
  { library: /^systemd\//, files: /^app\/service_manager\.cpp$/, place: "app/service_manager.cpp" },
  { library: /^utf8proc/, files: /^messages\/text\/\w+\.cpp$/, place: "sources of messages/text/" },
  {
    library: /^caf\/((detail|intrusive|scheduler)\/|abstract_actor|actor_clock|actor_control_block|execution_unit|mailbox_element|resumable|scheduled_actor)/,
    files: /^(actors\/runtime\/|net\/loop\/)/,
    place: "actors/runtime/ and net/loop/",
  },
];

/** What is handed in: below net/ nobody asks the machine for the time, or the process for its log. */
const handed_in = [
  { name: /\b(?:steady|system|high_resolution)_clock::now\b|\bclock_gettime\b/g, what: "the time" },
  { name: /\bspdlog::(?:trace|debug|info|warn|error|critical|log|get|default_logger)\b/g, what: "the log" },
];
const hands_in = /^(net|app)\/|^messages\/clock\.cpp$/;

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

/** The wing of a file and its rank in its layer; nothing where the layer has no wings or does not know that one. */
function wing_of(file) {
  const [layer, ...rest] = file.split("/");
  const own = rest.length > 1 ? rest[0] : "";
  const named = (name) => name.endsWith(".") && own === "" && rest[0]?.startsWith(name);
  const rank_of = (is_it) => (wings[layer] ?? []).findIndex((rank) => rank.some(is_it));
  const rank = rank_of(named);
  return { name: own, rank: rank >= 0 ? rank : rank_of((name) => name === own) };
}

function wing_fault(file, target) {
  const layer = file.split("/")[0];
  if (!wings[layer] || layer !== target.split("/")[0]) return null;
  const from = wing_of(file);
  const to = wing_of(target);
  if (from.rank < 0) return `is of ${file}, which stands in no wing that tests/layers/rules.mjs knows`;
  if (to.rank < 0) return `names ${target}, which stands in no wing that tests/layers/rules.mjs knows`;
  if (to.rank > from.rank) return `goes against the arrow within ${layer}/: ${target} stands above ${file}`;
  if (to.rank === from.rank && to.name !== from.name) return `joins two wings beside each other: ${from.name}/ and ${to.name}/`;
  return null;
}

function quoted_include_fault(file, layer, target) {
  const folder = target.split("/")[0];
  if (!target.includes("/") || target.startsWith(".")) return "is not relative to the root";
  if (!layers.includes(folder)) return `names ${folder}/, which is no layer`;
  if (layers.indexOf(folder) > layers.indexOf(layer)) return `goes against the arrow: ${folder}/ stands above ${layer}/`;
  return wing_fault(file, target);
}

function library_include_fault(file, layer, target) {
  if (target.startsWith("boost/") && without_boost.includes(layer)) return `brings Boost into ${layer}/`;
  if (target.startsWith("caf/") && layer === "messages" && file !== interface_header)
    return `brings CAF into messages/ outside ${interface_header}`;
  const rule = kept_in.find(({ library, files }) => library.test(target) && !files.test(file));
  if (rule) return `is for ${rule.place} only`;
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
    const fault = (ours && quoted_include_fault(file, layer, name)) || library_include_fault(file, layer, name);
    if (fault) faults.push({ file, line, message: `#include ${target} ${fault}` });
  }
  return faults;
}

function global_faults(file, text) {
  if (hands_in.test(file)) return [];
  const code = without_comments(text, block_comment, whole_line_comment);
  return handed_in.flatMap(({ name, what }) =>
    [...code.matchAll(name)].map((match) => ({
      file,
      line: line_of(code, match.index),
      message: `${match[0]} asks a global for ${what}, which is handed in`,
    })),
  );
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

function web_wing_fault(file, target) {
  const name = target.replace(/^["']|["']$/g, "");
  if (!/^\.\.?\//.test(name)) return null;
  return wing_fault(file, path.posix.join(path.posix.dirname(file), name));
}

function web_faults(file, text) {
  const extension = path.posix.extname(file).replace(".mjs", ".js");
  const code = without_comments(text, ...(extension === ".html" ? [html_comment] : [block_comment]),
    ...(extension === ".js" ? [whole_line_comment] : []));
  const faults = [];
  for (const pattern of web_references[extension] ?? []) {
    for (const { line, target } of references(code, pattern)) {
      if (target.startsWith("data:") && extension !== ".js") continue;
      const fault =
        extension === ".js" ? module_fault(file, target) ?? web_wing_fault(file, target) : outside_web(file, target);
      if (fault) faults.push({ file, line, message: `${target} ${fault}` });
    }
  }
  return faults;
}

/** What a file of the layers or of web/ includes or imports of its own layer, by whole paths. */
function own_references(file, text) {
  const layer = file.split("/")[0];
  const found = [];
  if (layer === "web") {
    const code = without_comments(text, block_comment, whole_line_comment);
    for (const pattern of web_references[path.posix.extname(file)] ?? [])
      for (const { target } of references(code, pattern))
        if (/^\.\.?\//.test(target)) found.push(path.posix.join(path.posix.dirname(file), target));
  } else {
    const code = without_comments(text, block_comment);
    for (const { target } of references(code, /^[ \t]*#[ \t]*include[ \t]*"([^"\n]*)"/gm)) found.push(target);
  }
  return found.filter((target) => target !== file);
}

/** Circles of references among `texts`, a map from file to text: one violation for each, at a file of it. */
export function circles(texts) {
  const found = [];
  const state = new Map();
  const visit = (file, way) => {
    if (state.get(file) === "done" || !texts.has(file)) return;
    if (state.get(file) === "open") {
      const circle = [...way.slice(way.indexOf(file)), file];
      found.push({ file, line: 1, message: `stands in a circle: ${circle.join(" → ")}` });
      return;
    }
    state.set(file, "open");
    for (const target of own_references(file, texts.get(file))) visit(target, [...way, file]);
    state.set(file, "done");
  };
  for (const file of texts.keys()) visit(file, []);
  return found;
}

/** Whether the rules have something to say about `file`, a path from the root with "/". */
export function is_judged(file) {
  const layer = file.split("/")[0];
  if (layers.includes(layer)) return /\.(hpp|cpp)$/.test(file);
  return layer === "web" && /\.(m?js|css|html)$/.test(file);
}

/** The violations of one file: `{file, line, message}` each. */
export function violations(file, text) {
  return file.startsWith("web/") ? web_faults(file, text) : [...include_faults(file, text), ...global_faults(file, text)];
}
