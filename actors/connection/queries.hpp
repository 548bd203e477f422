/// What a client wants to know: the pages of a conversation, the list of conversations.
#pragma once

#include "messages/errors.hpp"
#include "messages/inbox_messages.hpp"
#include "messages/queries.hpp"
#include "messages/wire/commands.hpp"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace klatch::actors {

/// Queries that one client may have under way, while it goes on talking. One more is taken, and
/// then nothing is read from the client until one of them is answered.
inline constexpr std::size_t max_queries_under_way = 8;

/// The queries of a client, answered in order; each answer has its query's `ref`.
///
/// They cost their parameters while they wait: the reader is asked one at a time, and the next one
/// only when the transport has handed all before it to the system. So of the large answers one at
/// most is on its way to a client, however many it asks for, and a client has one place at most in
/// `pending_limit::queries` and among its user's queries.
///
/// A part of the connection, without actors: `core` is what it does things with.
class queries {
public:
  void ask(auto&& core, const query& what, owned_key key) {
    waiting_.push_back({what, std::move(key)});
    if (waiting_.size() == 1)
      ask_reader(core);
    if (waiting_.size() > max_queries_under_way)
      core.pause_reading();
  }

  void on_result(auto&& core, const query_result& found) {
    if (state_ != reader::asked) // given up since
      return;
    core.send(found.text);
    finish(core);
  }

  /// The oldest one cannot be answered.
  void on_failed(auto&& core) {
    if (state_ != reader::asked)
      return;
    core.refuse(error_code::unavailable, {}, waiting_.front().key.view());
    finish(core);
  }

  /// The reader answers nothing any more.
  void give_up(auto&& core) {
    while (!waiting_.empty()) {
      core.refuse(error_code::unavailable, {}, waiting_.front().key.view());
      pop(core);
    }
    state_ = reader::free;
  }

  /// All that was sent has been handed to the system.
  void on_drained(auto&& core) {
    if (state_ == reader::when_drained)
      ask_reader(core);
  }

  bool unused() const noexcept { return waiting_.empty(); }

private:
  /// A query that is not answered yet.
  struct waiting_query {
    query what;
    owned_key key;
  };

  enum class reader : std::uint8_t {
    free,        ///< is not asked
    asked,       ///< the oldest query
    when_drained ///< is asked the oldest query once all is drained
  };

  void ask_reader(auto&& core) {
    state_ = reader::asked;
    const auto& [what, key] = waiting_.front();
    core.run_query(what, key.ref);
  }

  void pop(auto&& core) {
    waiting_.erase(waiting_.begin());
    if (waiting_.size() == max_queries_under_way)
      core.resume_reading();
  }

  void finish(auto&& core) {
    assert(state_ == reader::asked && !waiting_.empty());
    state_ = reader::free;
    pop(core);
    if (waiting_.empty() || !core.takes_frames())
      return;
    if (core.drained())
      return ask_reader(core);
    state_ = reader::when_drained;
    core.call_when_drained();
  }

  std::vector<waiting_query> waiting_; ///< the oldest first
  reader state_ = reader::free;
};

} // namespace klatch::actors
