// However registering, sending, storing and reading interleave, an inbox comes whole, in order and
// once.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace klatch::test {

using nlohmann::json;

namespace {

/// Throws now and then, and then has stored nothing.
class unreliable_store final : public store::message_store {
public:
  unreliable_store(std::mt19937& random, unsigned one_in)
      : random_(random), one_in_(one_in), inner_(store::make_memory_store("e")) {}

  const std::string& epoch() const noexcept override { return inner_->epoch(); }
  std::vector<store::outcome> append(std::span<const store::draft> batch,
                                     std::int64_t now) override {
    if (one_in_ != 0 && random_() % one_in_ == 0)
      throw store::unavailable("it is a test");
    return inner_->append(batch, now);
  }
  std::optional<std::uint64_t> mark_read(const user_key& reader, const user_id& with,
                                         std::uint64_t n) override {
    return inner_->mark_read(reader, with, n);
  }
  store::delivery_step mark_delivered(const user_key& user, std::uint64_t seq,
                                      std::size_t at_most) override {
    return inner_->mark_delivered(user, seq, at_most);
  }
  void mark_plain(const user_key& user, std::uint64_t seq) override {
    inner_->mark_plain(user, seq);
  }
  bool tidy() override { return inner_->tidy(); }
  std::size_t trim(std::int64_t before, std::size_t at_most) override {
    return inner_->trim(before, at_most);
  }
  std::unique_ptr<store::message_reader> make_reader() override { return inner_->make_reader(); }

private:
  std::mt19937& random_;
  unsigned one_in_;
  std::unique_ptr<store::message_store> inner_;
};

/// A client as the SDK is one: it remembers how far it has got and what is not acknowledged, and
/// comes back with both.
class faithful_client {
public:
  faithful_client(world& around, std::string id) : around_(around), id_(std::move(id)) {}

  void come() {
    device_ = &around_.join_extended(id_, resume());
    for (const auto& [cid, to] : unacknowledged_)
      device_->push_message(to, cid, cid);
  }
  void go() {
    device_->lose();
    read();
    device_ = nullptr;
  }
  bool is_there() const { return device_ != nullptr; }

  void write(const std::string& to, const std::string& cid) {
    unacknowledged_.emplace_back(cid, to);
    device_->push_message(to, cid, cid);
  }

  void read() {
    auto& waiting = device_->transport().waiting();
    for (; !waiting.empty(); waiting.pop_front())
      take(json::parse(waiting.front()));
  }
  /// What was refused is sent again.
  void send_again() {
    for (const auto& cid : std::exchange(refused_, {}))
      for (const auto& [known, to] : unacknowledged_)
        if (known == cid)
          device_->push_message(to, cid, cid);
  }

  client& device() { return *device_; }
  std::uint64_t cursor() const { return cursor_; }
  const std::vector<std::string>& inbox() const { return inbox_; }
  bool settled() const { return unacknowledged_.empty(); }

private:
  std::string resume() const { return json{{"epoch", "e"}, {"since", cursor_}}.dump(); }

  void take(const json& frame) {
    const auto type = frame.at("type").get<std::string>();
    if (type == "welcome")
      CHECK(frame.at("recovered").get<bool>());
    else if (type == "ack")
      take_ack(frame);
    else if (type == "usermsg")
      take_entry(frame.at("seq"), frame.at("message"));
    else if (type == "error")
      refused_.push_back(frame.at("cid"));
  }
  void take_ack(const json& frame) {
    const auto cid = frame.at("cid").get<std::string>();
    std::erase_if(unacknowledged_, [&](const auto& each) { return each.first == cid; });
    if (frame.at("seq").get<std::uint64_t>() > cursor_)
      take_entry(frame.at("seq"), cid);
  }
  void take_entry(std::uint64_t seq, const std::string& text) {
    CHECK(seq == cursor_ + 1);
    cursor_ = seq;
    inbox_.push_back(text);
  }

  world& around_;
  std::string id_;
  client* device_ = nullptr;
  std::uint64_t cursor_ = 0;
  std::vector<std::string> inbox_;
  std::vector<std::pair<std::string, std::string>> unacknowledged_;
  std::vector<std::string> refused_;
};

void interleave(unsigned seed, unsigned failures_one_in) {
  std::mt19937 random{seed};
  world_options chosen;
  chosen.shards = 3;
  chosen.store = std::make_shared<unreliable_store>(random, failures_one_in);
  world around{chosen};
  faithful_client anna{around, "anna"};
  faithful_client boris{around, "boris"};
  std::vector<faithful_client*> both{&anna, &boris};
  constexpr int messages = 40;
  int written = 0;
  for (int turn = 0; turn < 1500 || written < messages; ++turn) {
    auto& one = *both[random() % 2];
    const auto choice = random() % 40;
    if (!one.is_there()) {
      if (choice < 10)
        one.come();
    } else if (choice < 2) {
      one.go();
    } else if (choice < 5 && written < messages) {
      const bool note = random() % 8 == 0;
      const auto& to = note == (&one == &anna) ? "anna" : "boris";
      one.write(to, "m" + std::to_string(++written));
    } else if (choice < 10) {
      one.read();
    } else if (choice == 10) {
      one.device().transport().stall();
    } else if (choice < 14) {
      one.device().transport().unstall();
    }
    around.step(random);
  }
  for (int round = 0; round < 200 && !(anna.settled() && boris.settled() && round > 3); ++round)
    for (auto* each : both) {
      if (!each->is_there())
        each->come();
      each->device().transport().unstall();
      around.run();
      each->read();
      each->send_again();
      around.run();
      each->read();
    }
  CHECK(anna.settled());
  CHECK(boris.settled());
  // Both inboxes together hold every message, each once.
  for (const auto* each : both)
    CHECK(std::set<std::string>(each->inbox().begin(), each->inbox().end()).size() ==
          each->inbox().size());
  std::set<std::string> all(anna.inbox().begin(), anna.inbox().end());
  all.insert(boris.inbox().begin(), boris.inbox().end());
  CHECK(all.size() == messages);
}

} // namespace

TEST_CASE("no interleaving leaves a hole between replay and live", "[stored]") {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    interleave(seed, 0);
  }
}

TEST_CASE("nor does one in which the store fails now and then", "[stored]") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    interleave(seed, 4);
  }
}

} // namespace klatch::test
