/// What TLS is set up with.
#pragma once

#include <filesystem>
#include <vector>

namespace klatch::net {

/// Both in PEM.
struct certificate_files {
  std::filesystem::path chain; ///< the server's certificate first
  std::filesystem::path key;

  friend bool operator==(const certificate_files&, const certificate_files&) = default;
};

struct tls_settings {
  /// Chosen by the name that a client asks for, the first if none fits.
  std::vector<certificate_files> certificates{};
  bool only_1_3 = false;       ///< TLS 1.2 is refused
  bool may_be_missing = false; ///< the files are yet to be made: an ACME client does so
};

} // namespace klatch::net
