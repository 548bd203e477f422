/// Which nodes share a store: each has a lease there, and only who has one may write.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace klatch::store {

/// What a node says of itself with each renewal.
struct node_state {
  bool hears = false;    ///< its bus is up
  bool draining = false; ///< it takes no new clients

  friend bool operator==(const node_state&, const node_state&) = default;
};

/// A node that has a lease.
struct node_row {
  /// Names one life of a node: every lease has a new one, and each is higher than all before.
  std::uint64_t incarnation = 0;
  std::string name;    ///< host:port, for people; two living nodes never have the same
  unsigned speaks = 0; ///< the highest version of frames that it reads
  node_state state{};

  friend bool operator==(const node_row&, const node_row&) = default;
};

/// The cluster as the store has it.
struct cluster_view {
  std::uint64_t incarnation =
      0;                        ///< of this node now: another one than before if its lease was gone
  std::uint64_t control = 0;    ///< another one, and higher, after each change of `control_state`
  std::string epoch;            ///< as `message_store::epoch`
  std::vector<node_row> living; ///< this node's too, by incarnation
};

/// This node's lease. On one thread; every function blocks for some seconds at most, and may throw
/// `unavailable`.
class membership {
public:
  virtual ~membership() = default;

  /// Takes a lease, or renews it, and removes those of others that have run out. If it was gone, it
  /// takes a new one under a new incarnation. To be called every second.
  virtual cluster_view renew(const node_state& now) = 0;

  /// Gives the lease back: nothing can be written under it any more.
  virtual void leave() = 0;
};

} // namespace klatch::store
