#include "tests/simulation/link.hpp"

#include "tests/simulation/coverage.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace klatch::simulation {

namespace {

// As net::timing has them.
constexpr us registration_time = 10'000'000;
constexpr us ping_interval = 25'000'000;
constexpr us gone_after = 60'000'000;
constexpr us closing_time = 5'000'000;

constexpr us lowest_latency = 50;

} // namespace

link::link(machine& on, const options& chosen, link_user& user, std::uint64_t seed,
           std::uint64_t number, unsigned host)
    : machine_(on), chosen_(chosen), user_(&user), sender_(user),
      wire_(seed, purpose::wire, number), number_(number), host_(host) {}

void link::start(connection_actor connection) {
  connection_ = std::move(connection);
  heard_ = machine_.now();
  deadline_in(registration_time);
}

actors::connection* link::actor() const noexcept {
  if (connection_ == nullptr)
    return nullptr;
  return static_cast<actors::connection*>(caf::actor_cast<caf::abstract_actor*>(connection_));
}

task link::turn(task::kind what, std::uint64_t part, void (link::*member)()) {
  constexpr std::uint64_t links_from = 1ULL << 48U;
  const bool of_client = member == &link::arrive_down;
  return {what, links_from + number_ * 8 + part,
          [self = shared_from_this(), member] { ((*self).*member)(); }, of_client ? 0 : host_};
}

/// Bytes of one direction arrive in their order.
us link::arrival(us& last) {
  const auto latency =
      lowest_latency + static_cast<us>(wire_.around(static_cast<std::uint64_t>(chosen_.latency)));
  return last = std::max(last, machine_.now() + latency);
}

// -- the server's end -----------------------------------------------------------------------------

void link::send(const frame& message) { append({.what = packet::kind::text, .shared = message}); }

void link::ping(std::string_view payload) {
  if (user_ != nullptr)
    machine_.tell("server", user_->name(), "ping " + std::string{payload}, trace_detail::actors);
  append({.what = packet::kind::ping, .own = std::string{payload}});
}

void link::append(packet what) {
  if (sealed_ || gone_)
    return;
  if (cork_bytes_ + what.size() > chosen_.waiting_bytes)
    flush(); // A reader is slow only when the system takes nothing more.
  if (sealed_ || gone_)
    return;
  if (cork_bytes_ + what.size() > chosen_.waiting_bytes)
    return overflow();
  cork_bytes_ += what.size();
  if (what.what == packet::kind::text && user_ != nullptr)
    user_->on_sent(what.bytes());
  cork_.push_back(std::move(what));
  flush_soon();
}

void link::overflow() {
  reached("closed with 4508");
  cork_.clear();
  cork_bytes_ = 0;
  close(close_code::slow);
}

void link::flush_soon() {
  if (!std::exchange(flush_pending_, true))
    machine_.push(turn(task::kind::wire, 1, &link::flush));
}

void link::flush() {
  flush_pending_ = false;
  if (gone_)
    return;
  const bool had_some = !cork_.empty();
  while (!cork_.empty() &&
         (down_.empty() || down_bytes_ + cork_.front().size() <= chosen_.window)) {
    auto next = std::move(cork_.front());
    cork_.pop_front();
    cork_bytes_ -= next.size();
    put_on_wire(std::move(next));
  }
  if (!cork_.empty())
    return reached("the wire takes nothing for now");
  if (had_some && !announced_ && std::exchange(calls_when_drained_, false)) {
    reached("called when all is out");
    actor()->on_drained();
  }
}

void link::close(close_code code, std::string_view /*reason*/) {
  if (sealed_ || gone_)
    return;
  if (user_ != nullptr)
    user_->on_closing(static_cast<std::uint16_t>(code));
  sealed_ = true;
  packet last{.what = packet::kind::close, .code = static_cast<std::uint16_t>(code)};
  cork_bytes_ += last.size();
  cork_.push_back(std::move(last));
  flush_soon();
  closing_since_ = machine_.now();
  deadline_in(closing_time);
  announce_closing();
  next_up();
}

void link::announce_closing() {
  if (!std::exchange(announced_, true) && actor() != nullptr)
    actor()->on_closing();
}

/// `with_word`: the client learns of it.
void link::close_socket(bool with_word) {
  if (std::exchange(gone_, true))
    return;
  if (user_ != nullptr)
    user_->on_gone();
  sealed_ = true;
  announce_closing();
  if (actor() != nullptr)
    actor()->on_closed();
  connection_ = nullptr;
  cork_.clear();
  cork_bytes_ = 0;
  up_.clear();
  if (with_word)
    put_on_wire({.what = packet::kind::reset});
}

void link::resume() {
  paused_ = false;
  next_up();
}

void link::deadline_in(us wait) {
  machine_.after(wait, turn(task::kind::wire, 2, &link::on_deadline));
}

void link::on_deadline() {
  if (gone_)
    return;
  const auto now = machine_.now();
  if (sealed_) {
    if (now - closing_since_ < closing_time)
      return;
    reached("closed though not all was out");
    return close_socket(true);
  }
  if (std::exchange(registration_due_, false)) {
    actor()->on_registration_due();
    if (!sealed_ && !gone_)
      deadline_in(ping_interval - registration_time);
    return;
  }
  const auto silent = now - heard_;
  if (silent >= gone_after) {
    reached("gone: silent for 60 s");
    return close_socket(true);
  }
  ping(actor()->delivery_mark());
  if (!sealed_ && !gone_)
    deadline_in(std::min(ping_interval, gone_after - silent));
}

void link::call_when_token_is_due(std::chrono::milliseconds delay) {
  token_due_ = machine_.now() + delay.count() * ms;
  machine_.at(token_due_, turn(task::kind::wire, 5, &link::on_token_due));
}

void link::on_token_due() {
  if (gone_ || sealed_ || token_due_ < 0 || machine_.now() < token_due_)
    return;
  token_due_ = -1;
  actor()->on_token_due();
}

void link::cut(bool wire_stays) {
  const bool was_gone = std::exchange(gone_, true);
  sealed_ = announced_ = true;
  connection_ = nullptr;
  cork_.clear();
  cork_bytes_ = 0;
  up_.clear();
  if (!wire_stays) {
    down_.clear();
    down_bytes_ = 0;
  }
  if (!was_gone || down_.empty())
    put_on_wire({.what = packet::kind::reset});
}

bool link::quiet() const noexcept { return cork_.empty() && down_.empty() && up_.empty(); }

// -- the wire -------------------------------------------------------------------------------------

void link::put_on_wire(packet what) {
  what.arrives = arrival(last_down_);
  down_bytes_ += what.size();
  down_.push_back(std::move(what));
  next_down();
}

void link::next_down() {
  if (down_.empty() || !reads_ || silent_ || std::exchange(down_pending_, true))
    return;
  machine_.at(down_.front().arrives, turn(task::kind::wire, 3, &link::arrive_down));
}

void link::arrive_down() {
  down_pending_ = false;
  if (down_.empty() || !reads_ || silent_)
    return;
  const auto next = std::move(down_.front());
  down_.pop_front();
  down_bytes_ -= next.size();
  if (!cork_.empty())
    flush_soon();
  next_down();
  if (client_gone_ || user_ == nullptr)
    return;
  switch (next.what) {
  case packet::kind::text:
    return user_->on_frame(next.bytes());
  case packet::kind::ping: // As every browser does by itself.
    return put_up({.what = packet::kind::pong, .own = next.own});
  case packet::kind::close:
    put_up({.what = packet::kind::close, .code = next.code});
    client_gone_ = true;
    return user_->on_closed(next.code);
  default:
    client_gone_ = true;
    return user_->on_closed(abnormal_closure);
  }
}

void link::put_up(packet what) {
  if (gone_)
    return;
  what.arrives = arrival(last_up_);
  up_.push_back(std::move(what));
  next_up();
}

void link::next_up() {
  if (up_.empty() || silent_ || gone_)
    return;
  if (paused_ && !announced_)
    return reached("a frame waits, the connection has paused");
  if (std::exchange(up_pending_, true))
    return;
  machine_.at(up_.front().arrives, turn(task::kind::wire, 4, &link::arrive_up));
}

void link::arrive_up() {
  up_pending_ = false;
  if (up_.empty() || silent_ || gone_)
    return;
  if (paused_ && !announced_)
    return;
  const auto next = std::move(up_.front());
  up_.pop_front();
  heard_ = machine_.now();
  if (next.what == packet::kind::close || next.what == packet::kind::reset)
    return close_socket(false);
  if (!announced_ || actor()->may_go_on(next.size()))
    take(next);
  next_up();
}

void link::take(const packet& what) {
  if (what.what == packet::kind::text) {
    machine_.note(number_, what.own);
    if (announced_)
      return;
    sender_.on_heard(what.own); // Who has hung up since has said it nevertheless.
    return actor()->on_text(what.own);
  }
  std::uint64_t seq = 0;
  std::from_chars(what.own.data(), what.own.data() + what.own.size(), seq);
  if (user_ != nullptr) {
    machine_.tell(user_->name(), "server", "pong " + what.own, trace_detail::actors);
    if (seq > 0)
      user_->on_delivery_known(seq);
  }
  actor()->on_pong(what.own);
}

// -- the client's end -----------------------------------------------------------------------------

void link::say(std::string text) { put_up({.what = packet::kind::text, .own = std::move(text)}); }

void link::hang_up(std::uint16_t code) {
  client_gone_ = true;
  put_up({.what = packet::kind::close, .code = code});
}

void link::reset() {
  client_gone_ = true;
  up_.clear();
  put_up({.what = packet::kind::reset});
}

void link::fall_silent() { silent_ = true; }

void link::read_on() {
  reads_ = true;
  next_down();
}

} // namespace klatch::simulation
