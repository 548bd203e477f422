/// Where messages are kept, and what nodes tell each other by.
#pragma once

#include <cstdint>
#include <string>

namespace klatch::app {

/// `sqlite`: messages are kept in a file; `postgres`: in a database, which several nodes may share;
/// `none`: not at all, and reach only who is connected.
enum class store_kind : std::uint8_t { sqlite, postgres, none };

/// Where messages are kept.
struct store_place {
  store_kind kind = store_kind::sqlite;
  std::string url{}; ///< of PostgreSQL, as libpq takes it

  friend bool operator==(const store_place&, const store_place&) = default;
};

/// What the nodes of a cluster tell each other by.
enum class bus_kind : std::uint8_t { postgres, nats, none };

struct bus_place {
  bus_kind kind = bus_kind::postgres;
  std::string url{}; ///< of NATS

  friend bool operator==(const bus_place&, const bus_place&) = default;
};

} // namespace klatch::app
