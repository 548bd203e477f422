/// Which web pages may open a WebSocket here (RFC 6455 section 10.2), and by which names the
/// service may be reached.
#pragma once

#include "net/http/origin.hpp"
#include "net/loop/worker.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::net {

/// What a request tells of its origin and its goal.
struct provenance {
  std::optional<std::string_view> origin; ///< the Origin field
  std::optional<authority> host;          ///< nothing: an old client that names none
  bool from_loopback = false;             ///< the peer is this machine
  bool forwarded = false;                 ///< a proxy has passed it on
  bool secure = false;                    ///< it has come by TLS
};

class origin_policy {
public:
  /// `allowed`: origins, or `*` for all. Throws `std::invalid_argument` for anything else.
  explicit origin_policy(const std::vector<std::string>& allowed);

  /// Lets in: clients that send no Origin (not browsers), the service's own pages (`origin` is that
  /// of `host`, and by https if it comes by TLS), those allowed, pages from loopback, and `null` (a
  /// file opened from disk) from loopback. The last two not through a proxy, behind which everybody
  /// comes from loopback: it shows by `forwarded`, or by a host that is not this machine's.
  bool admits(const provenance& asked) const;

  /// Returns true if the page is the service's own or allowed by name, not by `*` nor since it is
  /// of this machine: what it brings with it, such as a cookie, may count.
  bool admits_by_name(const provenance& asked) const;

  /// Returns true if `host` may be the name of a service that was reached on a loopback address:
  /// loopback, or the host of an origin that is allowed. Anything else is a foreign name that has
  /// been made to lead here (DNS rebinding).
  bool admits_on_loopback(const authority& host) const;

private:
  bool is_allowed(const web_origin& origin) const;

  std::vector<web_origin> allowed_;
  bool all_ = false;
};

/// A policy for each worker, so that each can be replaced without a lock.
class origin_policies {
public:
  origin_policies(std::size_t workers, const std::vector<std::string>& allowed)
      : by_worker_(workers, origin_policy{allowed}) {}

  /// That of the worker whose thread this is.
  const origin_policy& here() const { return by_worker_[worker::current()->index()]; }
  void replace_here(const std::vector<std::string>& allowed) {
    by_worker_[worker::current()->index()] = origin_policy{allowed};
  }

private:
  std::vector<origin_policy> by_worker_;
};

} // namespace klatch::net
