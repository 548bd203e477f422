// Writes what the fuzz targets begin with, made of the golden frames: node tests/fuzz/seeds.mjs FOLDER
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const golden = path.join(path.dirname(fileURLToPath(import.meta.url)), "../golden");
const texts = ["client_frames.json", "extended_client_frames.json"].flatMap((name) =>
  JSON.parse(readFileSync(path.join(golden, name), "utf8")).map(({ text }) => Buffer.from(text)),
);

const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa };

/** Where a payload's length stands (RFC 6455 section 5.2). */
function length_bytes(length) {
  if (length < 126) return Buffer.from([0x80 | length]);
  if (length <= 0xffff) return Buffer.from([0x80 | 126, length >> 8, length & 0xff]);
  const bytes = Buffer.alloc(9, 0x80 | 127);
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

/** A frame as a client sends it; the masking key of zeros lets the fuzzer see the payload. */
function frame(kind, payload = Buffer.alloc(0), fin = true) {
  const start = Buffer.from([(fin ? 0x80 : 0) | opcodes[kind]]);
  return Buffer.concat([start, length_bytes(payload.length), Buffer.alloc(4), payload]);
}

function in_three_fragments(text) {
  const [first, second] = [text.length / 3, (2 * text.length) / 3].map(Math.floor);
  return Buffer.concat([
    frame("text", text.subarray(0, first), false),
    frame("ping", Buffer.from("between")),
    frame("continuation", text.subarray(first, second), false),
    frame("continuation", text.subarray(second)),
  ]);
}

/** Any bytes for fuzz_frame_reader: what to check, the limit's number, the size of pieces, then what comes. */
const as_any_bytes = (wire, number) => Buffer.concat([Buffer.from([0, number % 4, 7]), wire]);

/** Valid frames for it: what to check, the size of pieces, then choices as it takes them for messages of one frame. */
const as_choices = (text) => {
  const payload = text.subarray(0, 255);
  return Buffer.concat([Buffer.from([1, 7, 4, payload.length]), payload, Buffer.alloc(4, 0x5a)]);
};

const close = (code, reason) => frame("close", Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]));
const wires = [
  ...texts.map((text) => frame("text", text)),
  ...texts.map(in_three_fragments),
  Buffer.concat(texts.slice(0, 8).map((text) => frame("text", text))),
  Buffer.concat([frame("pong"), frame("binary", Buffer.from([0xff, 0xfe])), close(1000, "bye")]),
  frame("text", Buffer.alloc(300, "x")),
  frame("text", Buffer.alloc(70000, "x")),
  frame("close"),
];

function write_all(folder, seeds) {
  mkdirSync(folder, { recursive: true });
  seeds.forEach((seed, number) => writeFileSync(path.join(folder, `golden-${number}`), seed));
}

const folder = process.argv[2];
if (!folder) throw new Error("which folder? node tests/fuzz/seeds.mjs FOLDER");
write_all(path.join(folder, "codec"), texts);
write_all(path.join(folder, "token"), [
  '{"sub":"7","project":"shop","name":"Mia","role":"moderator","iat":1763800000,"nbf":1763800000,"exp":1763803600}',
  '{"sub":7,"project":2424,"aud":["chat","shop"],"iss":"https://www.example.com","color":"#F00","exp":1763803600.5}',
  '{"sub":"g-4Zt0aBcDeFgHiJkLmNoPqR","project":"shop","iat":1763800000,"exp":1763803600}',
  "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InNpdGUifQ.eyJzdWIiOiI3IiwicHJvamVjdCI6InNob3AiLCJleHAiOjE3NjM4MDM2MDB9.AAAA",
  "# project = shop\n# role-limit = user\nMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n",
  '{"keys":[{"kty":"EC","crv":"P-256","kid":"a","alg":"ES256","use":"sig","x":"AA","y":"AA"},{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"b"}]}',
].map((text) => Buffer.from(text)));
write_all(path.join(folder, "forwarded"), [
  "192.0.2.1, 10.0.0.2",
  "[2001:db8::1]:4711, 192.0.2.1:80",
  '"[2001:db8::1]", unknown, _hidden',
  "10.0.0.0/8",
].map((text) => Buffer.from(text)));
const record = (type, payload) => Buffer.concat([Buffer.from([type, 3, 3, payload.length >> 8, payload.length & 0xff]), payload]);
/** For fuzz_record_cutter: the size of pieces, then a handshake's records and those of a text. */
const as_records = (text) =>
  Buffer.concat([Buffer.from([7]), record(22, text), record(20, Buffer.from([1])), record(23, text), record(21, text)]);

write_all(path.join(folder, "record_cutter"), texts.map(as_records));

/**
 * For fuzz_bus_frame: a size, then a message, a hint, a push, a question, a presence and a delivery as it takes them for
 * choices.
 */
const choice = (text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
const as_bus_records = (texts) => Buffer.concat([
  Buffer.from([255, 0]), ...["shop", "anna", "boris", ...texts].map(choice), Buffer.from([9, 40, 3, 0, 128, 0, 7, 0, 200, 33]),
  Buffer.from([1]), ...["shop", "boris"].map(choice), Buffer.from([3, 60]),
  Buffer.from([2]), ...["shop", "anna"].map(choice), Buffer.from([4]), choice('{"type":"receipt"}'),
  Buffer.from([3]), ...["shop", "anna"].map(choice), Buffer.from([0, 3, 1, 1]),
  Buffer.from([3]), ...["shop", "anna"].map(choice), Buffer.from([3, 2]),
  Buffer.from([3]), ...["shop", "anna"].map(choice), Buffer.from([4]), choice('{"type":"usermsg"}'), Buffer.from([1]),
]);
const bus_frames = JSON.parse(readFileSync(path.join(golden, "bus_frames.json"), "utf8"));
write_all(path.join(folder, "bus_frame"), [
  ...bus_frames.map(({ hex }) => Buffer.from(hex, "hex")),
  as_bus_records(["c-1", "Anna", "#F00", "see you"]),
]);
write_all(path.join(folder, "frame_reader"), [
  ...wires.map(as_any_bytes),
  ...texts.map(as_choices),
]);
