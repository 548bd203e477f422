/// The certificates of one moment, as OpenSSL takes them.
#pragma once

#include "net/tls/ticket_keys.hpp"
#include "net/tls/tls_settings.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace klatch::net {

/// A certificate's name, for people, and when it ends.
struct certificate_expiry {
  std::string name;
  std::chrono::system_clock::time_point end;
};

/// Why certificates cannot be used.
struct certificate_fault {
  std::string text;     ///< one sentence, with what to do
  bool missing = false; ///< a file is not there
};

/// A context for each certificate. Immutable, so that all workers may use it at a time; connections
/// keep what they began with.
class tls_contexts : public std::enable_shared_from_this<tls_contexts> {
public:
  using loaded = std::variant<std::shared_ptr<const tls_contexts>, certificate_fault>;

  /// Reads all files and checks them: chain and key belong together, nothing has expired at `now`,
  /// and no key can be read by everybody. `tickets` outlives what is returned.
  static loaded load(const tls_settings& settings, ticket_keys& tickets,
                     std::chrono::system_clock::time_point now);

  ~tls_contexts();
  tls_contexts(const tls_contexts&) = delete;
  tls_contexts& operator=(const tls_contexts&) = delete;

  /// A connection that begins, as the server; null if there is no memory. It may look for another
  /// certificate until its handshake is done: these live as long.
  ssl_st* begin() const;

  const std::vector<certificate_expiry>& expiries() const noexcept { return expiries_; }

private:
  struct release {
    void operator()(ssl_ctx_st* each) const noexcept;
  };
  using context = std::unique_ptr<ssl_ctx_st, release>;

  tls_contexts() = default;
  void add(const certificate_files& files, bool only_1_3, ticket_keys& tickets,
           std::chrono::system_clock::time_point now);
  void choose(ssl_st* connection, const char* name) const;
  static int on_server_name(ssl_st* connection, int* alert, void* contexts);

  std::vector<context> contexts_;
  std::vector<certificate_expiry> expiries_;
};

} // namespace klatch::net
