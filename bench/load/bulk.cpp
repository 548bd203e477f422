#include "bench/load/bulk.hpp"

#include "bench/load/failure.hpp"
#include "bench/load/plain_dialect.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace load {

namespace {

constexpr std::size_t kib = 1024;
constexpr std::array text_sizes{8 * kib, 16 * kib, 32 * kib};
constexpr std::size_t writers_at_once = 16;

class bulk {
public:
  bulk(swarm& clients, std::size_t bytes)
      : clients_(clients), share_(bytes / text_sizes.size()), writers_(clients.size()) {
    clients.on_text([this](std::size_t client, std::string_view text) { take(client, text); });
  }

  void run() {
    constexpr auto patience = std::chrono::seconds(20);
    while (begun_ < clients_.size() && begun_ < writers_at_once)
      begin_next();
    while (done_ < clients_.size()) {
      const auto before = taken_;
      clients_.run_until(swarm::clock::now() + patience,
                         [&] { return done_ == clients_.size() || taken_ > before + a_lot; });
      if (taken_ == before)
        throw failure("of " + std::to_string(clients_.size()) + " clients " +
                      std::to_string(done_) + " wrote all of theirs, and no more came for 20 s");
    }
  }

private:
  static constexpr std::uint64_t a_lot = 1000;

  /// What a client has under way: one message at a time, of one size after the other.
  struct writer {
    std::size_t stage = 0;
    std::optional<plain_stream> stream;
  };

  std::size_t next_of(std::size_t client) const { return (client + 1) % clients_.size(); }

  void begin_next() { begin_stage(begun_++); }

  void begin_stage(std::size_t client) {
    auto& self = writers_[client];
    self.stream.emplace(client, next_of(client), text_sizes[self.stage]);
    clients_.send(client, self.stream->next());
  }

  void take(std::size_t to, std::string_view text) {
    if (string_field(text, "type") != "usermsg")
      return check_notice(text);
    const auto from = (to + clients_.size() - 1) % clients_.size();
    auto& self = writers_[from];
    if (!self.stream)
      throw failure("the server sent a message too many: " + shortened(text));
    self.stream->take(text);
    ++taken_;
    if (self.stream->taken() * text_sizes[self.stage] < share_)
      return clients_.send(from, self.stream->next());
    self.stream.reset();
    if (++self.stage < text_sizes.size())
      return begin_stage(from);
    ++done_;
    if (begun_ < clients_.size())
      begin_next();
  }

  swarm& clients_;
  std::size_t share_; ///< bytes of each size
  std::vector<writer> writers_;
  std::size_t begun_ = 0;
  std::size_t done_ = 0;
  std::uint64_t taken_ = 0;
};

} // namespace

void send_bulk(swarm& clients, std::size_t bytes) {
  bulk(clients, bytes).run();
  clients.on_text([](std::size_t, std::string_view text) { check_notice(text); });
}

} // namespace load
