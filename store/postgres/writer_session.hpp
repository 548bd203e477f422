/// A lane's connection, and what it knows of the database behind it.
#pragma once

#include "store/postgres/postgres_connection.hpp"
#include "store/postgres/postgres_names.hpp"
#include "store/postgres/postgres_node.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace klatch::store {

/// One thread at a time.
class writer_session {
public:
  explicit writer_session(postgres_node& node);

  /// Connects if there is no connection. A new one may be to another server, so all names are
  /// forgotten, and it is seen to that the messages acknowledged last are there: if not, the store
  /// gets a new epoch. Throws `unavailable`, or `connection_lost` with nothing done.
  void enter();

  /// That message was stored: it is to be there after a reconnect.
  void acknowledged(row_id conversation, std::uint64_t n, std::uint64_t mid) noexcept;

  /// When `look` is to be called next; nothing: there is nothing that could be lost.
  std::optional<std::chrono::milliseconds> look_again_in() const noexcept;
  /// Connects anew if the connection is lost, as `enter` does: what is lost with a server is found
  /// though nothing is written. Waits for nothing where it is not.
  void look();

  postgres_node& node() noexcept { return node_; }
  postgres_connection& server() noexcept { return server_; }
  postgres_names& names() noexcept { return names_; }

private:
  struct stored_row {
    row_id conversation = 0;
    std::uint64_t n = 0;
    std::uint64_t mid = 0;
  };

  void check_acknowledged();
  void begin_epoch(std::size_t lost, std::size_t of);

  postgres_node& node_;
  postgres_connection server_;
  postgres_names names_;
  std::string epoch_; ///< when the last of them was acknowledged, or later
  std::uint64_t session_ = 0;
  static constexpr std::size_t remembered = 64;
  std::array<stored_row, remembered> last_{}; ///< a ring
  std::size_t next_ = 0;
};

} // namespace klatch::store
