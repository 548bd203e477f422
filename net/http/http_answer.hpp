/// The answer to an HTTP request.
#pragma once

#include "net/http/assets.hpp"
#include "net/stream/http_types.hpp"

#include <optional>
#include <utility>

namespace klatch::net {

/// A response, and the file that is its body. Move-only.
struct http_answer {
  http_answer(http_response response) : head(std::move(response)) {} // NOLINT(*-explicit-*)
  http_answer(http_response response, asset body)
      : head(std::move(response)), file(std::move(body)) {}

  http_response head; ///< whole if there is no file
  std::optional<asset> file;
};

} // namespace klatch::net
