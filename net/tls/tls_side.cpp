#include "net/tls/tls_side.hpp"

#include <algorithm>
#include <cassert>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <utility>

namespace klatch::net {

void tls_side::release::operator()(ssl_st* each) const noexcept { SSL_free(each); }

tls_side::~tls_side() { lane_.leave(*this); }

// -- reading --------------------------------------------------------------------------------------

tls_side::opened tls_side::open(std::string_view input, std::span<char> into) {
  if (over_)
    return {.now = state::over};
  if (granted()) {
    assert(input.empty());
    lane_.take_turn(*this);
    opened result;
    const auto records = std::exchange(held_, {});
    feed(records, into, result);
    if (result.now == state::open && !held_.empty())
      result.now = state::no_turn;
    return result;
  }
  const bool first = !connection_ && cutter_.bytes() == 0 && !input.empty();
  if (first && input.front() >= 'A' && input.front() <= 'Z')
    return {.now = state::not_secure};
  return cut(input, into);
}

tls_side::opened tls_side::cut(std::string_view input, std::span<char> into) {
  opened result;
  while (result.now == state::open) {
    const auto records = cutter_.next(input);
    if (records.empty())
      break;
    if (!held_.empty() || (shakes_hands() && !lane_.take_turn(*this)))
      held_.append(records);
    else
      feed(records, into, result);
  }
  if (cutter_.failed())
    over_ = true;
  if (over_)
    result.now = state::over;
  else if (!held_.empty())
    result.now = state::no_turn;
  return result;
}

/// The client's hello does, and with TLS 1.2 what it sends after ours too.
bool tls_side::shakes_hands() const noexcept {
  return !ready_ && (!connection_ || SSL_get_state(connection_.get()) != TLS_ST_EARLY_DATA);
}

bool tls_side::begin() {
  contexts_ = lane_.contexts();
  if (!contexts_)
    return false;
  connection_.reset(contexts_->begin());
  if (!connection_)
    return false;
  for (auto* each : {lane_.bios().reading(), lane_.bios().writing()})
    BIO_up_ref(each);
  SSL_set_bio(connection_.get(), lane_.bios().reading(), lane_.bios().writing());
  SSL_set_accept_state(connection_.get());
  return true;
}

void tls_side::feed(std::string_view records, std::span<char> into, opened& result) {
  if (!connection_ && !begin()) {
    over_ = true;
    result.now = state::over;
    return;
  }
  while (!over_ && !records.empty()) {
    if (result.textless >= textless_at_once) {
      held_.assign(records);
      return;
    }
    const auto size = record_cutter::record_bytes(records);
    feed_one(records.substr(0, size), into, result);
    records.remove_prefix(size);
  }
  if (over_)
    result.now = state::over;
}

void tls_side::feed_one(std::string_view record, std::span<char> into, opened& result) {
  const auto before = result.bytes;
  const bool was_ready = ready_;
  lane_.bios().lead(record, output_);
  while (!over_ && (ready_ ? read_text(into, result) : shake_hands())) {
  }
  const auto text = result.bytes - before;
  result.overhead += record.size() - std::min(record.size(), text);
  if (was_ready && text == 0)
    ++result.textless;
  over_ = over_ || output_.size() > max_own_output;
}

/// Returns false if it has to wait for more.
bool tls_side::shake_hands() {
  ERR_clear_error();
  const int done = SSL_do_handshake(connection_.get());
  if (done == 1) {
    ready_ = true;
    contexts_.reset();
    count(SSL_session_reused(connection_.get()) == 1 ? tls_outcome::resumed : tls_outcome::full);
    return true;
  }
  over_ = SSL_get_error(connection_.get(), done) != SSL_ERROR_WANT_READ;
  if (over_)
    count(tls_outcome::failed);
  return false;
}

void tls_side::count(tls_outcome how) noexcept { lane_.counters().tls_handshakes[how].add(); }

bool tls_side::read_text(std::span<char> into, opened& result) {
  if (lane_.bios().all_read() && SSL_has_pending(connection_.get()) == 0)
    return false;
  std::size_t got = 0;
  const auto room = into.subspan(result.bytes);
  assert(!room.empty());
  ERR_clear_error();
  const int done = SSL_read_ex(connection_.get(), room.data(), room.size(), &got);
  result.bytes += got;
  if (done == 1)
    return true;
  over_ = SSL_get_error(connection_.get(), done) != SSL_ERROR_WANT_READ;
  return false;
}

// -- writing --------------------------------------------------------------------------------------

bool tls_side::seal(std::string_view text, bool last, std::string& output) {
  output.append(std::exchange(output_, {}));
  if (text.empty() && !last)
    return true;
  if (!ready_ || ended_)
    return text.empty();
  lane_.bios().lead({}, output);
  std::size_t sealed = 0;
  ERR_clear_error();
  if (!text.empty() && SSL_write_ex(connection_.get(), text.data(), text.size(), &sealed) != 1)
    return false;
  if (last)
    end(output);
  return true;
}

void tls_side::end(std::string& output) {
  output.append(std::exchange(output_, {}));
  if (!ready_ || std::exchange(ended_, true))
    return;
  lane_.bios().lead({}, output);
  ERR_clear_error();
  SSL_shutdown(connection_.get());
}

} // namespace klatch::net
