/// A client as a test plays it: what it pushes, and what it expects to be pushed.
#pragma once

#include "messages/errors.hpp"
#include "messages/interfaces.hpp"
#include "tests/actors/fake_transport.hpp"

#include <caf/actor_clock.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace klatch::test {

class world;

/// Where a test calls from. clang 14, and with it clang-tidy 14, has no `std::source_location`.
struct place {
  const char* file;
  unsigned line;

  static constexpr place current(const char* file = __builtin_FILE(),
                                 unsigned line = __builtin_LINE()) noexcept {
    return {file, line};
  }
};

/// One device. Each `expect_…` first runs the world until nothing is left to do.
class client {
public:
  /// Use `world::connect`.
  client(world& around, connection_actor connection, std::shared_ptr<fake_transport> transport);

  /// Sends a frame. While the transport is paused it waits, as in a socket.
  void push(std::string text);
  void push_registration(std::string_view id, std::string_view project, std::string_view name = {});
  void push_message(std::string_view to, std::string_view text);
  void push_message(std::string_view to, std::string_view text, std::string_view cid);
  /// Closes, orderly: behind what was pushed before.
  void push_close();

  void expect_push(std::string_view text, const place& at = place::current());
  void expect_acknowledgement(const place& at = place::current());
  void expect_message(std::string_view from, std::string_view text,
                      const place& at = place::current());
  void expect_not_connected(std::string_view to, const place& at = place::current());
  void expect_error(error_code code, const place& at = place::current());
  /// The next frame has these members, given as JSON, and may have others; null: it has none of
  /// that name.
  void expect_members(std::string_view members, const place& at = place::current());
  /// That the user `id` has left.
  void expect_notice(std::string_view text, std::string_view id,
                     const place& at = place::current());
  /// Everything sent before has been read, and the connection is closed with `code`.
  void expect_close(close_code code, const place& at = place::current());
  /// Nothing to read, and still open.
  void expect_nothing(const place& at = place::current());
  /// The oldest frame that was not read; the test fails where there is none.
  std::string next(const place& at = place::current());

  /// The socket is gone, without a word.
  void lose() { transport_->lose(); }
  /// After a close the socket stays until `lose`: a client that takes its time.
  void keep_socket() { keeps_socket_ = true; }
  /// Does not read: after so many frames the transport closes itself with `slow`.
  void stop_reading(std::size_t frames) { transport_->bound(frames); }

  const connection_actor& connection() const { return connection_; }
  fake_transport& transport() { return *transport_; }

  /// What its socket does next by itself, if anything: says whether there was something.
  bool tend();

private:
  bool hand_on();

  world& world_;
  connection_actor connection_;
  std::shared_ptr<fake_transport> transport_;
  caf::actor_clock::time_point registration_due_;
  std::optional<caf::actor_clock::time_point> token_due_;
  std::deque<std::optional<std::string>> pushed_; ///< nothing: a close
  bool keeps_socket_ = false;
  bool told_of_due_ = false;
};

} // namespace klatch::test
