// However registering, sending, storing and reading interleave, an inbox comes whole, in order and
// once.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"
#include "tests/store/forwarding_store.hpp"

#include <nlohmann/json.hpp>

#include <array>
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
class unreliable_store final : public forwarding_store {
public:
  unreliable_store(std::mt19937& random, unsigned one_in)
      : forwarding_store(store::make_memory_store("e")), random_(random), one_in_(one_in) {}

  std::vector<store::outcome> append(std::span<const store::operation> batch,
                                     std::int64_t now) override {
    if (one_in_ != 0 && random_() % one_in_ == 0)
      throw store::unavailable("it is a test");
    return forwarding_store::append(batch, now);
  }

private:
  std::mt19937& random_;
  unsigned one_in_;
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

constexpr int message_count = 40;

/// Two users who come, write, stall, read and go as a random number has it.
class conversation {
public:
  conversation(unsigned seed, unsigned failures_one_in)
      : random_(seed), around_(options(failures_one_in)) {}

  void interleave() {
    for (int turn = 0; turn < 1500 || written_ < message_count; ++turn) {
      auto& one = *both_[random_() % 2];
      const auto choice = random_() % 40;
      if (one.is_there())
        act(one, choice);
      else if (choice < 10)
        one.come();
      around_.step(random_);
    }
  }

  /// Both are there and read until nothing is missing.
  void settle() {
    for (int round = 0; round < 200 && !(settled() && round > 3); ++round)
      for (auto* each : both_) {
        if (!each->is_there())
          each->come();
        each->device().transport().unstall();
        around_.run();
        each->read();
        each->send_again();
        around_.run();
        each->read();
      }
  }

  void check() const {
    CHECK(settled());
    std::set<std::string> all;
    for (const auto* each : both_) {
      const std::set<std::string> once(each->inbox().begin(), each->inbox().end());
      CHECK(once.size() == each->inbox().size());
      all.insert(once.begin(), once.end());
    }
    CHECK(all.size() == message_count);
  }

private:
  world_options options(unsigned failures_one_in) {
    world_options chosen;
    chosen.shards = 3;
    chosen.store = std::make_shared<unreliable_store>(random_, failures_one_in);
    return chosen;
  }

  void act(faithful_client& one, unsigned long choice) {
    if (choice < 2)
      one.go();
    else if (choice < 5)
      write(one);
    else if (choice < 10)
      one.read();
    else if (choice == 10)
      one.device().transport().stall();
    else if (choice < 14)
      one.device().transport().unstall();
  }

  void write(faithful_client& one) {
    if (written_ == message_count)
      return;
    const bool note = random_() % 8 == 0;
    const auto* to = note == (&one == &anna_) ? "anna" : "boris";
    one.write(to, "m" + std::to_string(++written_));
  }

  bool settled() const { return anna_.settled() && boris_.settled(); }

  std::mt19937 random_;
  world around_;
  faithful_client anna_{around_, "anna"};
  faithful_client boris_{around_, "boris"};
  std::array<faithful_client*, 2> both_{&anna_, &boris_};
  int written_ = 0;
};

void run_one(unsigned seed, unsigned failures_one_in) {
  conversation both{seed, failures_one_in};
  both.interleave();
  both.settle();
  both.check();
}

} // namespace

TEST_CASE("no interleaving leaves a hole between replay and live", "[stored]") {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    run_one(seed, 0);
  }
}

TEST_CASE("no interleaving with a store that fails now and then leaves a hole", "[stored]") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    run_one(seed, 4);
  }
}

} // namespace klatch::test
