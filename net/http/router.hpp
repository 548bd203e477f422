/// Which request is answered by whom.
#pragma once

#include "net/http/incoming.hpp"
#include "net/http/reply.hpp"
#include "net/stream/http_types.hpp"
#include "net/stream/upgraded.hpp"

#include <boost/beast/http/verb.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace klatch::net {

/// Who may ask.
enum class auth_policy : std::uint8_t { none };

/// One kind of request.
struct route {
  /// Answers by its second argument, at once or within `timing::request` of the request. Called on
  /// any worker, also on several at a time.
  using handler = std::function<void(const incoming&, const reply&)>;

  boost::beast::http::verb method; ///< a row for GET answers HEAD too
  std::string path;                ///< as a whole; with a `*` at its end, all that begin so
  auth_policy auth = auth_policy::none;
  handler handle;
  std::size_t body_limit = 0; ///< bytes; 0: none may come
};

/// How a connection stops being HTTP: the one row that answers no request but takes its connection.
struct upgrade_route {
  /// Returns true if a request asks for it, rightly or not.
  bool (*asks)(const http_request& request);
  /// Returns the answer to one that asks against the rules; nothing if it keeps them.
  std::optional<http_response> (*refuse)(const http_request& request);
  /// Returns the answer to one that has asked until a proxy took that out of it; nothing for
  /// others.
  std::optional<http_response> (*refuse_stripped)(const http_request& request);
  void (*take_over)(upgraded connection);
};

/// The table of all requests that are answered. Safe to use from all workers.
class router {
public:
  /// Of several rows that match the first counts.
  router(std::vector<route> rows, upgrade_route upgrade)
      : rows_(std::move(rows)), upgrade_(upgrade) {}

  const upgrade_route& upgrade() const noexcept { return upgrade_; }

  /// What a request says of its body.
  struct body_size {
    bool none = true;
    std::uint64_t known = 0; ///< bytes, if its length is given
  };

  /// Returns the row for `request`, or the answer if there is none or the row takes no such body.
  std::variant<const route*, http_response> match(const http_request& request,
                                                  std::string_view path, body_size body) const;

private:
  std::vector<std::string_view> methods_at(std::string_view path) const;

  std::vector<route> rows_;
  upgrade_route upgrade_;
};

/// The answer to a request whose body is over its row's limit. The connection closes.
http_response body_too_large(const http_request& request);

} // namespace klatch::net
