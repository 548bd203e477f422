/// Base64 as tokens and keys have it (RFC 4648).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace klatch {

/// Returns the bytes of base64url without padding (section 5). Nothing for any other character,
/// padding, a length that no bytes have, or bits left over that are not 0: of one value there is
/// one spelling.
std::optional<std::string> decode_base64url(std::string_view text);

/// Returns the bytes of base64 with or without its padding (section 4); nothing for anything else.
std::optional<std::string> decode_base64(std::string_view text);

/// Returns `bytes` as base64 with padding.
std::string encode_base64(std::string_view bytes);

/// Returns `bytes` as base64url without padding.
std::string encode_base64url(std::string_view bytes);

} // namespace klatch
