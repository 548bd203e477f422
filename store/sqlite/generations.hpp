/// Which starts a log has had, and so which cursors of clients belong to it.
#pragma once

#include "store/sqlite/database.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::store {

/// Each start is a generation: it has a random tag, and begins where the log ended then. A folder
/// that has been put back by copy goes on with a generation of its own, and so knows neither those
/// that came after the copy, nor of the one that the copy was made in what came after it.
class generations {
public:
  /// How many are remembered; a cursor of an older one counts no more.
  static constexpr std::size_t most = 1000;

  /// Reads those of a log, and adds one that begins after the message `last`, without writing it.
  generations(database& source, std::uint64_t last);

  /// The name of the log and of its newest generation: what clients see.
  const std::string& epoch() const noexcept { return epoch_; }

  /// Up to which message the log has what it had in the generation that clients know by `epoch`:
  /// `INT64_MAX` for the newest one; nothing for one that is not the log's.
  std::optional<std::uint64_t> known_up_to(std::string_view epoch) const;

  /// Writes the newest one, and forgets those beyond `most`; within a transaction.
  void save(database& target) const;

private:
  struct generation {
    std::string tag; ///< empty: all before there were generations
    std::uint64_t began;
  };

  std::string log_;
  std::string epoch_;
  std::vector<generation> all_; ///< the oldest first
};

} // namespace klatch::store
