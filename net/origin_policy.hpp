/// Which web pages may open a WebSocket here (RFC 6455 section 10.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::net {

class origin_policy {
public:
  /// `allowed`: origins as browsers send them (`https://example.org`), or `*` for all.
  explicit origin_policy(std::vector<std::string> allowed);

  /// Lets in: clients that send no Origin (not browsers), the service's own pages (`origin` names
  /// `host`, the request's Host field), pages from loopback, those allowed, and `null` (a file
  /// opened from disk) from loopback.
  bool admits(std::optional<std::string_view> origin, std::string_view host,
              bool from_loopback) const;

private:
  std::vector<std::string> allowed_;
  bool all_ = false;
};

} // namespace klatch::net
