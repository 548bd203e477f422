/// The JWK set that `--jwks` names.
#pragma once

#include "app/https_get.hpp"
#include "app/key_set_counters.hpp"
#include "messages/auth/token_key.hpp"
#include "messages/auth/wanted_keys.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace klatch::app {

/// The keys of a set, by which public keys alone come; never none.
using key_set_ptr = std::shared_ptr<const std::vector<token_key>>;
using fetched_set = std::variant<key_set_ptr, fetch_fault>;

/// An address, and what is known of its set: that of one says nothing of another's.
struct key_source {
  std::string address;                 ///< empty: there is none
  key_set_ptr keys;                    ///< null: it has not been fetched yet
  std::shared_ptr<wanted_keys> wanted; ///< null without an address
  std::string fault;                   ///< of the last fetch; empty: it was good
};

/// Fetches the set again and again, on a thread of its own, as `wanted_keys` says. The last good
/// one stays whatever becomes of later fetches. Logs each change of that, once.
class key_set_watch {
public:
  /// Is called on that thread when a fetch has brought other keys. What it is given is to be
  /// called, on any thread, once they are in force: who asks for a key after that is not told to
  /// wait.
  using change_handler = std::function<void(std::function<void()> in_force)>;

  key_set_watch(trusted_authorities trusted, wanted_keys::times when, change_handler on_change);
  key_set_watch(const key_set_watch&) = delete;
  key_set_watch& operator=(const key_set_watch&) = delete;
  ~key_set_watch();

  /// Fetches what is at `address`, on the calling thread.
  key_source open(const std::string& address);
  /// This is the source from now on. The one that it is already is fetched again soon.
  void watch(key_source next);
  /// What there is now.
  key_source source() const;

  const key_set_counters& counters() const noexcept { return counted_; }

private:
  void run();
  fetched_set fetch(const std::string& address);
  /// What became of a fetch of `from`, if that is still the source. Returns true if there are other
  /// keys.
  bool take(const key_source& from, const fetched_set& found);
  void count(const fetched_set& found);
  void log(const std::string& fault);

  const trusted_authorities trusted_;
  const wanted_keys::times times_;
  const change_handler on_change_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_; ///< of all below
  std::condition_variable woken_;
  key_set_counters counted_;
  key_source source_;
  bool soon_ = false;  ///< it is fetched without a pause
  std::thread thread_; ///< last, since it uses the others
};

} // namespace klatch::app
