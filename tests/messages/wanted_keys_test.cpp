// When a set of keys is fetched, and who has to wait for it.
#include "messages/auth/wanted_keys.hpp"
#include "tests/catch.hpp"

#include <chrono>
#include <string>

namespace klatch {

namespace {

using namespace std::chrono_literals;

/// One that has fetched once, at its start, and remembers how often it was asked for a fetch.
class asked_keys {
public:
  asked_keys() { fetch(true); }

  bool ask(const std::string& kid) { return keys_.ask(kid); }
  std::chrono::milliseconds until_next() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(keys_.next_fetch() - now_);
  }
  void pass(std::chrono::milliseconds time) { now_ += time; }
  void fetch(bool good) {
    const auto number = keys_.begin_fetch(now_);
    keys_.end_fetch(good);
    if (good)
      keys_.in_force(number);
  }
  wanted_keys& keys() { return keys_; }
  wanted_keys::clock::time_point now() const { return now_; }
  int wishes() const { return wishes_; }

private:
  int wishes_ = 0;
  wanted_keys::clock::time_point now_{1h};
  wanted_keys keys_{{}, [this] { ++wishes_; }};
};

} // namespace

TEST_CASE("a set of keys is fetched every 10 minutes, and every 30 s while it fails", "[jwks]") {
  asked_keys all;
  CHECK(all.until_next() == 10min);
  all.pass(10min);
  all.fetch(false);
  CHECK(all.until_next() == 30s);
  all.pass(30s);
  all.fetch(true);
  CHECK(all.until_next() == 10min);
}

TEST_CASE("a thousand unknown keys are one fetch, and a miss is remembered", "[jwks]") {
  asked_keys all;
  all.pass(1min);
  for (int number = 0; number < 1'000; ++number)
    CHECK(all.ask(std::to_string(number)));
  CHECK(all.wishes() == 1);
  CHECK(all.until_next() == -30s); // It is due.
  all.fetch(true);
  for (int times = 0; times < 3; ++times)
    for (int number = 0; number < 1'000; ++number)
      CHECK_FALSE(all.ask(std::to_string(number)));
  CHECK(all.wishes() == 1);
  CHECK(all.until_next() == 10min);
}

TEST_CASE("one fetch in 30 s, whoever asks", "[jwks]") {
  asked_keys all;
  all.pass(10s);
  CHECK(all.ask("a"));
  CHECK(all.until_next() == 20s);
  all.pass(20s);
  all.fetch(true);
  CHECK_FALSE(all.ask("a"));
  CHECK(all.ask("b"));
  CHECK(all.ask("b"));
  CHECK(all.wishes() == 2);
  CHECK(all.until_next() == 30s);
}

TEST_CASE("while the provider is down nobody is told that a key is none", "[jwks]") {
  asked_keys all;
  CHECK(all.ask("a"));
  all.fetch(false);
  CHECK(all.ask("a"));
  CHECK(all.until_next() == 30s);
  all.pass(30s);
  all.fetch(true);
  CHECK_FALSE(all.ask("a"));
}

TEST_CASE("a fetch counts for who has asked before it began, and once its keys are in force",
          "[jwks]") {
  asked_keys all;
  all.pass(30s);
  CHECK(all.ask("before"));
  const auto number = all.keys().begin_fetch(all.now());
  CHECK(all.ask("meanwhile"));
  all.keys().end_fetch(true);
  CHECK(all.ask("before"));
  all.keys().in_force(number);
  CHECK_FALSE(all.ask("before"));
  CHECK(all.ask("meanwhile"));
  CHECK(all.until_next() == 30s);
}

TEST_CASE("of the keys that are looked for 1,024 are remembered", "[jwks]") {
  asked_keys all;
  for (std::size_t number = 0; number <= wanted_keys::max_kids; ++number)
    CHECK(all.ask(std::to_string(number)));
  all.fetch(true);
  CHECK_FALSE(all.ask("1"));
  CHECK(all.ask("0")); // As if nobody had asked.
  CHECK_FALSE(all.ask("1024"));
  CHECK(all.ask("1")); // In whose place that has come.
}

} // namespace klatch
