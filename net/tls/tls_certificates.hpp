/// The certificates in force, and how new ones take their place.
#pragma once

#include "net/tls/ticket_keys.hpp"
#include "net/tls/tls_contexts.hpp"
#include "net/tls/tls_settings.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace klatch::net {

/// Read from files, and again when they change. New connections take the current ones; who is
/// connected keeps what there was. Thread-safe.
class tls_certificates {
public:
  using time = std::chrono::system_clock::time_point;

  /// Nothing is read yet.
  explicit tls_certificates(tls_settings settings);

  /// Reads all files, and takes them over if every one is good. Returns the fault, one sentence,
  /// if one is not: then nothing has changed. Missing files are none if they may be missing and
  /// none have been read before.
  std::optional<std::string> reload();
  /// The same with other settings, which count from then on if they are good.
  std::optional<std::string> reload(tls_settings settings);

  /// What `look` has found.
  struct change {
    bool replaced = false;
    std::string fault; ///< one sentence; empty: none, or the same as at the time before
  };
  /// Call about once a minute: reads the files if one has changed since what is in force was read.
  change look();

  /// Sentences about certificates that end within 14, 7, 3 and 1 days, one at each of these.
  std::vector<std::string> expiry_warnings(time now);

  /// Null while there are none.
  std::shared_ptr<const tls_contexts> current() const;
  std::vector<certificate_expiry> expiries() const;

private:
  /// What of a file changes when it does.
  using signature = std::vector<long long>;

  static signature look_at(const tls_settings& settings);
  std::optional<std::string> load(const tls_settings& settings, const signature& found);

  ticket_keys tickets_;
  mutable std::mutex mutex_; ///< of all below but what `loading_` guards
  std::shared_ptr<const tls_contexts> current_;
  std::mutex loading_; ///< one at a time
  tls_settings settings_;
  signature in_force_;
  std::string said_;             ///< the fault that was found last
  std::vector<int> warned_days_; ///< by certificate, the last of the steps that was told
};

} // namespace klatch::net
