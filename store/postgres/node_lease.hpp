/// The lease under which the lanes of this node write.
#pragma once

#include "store/membership.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/postgres/postgres_options.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace klatch::store {

/// The node has given its lease back, and writes no more.
class node_has_left : public unavailable {
public:
  node_has_left() : unavailable("this node has left the cluster") {}
};

/// On any thread: who comes while another one waits for the database waits too. Every function but
/// `current` and `introduce` may throw `unavailable`.
class node_lease {
public:
  explicit node_lease(const postgres_options& options);

  /// The incarnation; 0: there is no lease.
  std::uint64_t current() const noexcept { return incarnation_; }

  /// A lease other than `gone`, which the database does not know any more; 0: the first one. Throws
  /// `node_has_left` once it has.
  std::uint64_t replace(std::uint64_t gone);

  /// What the lease says of the node from now on. The first lease ends that of another node of the
  /// name, which is taken for an earlier life of this one; no later lease ends one that is younger.
  void introduce(std::string name, unsigned speaks);
  /// As `membership::renew` and `membership::leave`.
  cluster_view renew(const node_state& now);
  void leave();

private:
  void join();
  cluster_view look();

  std::mutex mutex_; ///< guards all that follows, but for what is atomic
  postgres_connection server_;
  std::string name_;
  unsigned speaks_ = 0;
  node_state state_{};
  bool left_ = false;
  std::uint64_t newest_ = 0; ///< the last incarnation that it has had
  std::atomic<std::uint64_t> incarnation_{0};
};

} // namespace klatch::store
