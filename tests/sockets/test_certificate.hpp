/// Certificates that a test makes for itself: there is no key in any file of ours.
#pragma once

#include "net/tls/tls_settings.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace klatch::sockets {

/// A chain of one, signed by itself, and its key; both in PEM.
struct test_certificate {
  std::string chain;
  std::string key;
};

/// For the DNS name `host`; ends `ends_in` from now.
test_certificate make_certificate(const std::string& host = "localhost",
                                  std::chrono::hours ends_in = std::chrono::hours{24 * 90});

/// A folder for certificates, which goes with this.
class certificate_folder {
public:
  certificate_folder();
  certificate_folder(const certificate_folder&) = delete;
  certificate_folder& operator=(const certificate_folder&) = delete;
  ~certificate_folder();

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Writes a file as a whole; keys are for their owner only.
  void write(const std::string& name, const std::string& text) const;
  /// Writes `NAME.pem` and `NAME.key`.
  net::certificate_files put(const std::string& name, const test_certificate& pair) const;
  net::certificate_files files(const std::string& name) const;

private:
  std::filesystem::path path_;
};

} // namespace klatch::sockets
