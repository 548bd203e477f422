#include "net/tls/ticket_keys.hpp"

#include <algorithm>
#include <openssl/rand.h>
#include <type_traits>

namespace klatch::net {

namespace {

std::optional<ticket_key> random_key() {
  static_assert(std::has_unique_object_representations_v<ticket_key>);
  ticket_key made; // NOLINT(cppcoreguidelines-pro-type-member-init)
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(&made), sizeof made) != 1)
    return std::nullopt;
  return made;
}

} // namespace

ticket_keys::ticket_keys(time now) : made_(now), keys_{random_key(), std::nullopt, std::nullopt} {}

void ticket_keys::advance(time now) {
  for (std::size_t i = 0; i < keys_.size() && now - made_ >= lifetime; ++i) {
    std::rotate(keys_.begin(), keys_.end() - 1, keys_.end());
    keys_.front() = random_key();
    made_ += lifetime;
  }
  if (now - made_ >= lifetime)
    made_ = now;
}

std::optional<ticket_key> ticket_keys::to_seal(time now) {
  const std::lock_guard lock{mutex_};
  advance(now);
  return keys_.front();
}

std::optional<ticket_keys::opener> ticket_keys::to_open(std::span<const unsigned char, 16> name,
                                                        time now) {
  const std::lock_guard lock{mutex_};
  advance(now);
  for (const auto& each : keys_)
    if (each && std::equal(name.begin(), name.end(), each->name.begin()))
      return opener{*each, &each == &keys_.front()};
  return std::nullopt;
}

} // namespace klatch::net
