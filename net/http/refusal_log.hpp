/// Tells the operator of pages that are refused, and what to do.
#pragma once

#include "net/http/log_limit.hpp"
#include "net/http/origin_policy.hpp"

#include <string>
#include <string_view>

namespace klatch::net {

/// Why a page of `asked.origin` may not connect, with the two ways to mend it.
std::string why_origin_refused(const provenance& asked);

/// Why a service on loopback does not answer to `host`, with the way to mend it.
std::string why_host_refused(const authority& host);

/// Why a service that asks nobody for a token does not answer to `host`; null: to what a proxy
/// passes on.
std::string why_open_mode_refused(const authority* host);

/// Logs one refusal of each kind a period, of all clients together. Thread-safe.
class refusal_log {
public:
  explicit refusal_log(log_limit::clock::duration period) noexcept
      : origins_(period), hosts_(period), open_mode_(period), headers_(period) {}

  /// `peer`: who has asked, for the log.
  void origin_refused(const provenance& asked, const std::string& peer);
  void host_refused(const authority& host, const std::string& peer);
  void open_mode_refused(const std::string& why, const std::string& peer);
  /// A header of a proxy that is not trusted was not read.
  void header_ignored(const std::string& header, const std::string& peer);

private:
  log_limit origins_;
  log_limit hosts_;
  log_limit open_mode_;
  log_limit headers_;
};

} // namespace klatch::net
