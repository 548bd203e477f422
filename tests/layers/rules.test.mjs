import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { circles, is_judged, violations } from "./rules.mjs";

const allowed = [
  ["messages/wire/decoder.cpp", '#include "messages/wire/decoder.hpp"\n#include <simdjson.h>'],
  ["messages/interfaces.hpp", "#include <caf/typed_actor.hpp>"],
  ["store/memory.cpp", '#include "messages/ids.hpp"'],
  ["actors/directory/directory.hpp", '#include "messages/interfaces.hpp"\n#include <caf/typed_event_based_actor.hpp>'],
  ["actors/directory/directory.cpp", '// as in #include "net/loop/worker.hpp"\n/*\n#include "app/config.hpp"\n*/'],
  ["net/loop/worker.hpp", '#include "actors/runtime/pinned.hpp"\n#include <boost/asio/io_context.hpp>'],
  ["net/loop/worker.cpp", "#include <boost/asio.hpp>"],
  ["app/main.cpp", '#include "net/server.hpp"\n#include "messages/limits.hpp"'],
  ["web/chat.js", 'import { a } from "./dom.js";\nexport * from "/sdk/client.js";\nconst later = import("./share.js");'],
  ["web/sdk/client.js", 'import "./protocol.js";\n// import x from "jquery"\n'],
  ["web/style.css", '@import "chat.css";\nbody { background: url(data:image/png;base64,AA==) }'],
  ["web/index.html", '<script type="module" src="/app.js"></script><a href="https://example.org/">elsewhere</a>'],
];

const forbidden = [
  ["messages/ids.hpp", '#include "actors/room.hpp"', /against the arrow/],
  ["messages/ids.hpp", '\n# include "store/store.hpp"', /against the arrow/],
  ["store/memory.cpp", '#include "actors/archive/archive.hpp"', /against the arrow/],
  ["actors/directory/directory.cpp", '#include "net/loop/worker.hpp"', /against the arrow/],
  ["actors/directory/directory.cpp", "#include <net/loop/worker.hpp>", /against the arrow/],
  ["net/loop/worker.cpp", '#include "app/config.hpp"', /against the arrow/],
  ["messages/ids.hpp", '#include "messages/wire/decoder.hpp"', /against the arrow within messages/],
  ["net/loop/worker.cpp", '#include "net/stream/cork.hpp"', /against the arrow within net/],
  ["net/http/router.cpp", '#include "net/server.hpp"', /against the arrow within net/],
  ["net/http/router.cpp", '#include "net/websocket/ws_session.hpp"', /joins two wings/],
  ["net/http/router.cpp", '#include "net/other/x.hpp"', /no wing/],
  ["web/sdk/client.js", 'import "../app.js";', /against the arrow within web/],
  ["web/text/times.js", 'import "../components/chat.js";', /against the arrow within web/],
  ["actors/supervisor.cpp", "#include <sqlite3.h>", /database\.cpp only/],
  ["store/sqlite/schema.cpp", "#include <sqlite3.h>", /database\.cpp only/],
  ["messages/wire/decoder.cpp", "#include <nlohmann/json.hpp>", /reference_parser\.cpp only/],
  ["actors/supervisor.cpp", "#include <caf/mailbox_element.hpp>", /actors\/runtime\//],
  ["actors/supervisor.cpp", 'spdlog::warn("no more");', /asks a global for the log/],
  ["store/sqlite/x.cpp", "const auto now = std::chrono::steady_clock::now();", /asks a global for the time/],
  ["app/main.cpp", '#include "tests/catch.hpp"', /no layer/],
  ["app/main.cpp", '#include "config.hpp"', /not relative to the root/],
  ["app/main.cpp", '#include "../app/config.hpp"', /not relative to the root/],
  ["messages/ids.hpp", "#include <boost/container/small_vector.hpp>", /Boost/],
  ["store/memory.cpp", "#include <boost/crc.hpp>", /Boost/],
  ["actors/directory/directory.cpp", "#include <boost/asio/ip/tcp.hpp>", /Boost/],
  ["messages/ids.hpp", "#include <caf/actor.hpp>", /CAF/],
  ["actors/directory/directory.hpp", "#include <caf/all.hpp>", /catch-all/],
  ["net/loop/worker.hpp", "#include <boost/asio.hpp>", /catch-all/],
  ["net/loop/worker.hpp", "#include <boost/beast.hpp>", /catch-all/],
  ["web/chat.js", 'import $ from "jquery";', /no path of a module/],
  ["web/chat.js", 'import {\n  a,\n  b,\n} from "../tests/browser/page.js";', /leaves web/],
  ["web/chat.js", 'import "../app/x.js";', /leaves web/],
  ["web/chat.js", 'export * from "https://example.org/x.js";', /another host/],
  ["web/chat.js", 'await import("../docs/x.js");', /leaves web/],
  ["web/chat.js", "await import(name);", /no path of a module/],
  ["web/style.css", '@import url("https://example.org/font.css");', /another host/],
  ["web/style.css", "body { background: url(../docs/x.png) }", /leaves web/],
  ["web/index.html", '<script src="https://example.org/jquery.js"></script>', /another host/],
  ["web/index.html", '<link rel="stylesheet" href="//example.org/x.css">', /another host/],
];

for (const [file, text] of allowed) {
  test(`${file} may say ${JSON.stringify(text)}`, () => {
    assert.ok(is_judged(file));
    assert.deepEqual(violations(file, text), []);
  });
}

for (const [file, text, reason] of forbidden) {
  test(`${file} may not say ${JSON.stringify(text)}`, () => {
    assert.ok(is_judged(file));
    const messages = violations(file, text).map((found) => found.message);
    assert.ok(messages.some((message) => reason.test(message)), `found: ${messages.join("; ") || "nothing"}`);
  });
}

test("a circle of includes is found, in sources and in modules", () => {
  const circle = new Map([
    ["net/loop/a.hpp", '#include "net/loop/b.hpp"\n'],
    ["net/loop/b.hpp", '#include "net/loop/c.hpp"\n'],
    ["net/loop/c.hpp", '#include "net/loop/a.hpp"\n'],
    ["web/sdk/a.js", 'import "./b.js";\n'],
    ["web/sdk/b.js", 'import { x } from "./a.js";\n'],
  ]);
  assert.deepEqual(circles(circle).map(({ file }) => file), ["net/loop/a.hpp", "web/sdk/a.js"]);
  circle.delete("net/loop/c.hpp");
  circle.delete("web/sdk/b.js");
  assert.deepEqual(circles(circle), []);
});

test("a violation names its line", () => {
  const [found] = violations("actors/x.cpp", '#include "actors/x.hpp"\n\n#include "net/x.hpp"\n');
  assert.equal(found.line, 3);
});

test("tests, benchmarks and documents are free to include everything", () => {
  for (const file of ["tests/net/worker_test.cpp", "bench/load.cpp", "docs/x.md", "web/favicon.svg"]) assert.ok(!is_judged(file));
});

test("the check of a whole checkout passes without a violation, fails with one, and fails where there is nothing to judge", (t) => {
  const checkout = mkdtempSync(path.join(os.tmpdir(), "klatch layers "));
  t.after(() => rmSync(checkout, { recursive: true }));
  const check = () =>
    spawnSync(process.execPath, [fileURLToPath(new URL("check.mjs", import.meta.url)), checkout], { encoding: "utf8" });

  execFileSync("git", ["init", "--quiet", checkout]);
  assert.equal(check().status, 1);

  mkdirSync(path.join(checkout, "actors"));
  writeFileSync(path.join(checkout, "actors/good.cpp"), '#include "messages/ids.hpp"\n');
  assert.equal(check().status, 0);

  writeFileSync(path.join(checkout, "actors/bad.cpp"), '#include <vector>\n#include "net/loop/worker.hpp"\n');
  const { status, stdout } = check();
  assert.equal(status, 1);
  assert.match(stdout, /^actors\/bad\.cpp:2: .*against the arrow/m);
});
