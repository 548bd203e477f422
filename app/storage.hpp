/// What messages are kept in, opened as the settings have it.
#pragma once

#include "actors/chat.hpp"
#include "app/config.hpp"
#include "store/message_store.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace klatch::app {

/// One store, several writers of one, or none.
struct storage {
  storage() = default;
  /// Null: messages are not stored.
  storage(std::unique_ptr<store::message_store> only) { // NOLINT(google-explicit-constructor)
    if (only != nullptr)
      lanes.push_back(std::move(only));
  }

  std::vector<std::unique_ptr<store::message_store>> lanes;
  std::size_t readers = 1; ///< of inboxes
  /// What joins this node to those that share the store, or have none either; nothing: it is alone.
  std::optional<actors::cluster_access> cluster;
};

/// Throws `store::cannot_open`, or `config_error` for a bus that can never be one.
storage open_storage(const config& options);

/// The name of this node: as the settings have it, or the host's and the first port.
std::string node_name(const config& options);

} // namespace klatch::app
