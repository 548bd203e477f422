/// Records of TLS 1.3 that a test makes itself: such as no library sends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace klatch::sockets {

/// Seals records as a client does that has agreed on TLS_AES_128_GCM_SHA256 (RFC 8446 sections 5.2
/// and 7.1). Each is of the next number.
class record_maker {
public:
  static constexpr std::uint8_t handshake = 22;
  static constexpr std::uint8_t text = 23;

  /// `secret`: client_application_traffic_secret_0, of which nothing has been sealed yet.
  explicit record_maker(std::string secret) : secret_(std::move(secret)) {}

  std::string record(std::uint8_t type, std::string_view content);
  /// From now on with the next keys: a KeyUpdate has gone out.
  void change_keys();

private:
  std::string secret_;
  std::uint64_t number_ = 0;
};

} // namespace klatch::sockets
