/// What operators say to the nodes of a cluster, in the PostgreSQL database that these share.
#pragma once

#include "store/control.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/postgres/postgres_options.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace klatch::store {

/// Whatever changes here raises `cluster_view::control` in the same transaction, so that no node
/// can miss it. One thread at a time. Every function but `server` connects if that is needed,
/// blocks for some seconds at most, and throws `unavailable` if the database cannot be asked or has
/// no store. A change whose outcome is unknown (`uncertain`) may be asked for again.
class postgres_control {
public:
  /// Throws `cannot_open` if the URL is none.
  explicit postgres_control(const postgres_options& options);

  control_state read();

  /// What `user` was given before now, by the database's clock, does not count. Returns the end of
  /// the second, in seconds since 1970 UTC, as of which it does. Throws `too_many_revocations`.
  std::int64_t revoke(const user_key& user);

  /// Makes `offered` the guests' secret if there is none; whoever is first is heard.
  void offer_guest_secret(std::string_view offered);
  /// Makes `next` the guests' secret.
  void replace_guest_secret(std::string_view next);

  /// Gives the connection up. The next call makes another one.
  void close() noexcept { server_.close(); }
  /// The hosts and the database, without what is secret.
  const std::string& server() const noexcept { return server_.server(); }

private:
  result_rows run(const postgres_statement& what, const statement_params& with = {});

  postgres_connection server_;
};

} // namespace klatch::store
