#include "net/bus/nats_bus.hpp"

#include "messages/bus/bus_frame.hpp"
#include "net/bus/link_counters.hpp"
#include "net/bus/outbox.hpp"
#include "net/bus/reconnect_delay.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <nats/nats.h>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace klatch::net {

namespace {

using namespace std::chrono_literals;

/// A server that does not answer two of these in a row is given up.
constexpr auto ping_interval = 1s;
constexpr int max_pings_out = 2;
/// Who does not take what is sent to it within this time is given up.
constexpr auto write_deadline = 2s;
/// For the server to say that it knows what is subscribed to.
constexpr auto flush_timeout = 2s;
/// `on_lost` is not called more often.
constexpr auto lost_interval = 100ms;
/// A session that has lasted as long was no failure.
constexpr auto steady_time = 5s;
/// For what waits to be sent when the link is stopped.
constexpr auto stop_timeout = 1000ms;
constexpr auto wait_for_message = std::chrono::milliseconds{1h};
constexpr int max_pending_frames = 65'536;

template<auto Destroy>
struct nats_deleter {
  template<class Object>
  void operator()(Object* gone) const noexcept {
    Destroy(gone);
  }
};
using options_ptr = std::unique_ptr<natsOptions, nats_deleter<natsOptions_Destroy>>;
using message_ptr = std::unique_ptr<natsMsg, nats_deleter<natsMsg_Destroy>>;
using subscription_ptr = std::unique_ptr<natsSubscription, nats_deleter<natsSubscription_Destroy>>;
using connection_ptr = std::shared_ptr<natsConnection>;

class nats_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// What the library says about the last call, which did not succeed.
std::string fault_text(natsStatus status) {
  natsStatus ignored{};
  const char* const found = nats_GetLastError(&ignored);
  std::string_view detail = found != nullptr ? found : "";
  if (detail.starts_with('(')) // a place in its sources
    detail.remove_prefix(std::min(detail.find(": ") + 2, detail.size()));
  std::string text = natsStatus_GetText(status);
  if (!detail.empty() && detail != text)
    text.append(": ").append(detail);
  return text;
}

void check(natsStatus status) {
  if (status != NATS_OK)
    throw nats_error(fault_text(status));
}

int milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

/// What goes wrong later is found where it is waited for; without a handler the library prints it.
void ignore_error(natsConnection* /*of*/, natsSubscription* /*of*/, natsStatus /*what*/,
                  void* /*closure*/) {}

void set_credentials(natsOptions* to, const nats_address& address) {
  if (!address.user.empty() && address.password.empty())
    check(natsOptions_SetToken(to, address.user.c_str()));
  else if (!address.user.empty())
    check(natsOptions_SetUserInfo(to, address.user.c_str(), address.password.c_str()));
  if (!address.credentials_file.empty())
    check(natsOptions_SetUserCredentialsFromFiles(to, address.credentials_file.c_str(), nullptr));
  if (address.tls)
    check(natsOptions_SetSecure(to, true));
  if (!address.ca_file.empty())
    check(natsOptions_LoadCATrustedCertificates(to, address.ca_file.c_str()));
}

/// The library does not reconnect by itself: it gives up a server that has refused its credentials
/// twice, it sends later what was published while there was no connection, and it calls back when
/// nobody may be there any more. A connection is used until it breaks; then there is another one.
options_ptr make_options(const nats_bus_options& from) {
  natsOptions* made = nullptr;
  check(natsOptions_Create(&made));
  options_ptr options{made};
  const std::string scheme = from.address.tls ? "tls://" : "nats://";
  std::vector<std::string> urls;
  for (const auto& each : from.address.servers)
    urls.push_back(scheme + each);
  std::vector<const char*> servers;
  for (const auto& each : urls)
    servers.push_back(each.c_str());
  check(natsOptions_SetServers(made, servers.data(), static_cast<int>(servers.size())));
  set_credentials(made, from.address);
  check(natsOptions_SetName(made, ("klatch " + from.node).c_str()));
  check(natsOptions_SetAllowReconnect(made, false));
  check(natsOptions_SetTimeout(made, milliseconds(from.connect_timeout)));
  check(natsOptions_SetPingInterval(made, milliseconds(ping_interval)));
  check(natsOptions_SetMaxPingsOut(made, max_pings_out));
  check(natsOptions_SetWriteDeadline(made, milliseconds(write_deadline)));
  check(natsOptions_SetSendAsap(made, true));
  check(natsOptions_SetNoEcho(made, true));
  check(natsOptions_SetErrorHandler(made, ignore_error, nullptr));
  return options;
}

/// Subscribed, and the server knows it.
struct nats_session {
  connection_ptr connection;
  subscription_ptr subscription;
};

nats_session connect(const nats_bus_options& from, const std::string& subject) {
  const auto options = make_options(from); // credentials may have changed in their files
  natsConnection* connection = nullptr;
  check(natsConnection_Connect(&connection, options.get()));
  nats_session made{{connection, natsConnection_Destroy}, nullptr};
  natsSubscription* subscription = nullptr;
  check(natsConnection_SubscribeSync(&subscription, connection, subject.c_str()));
  made.subscription.reset(subscription);
  check(natsSubscription_SetPendingLimits(subscription, max_pending_frames,
                                          static_cast<int>(from.max_pending_bytes)));
  check(natsConnection_FlushTimeout(connection, milliseconds(flush_timeout)));
  const char* detail = nullptr;
  if (natsConnection_GetLastError(connection, &detail) == NATS_NOT_PERMITTED)
    throw nats_error(detail);
  return made;
}

class nats_bus final : public actors::bus_link {
public:
  explicit nats_bus(nats_bus_options options)
      : options_(std::move(options)), subject_("klatch." + options_.cluster),
        outbox_(options_.max_queued_bytes) {
    constexpr std::size_t longest_name = 64;
    if (options_.cluster.empty() || options_.cluster.size() > longest_name ||
        options_.cluster.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") !=
            std::string::npos)
      throw std::invalid_argument("\"" + options_.cluster + "\" is no name of a cluster");
  }
  nats_bus(const nats_bus&) = delete;
  nats_bus& operator=(const nats_bus&) = delete;
  ~nats_bus() override { halt(); }

  void start(events calls) override {
    make_options(options_); // what can be seen to be wrong without a server
    calls_ = std::move(calls);
    reader_ = std::thread{[this] { read(); }};
    writer_ = std::thread{[this] { write(); }};
  }

  bool publish(std::string frame) noexcept override {
    const auto result = push_counted(outbox_, std::move(frame), max_frame(), counters_);
    if (result == outbox::result::taken_first) {
      const std::scoped_lock lock{mutex_}; // the writer sees it, or is woken
      wake_writer_.notify_one();
    }
    return result != outbox::result::refused;
  }

  std::size_t max_frame() const noexcept override { return max_frame_; }
  void stop() noexcept override { halt(); }
  actors::link_figures figures() const noexcept override { return counters_.figures(); }

private:
  // -- the thread that connects and hears ---------------------------------------------------------

  void read() {
    while (auto session = connected()) {
      hear(*session);
      {
        const std::scoped_lock lock{mutex_};
        connection_.reset();
      }
      counters_.count_dropped(outbox_.clear());
      if (stopping())
        return;
      session.reset();
      spdlog::warn("bus: the connection to NATS is lost");
      calls_.on_state(false);
      if (std::chrono::steady_clock::now() - up_since_ >= steady_time)
        delay_.reset();
      wait_for_next_try();
    }
  }

  void wait_for_next_try() {
    std::unique_lock lock{mutex_};
    wake_reader_.wait_for(lock, delay_.next(), [this] { return stopping_; });
  }

  /// Tries until there is a session; returns nothing if the link is stopped.
  std::optional<nats_session> connected() {
    std::string last_fault;
    while (!stopping()) {
      try {
        return begin(connect(options_, subject_));
      } catch (const std::exception& fault) {
        if (fault.what() != last_fault)
          spdlog::warn("bus: no connection to NATS, trying on: {}", fault.what());
        last_fault = fault.what();
      }
      if (std::exchange(begins_, false))
        calls_.on_state(false);
      wait_for_next_try();
    }
    return std::nullopt;
  }

  std::optional<nats_session> begin(nats_session session) {
    auto* const connection = session.connection.get();
    const auto server_takes = static_cast<std::size_t>(
        std::max<std::int64_t>(natsConnection_GetMaxPayload(connection), 0));
    {
      const std::scoped_lock lock{mutex_};
      if (stopping_)
        return std::nullopt;
      connection_ = session.connection;
      max_frame_ = std::min(max_bus_frame_bytes, server_takes);
      outbox_.open();
    }
    if (was_up_)
      counters_.count_reconnect();
    was_up_ = true;
    up_since_ = std::chrono::steady_clock::now();
    begins_ = false;
    spdlog::info("bus: connected to NATS, subject {}", subject_);
    calls_.on_state(true);
    return session;
  }

  /// Returns when the connection is lost, or closed.
  void hear(const nats_session& session) {
    using clock = std::chrono::steady_clock;
    std::int64_t dropped = 0; // by the library, in this session
    std::int64_t dropped_told = 0;
    auto told_at = clock::now() - lost_interval;
    while (!stopping()) {
      natsMsg* received = nullptr;
      const auto wait = dropped == dropped_told ? wait_for_message : lost_interval;
      const auto status =
          natsSubscription_NextMsg(&received, session.subscription.get(), milliseconds(wait));
      const message_ptr message{received};
      if (message != nullptr) {
        counters_.count_received(static_cast<std::size_t>(natsMsg_GetDataLength(received)));
        calls_.on_frame(
            {natsMsg_GetData(received), static_cast<std::size_t>(natsMsg_GetDataLength(received))});
      } else if (status != NATS_TIMEOUT && status != NATS_SLOW_CONSUMER) {
        return;
      }
      std::int64_t now_dropped = dropped;
      natsSubscription_GetDropped(session.subscription.get(), &now_dropped);
      counters_.count_dropped(static_cast<std::uint64_t>(now_dropped - dropped));
      dropped = now_dropped;
      if (dropped == dropped_told || clock::now() - told_at < lost_interval)
        continue;
      dropped_told = dropped;
      told_at = clock::now();
      calls_.on_lost();
    }
  }

  // -- the thread that publishes ------------------------------------------------------------------

  /// Returns false if the link is stopped and nothing waits.
  bool wait_for_frames() {
    std::unique_lock lock{mutex_};
    wake_writer_.wait(lock, [this] { return stopping_ || !outbox_.empty(); });
    return !outbox_.empty();
  }

  void write() {
    while (wait_for_frames()) {
      const auto frames = outbox_.take_all();
      connection_ptr connection;
      {
        const std::scoped_lock lock{mutex_};
        connection = connection_;
      }
      for (const auto& each : frames)
        if (connection == nullptr || out_of_time() ||
            natsConnection_Publish(connection.get(), subject_.c_str(), each.data(),
                                   static_cast<int>(each.size())) != NATS_OK)
          counters_.count_dropped(1);
    }
  }

  bool out_of_time() {
    const std::scoped_lock lock{mutex_};
    return stopping_ && std::chrono::steady_clock::now() >= stop_by_;
  }

  // -- the end ------------------------------------------------------------------------------------

  bool stopping() {
    const std::scoped_lock lock{mutex_};
    return stopping_;
  }

  void halt() noexcept {
    {
      const std::scoped_lock lock{mutex_};
      if (!std::exchange(stopping_, true))
        stop_by_ = std::chrono::steady_clock::now() + stop_timeout;
      outbox_.close();
      wake_reader_.notify_one();
      wake_writer_.notify_one();
    }
    if (writer_.joinable())
      writer_.join();
    connection_ptr connection;
    {
      const std::scoped_lock lock{mutex_};
      connection = connection_;
    }
    if (connection != nullptr) {
      // Until the server has read all: what it has not is lost if it writes to a closed socket.
      natsConnection_FlushTimeout(connection.get(), milliseconds(stop_timeout));
      natsConnection_Close(connection.get()); // then the reader hears no more
    }
    if (reader_.joinable())
      reader_.join();
  }

  const nats_bus_options options_;
  const std::string subject_;
  events calls_;
  link_counters counters_;
  outbox outbox_;
  std::atomic<std::size_t> max_frame_ = max_bus_frame_bytes;

  std::mutex mutex_;
  std::condition_variable wake_reader_, wake_writer_;
  connection_ptr connection_; ///< while the link is up
  bool stopping_ = false;
  std::chrono::steady_clock::time_point stop_by_;

  // The reader's.
  reconnect_delay delay_;
  bool was_up_ = false;
  std::chrono::steady_clock::time_point up_since_;
  bool begins_ = true; ///< no try has ended yet

  std::thread reader_, writer_;
};

} // namespace

std::unique_ptr<actors::bus_link> make_nats_bus(nats_bus_options options) {
  return std::make_unique<nats_bus>(std::move(options));
}

} // namespace klatch::net
