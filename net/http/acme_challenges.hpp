/// What an ACME client has put where its authority looks (RFC 8555 section 8.3).
#pragma once

#include "net/stream/http_types.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace klatch::net {

/// Answers `/.well-known/acme-challenge/TOKEN` with the file of that name in the folder of that
/// name in a client's webroot. TOKEN is 1 to 128 of `[A-Za-z0-9_-]`; the file is at most 1 KiB and
/// no link. Thread-safe.
class acme_challenges {
public:
  explicit acme_challenges(const std::filesystem::path& webroot);

  /// Returns nothing if `request`, whose target's path is `path`, asks for something else.
  std::optional<http_response> answer(const http_request& request, std::string_view path) const;

private:
  /// Returns nothing if there is no such file.
  std::optional<std::string> find(std::string_view token) const;

  std::string folder_; ///< ends with a slash
};

} // namespace klatch::net
