/// Who is connected.
#pragma once

#include "messages/frame.hpp"
#include "messages/ids.hpp"

#include <memory>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

namespace peer {

class session;

/// Sessions by user. May be used from any thread.
class registry {
public:
  void add(const klatch::user_key& user, std::shared_ptr<session> device);
  void remove(const klatch::user_key& user, const session& device);

  /// Sends to all devices of the user; false if there are none.
  bool send(const klatch::user_key& user, const klatch::frame& text) const;

private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<klatch::user_key, std::vector<std::shared_ptr<session>>> devices_;
};

} // namespace peer
