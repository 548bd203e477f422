/// What the nodes of a cluster have in common of who may come in: it is in the store they share.
#pragma once

#include "app/config.hpp"
#include "messages/auth/access_rules.hpp"
#include "store/control.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace klatch::store {
class postgres_control;
struct postgres_options;
} // namespace klatch::store

namespace klatch::app {

/// Revoked users and the key of guests, as they were when they were last read: who cannot reach the
/// database goes on with those. On any thread.
class shared_access {
public:
  /// Is called on the thread that has found that something is another than before.
  using change_handler = std::function<void()>;

  /// Reads them. Throws `store::cannot_open` if the database cannot be asked or has no store.
  explicit shared_access(const store::postgres_options& database);

  /// From now on `on_change` is called. Not while `follow` may be.
  void on_change(change_handler handler) { on_change_ = std::move(handler); }

  /// Reads them again unless they are of that number; see `actors::control_handler`. Throws
  /// `store::unavailable`.
  void follow(std::uint64_t number);

  /// Adds them to `rules`, unless these ask nobody for a token: the revoked users, and, where
  /// guests are let in, their key.
  access_rules_ptr add_to(const access_rules_ptr& rules) const;

  /// Returns the key of guests. If there is none in the database it is that of the file in
  /// `folder`, or else a new one, unless another node is first. Throws `config_error`.
  token_key guest_key(const std::filesystem::path& folder);

private:
  struct known {
    store::control_state state;
    std::optional<token_key> guests;
  };

  std::shared_ptr<const known> now() const;
  void read();

  std::mutex asking_; ///< guards the connection
  /// Shared with nobody; as such it needs no class in a build without PostgreSQL.
  std::shared_ptr<store::postgres_control> database_;
  mutable std::mutex mutex_; ///< guards what follows
  std::shared_ptr<const known> known_;
  change_handler on_change_;
};

/// Returns null where nodes share nothing: the store is none of PostgreSQL's. Throws as
/// `shared_access` does.
std::unique_ptr<shared_access> open_shared_access(const config& options);

} // namespace klatch::app
