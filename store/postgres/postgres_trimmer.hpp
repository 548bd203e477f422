/// Forgets old messages: one node at a time, whichever comes.
#pragma once

#include "store/message_store.hpp"
#include "store/postgres/writer_session.hpp"

namespace klatch::store {

class postgres_trimmer {
public:
  explicit postgres_trimmer(writer_session& session) noexcept : session_(session) {}

  /// Forgets the oldest, in one statement. Nothing, and there is nothing more to do, while another
  /// node does it.
  void trim(const expiry& what, upkeep_result& result);
  /// Returns true if more than one in `what.unless_one_in` has expired, judged by the message that
  /// stands there if mids are taken for evenly spread.
  bool many(const expiry& what);

private:
  writer_session& session_;
};

} // namespace klatch::store
