// Which sockets may be read or written again: without threads.
#include "net/loop/poller.hpp"
#include "tests/catch.hpp"
#include "tests/net/socket_pair.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace klatch::test {

namespace {

class watcher final : public net::pollable {
public:
  void on_events(std::uint32_t events) override {
    ++calls;
    seen |= events;
    if (then)
      then();
  }

  int calls = 0;
  std::uint32_t seen = 0;
  std::function<void()> then;
};

/// A connection whose near end is watched.
struct watched {
  explicit watched(net::poller& by) {
    std::error_code error;
    place = by.add(ends.near.get(), seen, error);
    REQUIRE_FALSE(error);
  }

  socket_pair ends;
  std::shared_ptr<watcher> seen = std::make_shared<watcher>();
  net::poller::slot place = 0;
};

/// Turns until no handler is called any more.
void settle(net::poller& sockets) {
  while (sockets.turn() > 0) {
  }
}

} // namespace

TEST_CASE("the poller dispatches an event once", "[poller]") {
  net::poller sockets;
  watched one{sockets};
  CHECK(sockets.turn() == 0);
  say(one.ends.far, "a");
  CHECK(sockets.turn() == 1);
  CHECK((one.seen->seen & EPOLLIN) != 0);
  CHECK(sockets.turn() == 0);
  say(one.ends.far, "b"); // though "a" has not been read
  CHECK(sockets.turn() == 1);
  CHECK(one.seen->calls == 2);
}

TEST_CASE("the end of the input is dispatched", "[poller]") {
  net::poller sockets;
  watched one{sockets};
  one.ends.far.reset();
  CHECK(sockets.turn() == 1);
  CHECK((one.seen->seen & EPOLLRDHUP) != 0);
}

TEST_CASE("that a socket may be written is dispatched if that was asked for", "[poller]") {
  net::poller sockets;
  watched one{sockets};
  CHECK(sockets.turn() == 0);
  sockets.watch_writing(one.place, one.ends.near.get());
  CHECK(sockets.turn() == 1);
  CHECK((one.seen->seen & EPOLLOUT) != 0);
}

TEST_CASE("the poller dispatches a repeat in the next turn", "[poller]") {
  net::poller sockets;
  watched one{sockets};
  one.seen->then = [&] {
    if (one.seen->calls < 3)
      sockets.repeat(one.place);
  };
  say(one.ends.far, "a");
  CHECK(sockets.turn() == 1);
  CHECK(sockets.turn() == 1);
  CHECK(sockets.turn() == 1);
  CHECK(sockets.turn() == 0);
}

TEST_CASE("a target that is removed is called no more, not even in the same turn", "[poller]") {
  net::poller sockets;
  watched one{sockets};
  watched other{sockets};
  const auto remove_the_rest = [&] {
    auto& rest = one.seen->calls > 0 ? other : one;
    sockets.remove(rest.place);
    rest.ends.near.reset();
  };
  one.seen->then = other.seen->then = remove_the_rest;
  say(one.ends.far, "a");
  say(other.ends.far, "b");
  settle(sockets);
  CHECK(one.seen->calls + other.seen->calls == 1);
}

TEST_CASE("a poller's removed target is kept until its turn is over, and no longer", "[poller]") {
  net::poller sockets;
  watched one{sockets};
  const std::weak_ptr<watcher> life = one.seen;
  bool alive_after_removal = false;
  one.seen->then = [&] {
    sockets.remove(one.place);
    alive_after_removal = !life.expired();
  };
  one.seen.reset();
  say(one.ends.far, "a");
  settle(sockets);
  CHECK(alive_after_removal);
  CHECK(life.expired());
}

TEST_CASE("another target can take over a socket in the poller", "[poller]") {
  net::poller sockets;
  watched one{sockets};
  const auto next = std::make_shared<watcher>();
  sockets.replace(one.place, next);
  say(one.ends.far, "a");
  settle(sockets);
  CHECK(one.seen->calls == 0);
  CHECK(next->calls == 1);
}

TEST_CASE("a socket that cannot be watched leaves everything as it was", "[poller]") {
  net::poller sockets;
  std::error_code error;
  sockets.add(-1, std::make_shared<watcher>(), error);
  CHECK(error == std::errc::bad_file_descriptor);
  watched one{sockets};
  say(one.ends.far, "a");
  CHECK(sockets.turn() == 1);
}

TEST_CASE("a handler that throws costs nobody else their turn", "[poller]") {
  net::poller sockets;
  std::vector<std::unique_ptr<watched>> all;
  for (int i = 0; i < 5; ++i) {
    all.push_back(std::make_unique<watched>(sockets));
    all.back()->seen->then = [] { throw std::runtime_error{"no"}; };
    say(all.back()->ends.far, "a");
    sockets.repeat(all.back()->place);
  }
  int thrown = 0;
  for (bool more = true; more;) {
    try {
      more = sockets.turn() > 0;
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  }
  CHECK(thrown == 10);
  for (const auto& each : all)
    CHECK(each->seen->calls == 2);
}

TEST_CASE("a turn ends when much has been read, and the next goes on with the others", "[poller]") {
  net::poller sockets;
  std::vector<std::unique_ptr<watched>> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(std::make_unique<watched>(sockets));
    all.back()->seen->then = [&] { sockets.count_input(64UL * 1024); };
    say(all.back()->ends.far, "a");
  }
  const auto again = std::make_unique<watched>(sockets);
  int calls = 0;
  for (int turn = 1; turn <= 5; ++turn) {
    sockets.repeat(again->place);
    CHECK(sockets.turn() <= 5); // 256 KiB are four, and the one that repeats
    calls = 0;
    for (const auto& each : all)
      calls += each->seen->calls;
    CHECK(calls == 4 * turn);
    CHECK(again->seen->calls == turn); // neither waits for all of the other kind
    CHECK(sockets.unfinished() == (turn < 5));
  }
  CHECK(calls == 20);
}

TEST_CASE("events that do not fit into one turn are dispatched in the next", "[poller]") {
  net::poller sockets;
  std::vector<std::unique_ptr<watched>> all;
  for (int i = 0; i < 300; ++i) {
    all.push_back(std::make_unique<watched>(sockets));
    say(all.back()->ends.far, "a");
  }
  CHECK(sockets.turn() == 128);
  settle(sockets);
  for (const auto& each : all)
    CHECK(each->seen->calls == 1);
}

} // namespace klatch::test
