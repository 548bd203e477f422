// A client's socket: what is read when, and what becomes of what the client does not take.
#include "net/stream/client_socket.hpp"
#include "tests/net/pool.hpp"
#include "tests/net/socket_pair.hpp"

#include <boost/asio/post.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace klatch::test {

namespace {

/// Keeps what the client says; reads as much at once as it is told to.
class recorder final : public net::socket_owner, public std::enable_shared_from_this<recorder> {
public:
  recorder(net::worker& home, net::descriptor near, std::size_t bound = 1'000'000)
      : socket(*this, std::move(near), home, bound) {}

  void start() { REQUIRE_FALSE(socket.open(shared_from_this())); }
  void resume() {
    paused = false;
    if (socket.readable())
      socket.read_later();
  }
  void finish() {
    if (!std::exchange(finished, true))
      socket.shut();
  }

  net::client_socket socket;
  std::string text;
  std::size_t at_once = 1024;
  bool ended = false;
  bool paused = false;
  bool broken = false;
  bool finished = false;
  int failures = 0; ///< that are yet to come
  int idle_calls = 0;

private:
  void on_readable() override {
    if (failures > 0) {
      --failures;
      socket.read_later();
      throw std::runtime_error{"the handler's own fault"};
    }
    if (paused)
      return;
    std::string piece(at_once, '\0');
    const auto found = socket.read(piece);
    text.append(piece, 0, found.bytes);
    ended = found.ended;
    if (socket.readable() && !ended)
      socket.read_later();
  }
  void on_idle() override { ++idle_calls; }
  void on_write_error() override { broken = true; }
};

/// One client of one worker. The tests talk to the worker's thread and wait until it has nothing to
/// do: an event that is there when they ask has been told by then.
class scene {
public:
  explicit scene(std::size_t bound = 1'000'000) {
    server = std::make_shared<recorder>(on.at(0), std::move(ends.near), bound);
    on.run_on(0, [this] { server->start(); });
  }
  ~scene() {
    on.run_on(0, [this] { server->finish(); });
  }
  scene(const scene&) = delete;
  scene& operator=(const scene&) = delete;

  template<class Condition>
  bool comes(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!on.run_on(0, condition))
      if (std::chrono::steady_clock::now() > until)
        return false;
    return true;
  }

  pool on{1};
  socket_pair ends;
  std::shared_ptr<recorder> server;
};

} // namespace

TEST_CASE("what does not fit into one read is read in the next", "[client_socket]") {
  scene with;
  with.on.run_on(0, [&] { with.server->at_once = 7; });
  const std::string text(1000, 'x');
  say(with.ends.far, text);
  CHECK(with.comes([&] { return with.server->text == text; }));
}

TEST_CASE("what comes during a pause is read after it", "[client_socket]") {
  scene with;
  with.on.run_on(0, [&] { with.server->paused = true; });
  say(with.ends.far, "a");
  for (int i = 0; i < 100; ++i)
    with.on.run_on(0, [] {});
  CHECK(with.on.run_on(0, [&] { return with.server->text.empty(); }));
  with.on.run_on(0, [&] { with.server->resume(); });
  CHECK(with.comes([&] { return with.server->text == "a"; }));
}

TEST_CASE("the end is seen behind what was said last", "[client_socket]") {
  scene with;
  say(with.ends.far, "last words");
  with.ends.far.reset();
  CHECK(with.comes([&] { return with.server->ended; }));
  CHECK(with.server->text == "last words");
}

TEST_CASE("a handler that throws loses nothing that has come", "[client_socket]") {
  scene with;
  with.on.run_on(0, [&] { with.server->failures = 3; });
  say(with.ends.far, "a");
  CHECK(with.comes([&] { return with.server->text == "a"; }));
}

TEST_CASE("what a client does not take waits, up to the bound, and goes on in order",
          "[client_socket]") {
  constexpr std::size_t bound = 4'000'000;
  scene with{bound};
  std::string said;
  with.on.run_on(0, [&] {
    for (std::size_t i = 0; said.size() < bound / 2; ++i) {
      const std::string piece(10'000, static_cast<char>('a' + i % 26));
      REQUIRE(with.server->socket.append(piece));
      said += piece;
    }
  });
  CHECK(with.on.run_on(0, [&] { return !with.server->socket.idle(); }));
  CHECK_FALSE(
      with.on.run_on(0, [&] { return with.server->socket.append(std::string(bound, 'x')); }));
  std::string got;
  CHECK(with.comes([&] {
    got += heard(with.ends.far);
    return got.size() >= said.size();
  }));
  CHECK(got == said);
  CHECK(with.comes([&] { return with.server->socket.idle() && with.server->idle_calls == 1; }));
}

TEST_CASE("what is dropped is all but the unit that has begun to go out", "[client_socket]") {
  static constexpr std::size_t unit = 10'000;
  scene with{8'000'000};
  const auto held = with.on.run_on(0, [&] {
    for (int i = 0; i < 400; ++i)
      REQUIRE(with.server->socket.append(std::string(unit, static_cast<char>('a' + i % 26))));
    with.server->socket.flush();
    for (int i = 0; i < 100; ++i)
      REQUIRE(with.server->socket.append(std::string(unit, '-')));
    CHECK(with.on.at(0).buffers().held() >= 3'000'000);
    SECTION("of a known length") {
      with.server->socket.drop_unsent([](std::string_view) noexcept { return unit; });
      CHECK(with.on.at(0).buffers().held() <= 2 * unit);
    }
    SECTION("of an unknown length: only what is not being written") {
      with.server->socket.drop_unsent([](std::string_view) noexcept { return std::size_t{0}; });
      CHECK(with.on.at(0).buffers().held() >= 3'000'000);
    }
    with.server->socket.append_last("end");
    return with.server->socket.output_bytes();
  });
  CHECK(held == with.on.run_on(0, [&] { return with.on.at(0).buffers().held(); }));
  std::string got;
  CHECK(with.comes([&] {
    got += heard(with.ends.far);
    return got.ends_with("end");
  }));
  CHECK((got.size() - 3) % unit == 0);
  CHECK(got.find('-') == std::string::npos);
  CHECK(with.comes([&] { return with.server->socket.idle(); }));
  CHECK(with.on.run_on(0, [&] { return with.on.at(0).buffers().held(); }) == 0);
}

TEST_CASE("what a closed socket had to write is counted no more", "[client_socket]") {
  scene with{8'000'000};
  with.on.run_on(0, [&] {
    for (int i = 0; i < 400; ++i)
      REQUIRE(with.server->socket.append(std::string(10'000, 'x')));
    with.server->socket.flush();
    CHECK(with.on.at(0).buffers().held() > 0);
    with.server->finish();
    CHECK(with.on.at(0).buffers().held() == 0);
  });
}

TEST_CASE("what is flushed before the close arrives before the end", "[client_socket]") {
  scene with;
  with.on.run_on(0, [&] {
    with.server->socket.append_last("good bye");
    with.server->socket.flush_before_close();
  });
  CHECK(heard(with.ends.far) == "good bye");
  CHECK_FALSE(is_over(with.ends.far));
}

TEST_CASE("a client that has gone breaks what is written to it", "[client_socket]") {
  scene with;
  with.ends.far.reset();
  with.on.run_on(0, [&] { REQUIRE(with.server->socket.append("anybody there?")); });
  CHECK(with.comes([&] { return with.server->broken; }));
}

} // namespace klatch::test
