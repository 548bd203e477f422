#include "app/background_writer.hpp"
#include "tests/catch.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace klatch::app {

namespace {

/// A pipe that holds 4096 bytes.
class small_pipe {
public:
  small_pipe() {
    ::signal(SIGPIPE, SIG_IGN); // as the service has it
    REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0);
    REQUIRE(::fcntl(ends_[1], F_SETPIPE_SZ, 4096) >= 4096);
  }
  small_pipe(const small_pipe&) = delete;
  small_pipe& operator=(const small_pipe&) = delete;
  ~small_pipe() {
    close_read_end();
    ::close(ends_[1]);
  }

  int write_end() const noexcept { return ends_[1]; }
  void close_read_end() noexcept {
    if (ends_[0] >= 0)
      ::close(std::exchange(ends_[0], -1));
  }
  /// All that comes until a line that begins with `last` has.
  std::string read_through(const std::string& last) {
    std::string text;
    std::array<char, 4096> part{};
    for (;;) {
      const auto found = text.find('\n' + last);
      if ((found != std::string::npos || text.starts_with(last)) && text.ends_with('\n'))
        return text;
      pollfd ready{ends_[0], POLLIN, 0};
      REQUIRE(::poll(&ready, 1, 30'000) == 1);
      const auto got = ::read(ends_[0], part.data(), part.size());
      REQUIRE(got > 0);
      text.append(part.data(), static_cast<std::size_t>(got));
    }
  }

private:
  std::array<int, 2> ends_{};
};

std::string line(int number) { return std::to_string(number) + std::string(90, 'x') + '\n'; }

std::string describe(std::uint64_t lines) { return "lost " + std::to_string(lines) + '\n'; }

} // namespace

TEST_CASE("a background writer writes lines in their order, all of them before the end") {
  small_pipe pipe;
  std::string expected;
  {
    background_writer out{pipe.write_end(), describe};
    for (int number = 0; number < 30; ++number) {
      out.write(line(number));
      expected += line(number);
    }
  }
  CHECK(pipe.read_through("29x") == expected);
}

TEST_CASE(
    "a background writer that nobody reads drops lines, and their count stands in their place") {
  small_pipe pipe;
  background_writer out{pipe.write_end(), describe};
  constexpr int count = 10'000;
  for (int number = 0; number < count; ++number)
    out.write(line(number));
  // Each gap has its count in its place: added up, nothing is missing.
  int next = 0;
  int lost = 0;
  while (next < count) {
    const auto text = pipe.read_through(""); // whole lines, whichever come
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      if (text.compare(at, 5, "lost ") == 0) {
        const auto gap = std::stoi(text.substr(at + 5));
        next += gap;
        lost += gap;
      } else {
        REQUIRE(text.compare(at, line(next).size(), line(next)) == 0);
        ++next;
      }
    }
  }
  CHECK(next == count);
  CHECK(lost > count / 4); // it is a bound
  out.write("after\n");
  CHECK(pipe.read_through("after") == "after\n");
}

TEST_CASE("a line that would never have room is dropped, and those behind it are not") {
  small_pipe pipe;
  background_writer out{pipe.write_end(), describe};
  out.write(std::string(background_writer::max_waiting, 'x') + '\n');
  CHECK(pipe.read_through("lost ") == describe(1));
  out.write("after\n");
  CHECK(pipe.read_through("after") == "after\n");
}

TEST_CASE("a background writer that nobody will ever read ends all the same") {
  static small_pipe pipe; // which the writer is left with
  std::optional<background_writer> out{std::in_place, pipe.write_end(), describe};
  for (int number = 0; number < 10'000; ++number)
    out->write(line(number));
  const auto begin = std::chrono::steady_clock::now();
  out.reset();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{20});
}

TEST_CASE("a background writer goes on when its reader has gone") {
  small_pipe pipe;
  pipe.close_read_end();
  background_writer out{pipe.write_end(), describe};
  for (int number = 0; number < 10'000; ++number)
    out.write(line(number));
}

} // namespace klatch::app
