// How long one frame takes to decode, by each parser, and to encode: why simdjson reads what is
// hot. Prints nanoseconds an operation, the best of several runs; the machine should be idle.
// codec_bench [MILLISECONDS OF A RUN]
#include "messages/bus/bus_frame.hpp"
#include "messages/wire/decoder.hpp"
#include "messages/wire/encode_message.hpp"
#include "messages/wire/reference_parser.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>
#include <string_view>

namespace {

using namespace klatch;

constexpr std::string_view short_text = "shall we meet at the lake at six?";

/// A frame as the page sends it, with a message of about `size` bytes.
std::string user_frame(std::size_t size) {
  std::string message;
  while (message.size() < size)
    message.append(short_text.substr(0, size - message.size()));
  return R"({"type":"user","to_id":5,"message":")" + message +
         R"(","name":"mks","id":7,"projectId":2424,"color":"#F00"})";
}

/// Adds up what was made of the frames, so that nothing can be left out.
std::size_t seen = 0;

/// How long a run is at least.
std::clock_t run_time = CLOCKS_PER_SEC / 10;

/// Nanoseconds of CPU time that `operation` takes: the best of ten runs.
template<class Operation>
double nanoseconds(Operation operation) {
  constexpr int runs = 10;
  constexpr int batch = 100;
  auto best = std::numeric_limits<double>::max();
  for (int run = 0; run < runs; ++run) {
    std::uint64_t done = 0;
    const auto start = std::clock();
    std::clock_t taken = 0;
    for (; taken < run_time; taken = std::clock() - start, done += batch)
      for (int i = 0; i < batch; ++i)
        seen += operation();
    const auto seconds = static_cast<double>(taken) / CLOCKS_PER_SEC;
    best = std::min(best, seconds * 1e9 / static_cast<double>(done));
  }
  return best;
}

std::size_t by_dom(const std::string& text) {
  const auto document = nlohmann::json::parse(text);
  return document.at("message").get_ref<const std::string&>().size();
}

std::size_t by_sax(reference_parser& reader, const std::string& text) {
  const auto frame = reader.read(text);
  return std::get<raw_frame>(frame)[field::message].text.size();
}

std::size_t message_size(const klatch::decoded_frame& decoded) {
  return std::get<user_message>(decoded.what).message.size();
}

void measure(std::size_t message_bytes) {
  const auto text = user_frame(message_bytes);
  decoder decodes{limits{}};
  reference_parser reader;
  const auto message = std::get<user_message>(decodes.decode(text).what);
  const std::string body{message.message};
  const usermsg out{"mks", body, "#F00", "7", "5"};

  const auto row = [&](const char* what, double time) {
    std::printf("%6zu bytes  %-34s %9.0f ns\n", text.size(), what, time);
  };
  row("decode: decoder (simdjson)",
      nanoseconds([&] { return message_size(decodes.decode(text)); }));
  row("decode: nlohmann SAX, fields only", nanoseconds([&] { return by_sax(reader, text); }));
  row("decode: nlohmann DOM", nanoseconds([&] { return by_dom(text); }));
  row("encode: usermsg", nanoseconds([&] { return encode(out).text().size(); }));
  row("encode: nlohmann DOM, dump", nanoseconds([&] {
        return nlohmann::json{{"type", "usermsg"},  {"name", out.name}, {"message", out.message},
                              {"color", out.color}, {"from", out.from}, {"to", out.to}}
            .dump()
            .size();
      }));
}

stored_message stored_of(std::size_t message_bytes) {
  const auto from = user_id::parse("7").value();
  return {{.project = project_id::parse("2424").value(),
           .from = from,
           .conversation = conversation_id::dialogue(from, user_id::parse("5").value()),
           .cid = std::string(24, 'c'),
           .name = "mks",
           .color = "#F00",
           .text = std::string(message_bytes, 'x')},
          {.mid = 47110815, .n = 300, .from_seq = 9000, .to_seq = 70, .ts = 1763800000000}};
}

/// What a message costs on the bus, in frames of a hundred of them.
void measure_bus(std::size_t message_bytes) {
  constexpr std::size_t messages = 100;
  const auto message = stored_of(message_bytes);
  bus_frame_writer writer{bus_version, 1, max_bus_frame_bytes};
  const auto fill = [&] {
    for (std::size_t added = 0; added < messages; ++added)
      writer.add(message);
    return writer.finish(1);
  };
  const auto bytes = fill();
  const auto each = [&](auto use) {
    std::size_t sum = 0;
    const auto view = read_bus_frame(bytes);
    for (const auto record : *view)
      sum += use(std::get<stored_record_view>(record));
    return sum;
  };
  const auto row = [&](const char* what, double time) {
    std::printf("%6zu bytes  %-34s %9.0f ns\n", bytes.size() / messages, what, time / messages);
  };
  row("bus: write a message", nanoseconds([&] { return fill().size(); }));
  row("bus: skip a message",
      nanoseconds([&] { return each([](const auto& view) { return view.from_hash() & 1U; }); }));
  row("bus: decode a message", nanoseconds([&] {
        return each([](const auto& view) { return view.decode()->content.text.size(); });
      }));
}

} // namespace

int main(int count, char** arguments) {
  if (count > 1)
    run_time = static_cast<std::clock_t>(std::atof(arguments[1]) * CLOCKS_PER_SEC / 1000);
  for (const std::size_t message_bytes : {33U, 1000U, 60000U})
    measure(message_bytes);
  measure_bus(120);
  return seen == 0 ? 1 : 0;
}
