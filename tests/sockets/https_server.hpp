/// An https server that a test owns: what an identity provider would be.
#pragma once

#include "tests/sockets/test_certificate.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace klatch::sockets {

/// An answer of HTTP with a body; `more`: further header fields, each with its line end.
std::string http_answer(std::string_view body, std::string_view status = "200 OK",
                        std::string_view more = {});

/// Answers each request on 127.0.0.1 with the same bytes, one connection after the other.
class https_server {
public:
  explicit https_server(const test_certificate& pair = make_certificate());
  https_server(const https_server&) = delete;
  https_server& operator=(const https_server&) = delete;
  ~https_server();

  /// `host`: what it is called.
  std::string address(std::string_view host = "localhost") const;
  /// The file whose certificate says who it is.
  std::string authority() const { return folder_.path() / "provider.pem"; }

  /// From now on it answers so, a byte every `pause` if there is one.
  void answer(std::string bytes, std::chrono::milliseconds pause = {});
  /// From now on it closes every connection at once.
  void hang_up();

  std::size_t requests() const;
  /// There were so many requests, and the last one is answered. Fails the test where they do not
  /// come in time.
  void wait_for_requests(std::size_t count);

private:
  void run();
  void serve(int socket);

  certificate_folder folder_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_; ///< of all below
  std::condition_variable changed_;
  std::string answer_;
  std::chrono::milliseconds pause_{};
  bool hangs_up_ = false;
  std::size_t requests_ = 0;
  std::thread thread_;
};

} // namespace klatch::sockets
