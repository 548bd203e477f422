#include "bench/load/extended_dialect.hpp"
#include "bench/load/failure.hpp"
#include "bench/load/filled_store.hpp"
#include "bench/load/latencies.hpp"
#include "bench/load/numbered_text.hpp"
#include "bench/load/process.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/usage.hpp"

#include <nlohmann/json.hpp>

#include <random>
#include <string>

namespace load {

namespace {

/// Reads the conversation of two users in which only one has written, so that a message's number in
/// the conversation is the number in its text.
class page_reader {
public:
  page_reader(swarm& client, std::size_t writer, std::size_t text_bytes, std::size_t reader)
      : client_(client), writer_(user_name(writer)), expected_(writer, reader, text_bytes) {
    client.on_text([this](std::size_t, std::string_view text) {
      if (frame_fields(text).text("type") != "history")
        return check_extended_notice(frame_fields(text));
      arrived_ = swarm::clock::now();
      answer_ = text;
    });
  }

  /// From the request to the arrival of the answer, which is checked after that.
  swarm::clock::duration read(std::uint64_t before, std::uint64_t limit) {
    answer_.clear();
    const auto begin = swarm::clock::now();
    client_.send(0, R"({"type":"history","with":")" + writer_ + R"(","before":)" +
                        std::to_string(before) + R"(,"limit":)" + std::to_string(limit) + "}");
    constexpr auto patience = std::chrono::seconds(10);
    client_.run_until(begin + patience, [&] { return !answer_.empty(); });
    if (answer_.empty())
      throw failure("no history came for 10 s");
    check(before, limit);
    bytes_ += answer_.size();
    return arrived_ - begin;
  }

  std::uint64_t bytes() const { return bytes_; }

private:
  void check(std::uint64_t before, std::uint64_t limit) {
    const auto page = nlohmann::json::parse(answer_);
    const auto& messages = page.at("messages");
    if (messages.size() != limit || page.at("more") != (before > limit + 1))
      throw failure("expected " + std::to_string(limit) + " messages before " +
                    std::to_string(before) + ", got: " + shortened(answer_));
    auto number = before - limit;
    for (const auto& each : messages) {
      if (each.at("n") != number || each.at("from") != writer_ ||
          each.at("message") != expected_.with(number))
        throw failure("expected message " + std::to_string(number) +
                      " of a conversation, got: " + shortened(each.dump()));
      ++number;
    }
  }

  swarm& client_;
  std::string writer_;
  numbered_text expected_;
  std::string answer_;
  swarm::clock::time_point arrived_;
  std::uint64_t bytes_ = 0;
};

} // namespace

nlohmann::ordered_json run_history(const history_options& options) {
  const process server(options.pid);
  const bool is_long = options.conversation == "long";
  const auto writer = is_long ? filled_store::long_writer : filled_store::short_writer;
  const auto asker = is_long ? filled_store::long_reader : filled_store::short_reader;
  extended_clients identity(std::vector{asker});
  swarm client(options.server, 1, identity.words());
  client.open_all();
  page_reader reader(client, writer, options.text_bytes, asker);
  if (identity.inbox(0).head != options.messages)
    throw failure("the conversation has " + std::to_string(identity.inbox(0).head) + " messages");

  std::mt19937_64 random(options.seed); // a run can be repeated
  std::uniform_int_distribution<std::uint64_t> place(options.limit + 1, options.messages + 1);
  latencies times;
  const auto read_all = [&] {
    while (times.count() < options.pages)
      times.add(reader.read(place(random), options.limit));
  };
  const auto usage = usage_of(read_all, server, "read", [&] { return times.count(); });
  client.close_all();

  return {{"conversation", options.conversation},
          {"messages", options.messages},
          {"limit", options.limit},
          {"page", times.summary()},
          {"page_bytes", static_cast<double>(reader.bytes()) / static_cast<double>(times.count())},
          {"server_cpu_us_per_page", usage.at("server_cpu_us_per_message")},
          {"server_read_mib", usage.at("server_read_mib")},
          {"load_is_bottleneck", usage.at("load_is_bottleneck")}};
}

} // namespace load
