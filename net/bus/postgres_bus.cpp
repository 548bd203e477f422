#include "net/bus/postgres_bus.hpp"

#include "messages/auth/base64.hpp"
#include "net/bus/link_counters.hpp"
#include "net/bus/outbox.hpp"
#include "net/bus/reconnect_delay.hpp"
#include "net/loop/descriptor.hpp"
#include "store/postgres/postgres_connection.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace klatch::net {

namespace {

using namespace std::chrono_literals;

/// A session that has lasted as long was no failure.
constexpr auto steady_session = 5s;

/// $1: the channel; $2: what is told there, in its order.
constexpr store::postgres_statement tell{
    "bus_tell", "SELECT count(pg_notify($1, frame)) FROM (SELECT frame FROM unnest($2) "
                "WITH ORDINALITY AS told(frame, number) ORDER BY number) AS told"};

/// Wakes a thread that polls. For any thread.
class wake_event {
public:
  wake_event() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_.is_open())
      throw std::system_error(errno, std::generic_category(), "eventfd");
  }

  int number() const noexcept { return event_.get(); }

  void raise() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
  }
  void clear() const noexcept {
    std::uint64_t raised = 0;
    [[maybe_unused]] const auto read = ::read(event_.get(), &raised, sizeof raised);
  }

private:
  descriptor event_;
};

store::postgres_options options_of_link(const postgres_bus_options& from) {
  auto made = from.database;
  made.call_timeout = from.call_timeout;
  return made;
}

std::string session_of_link(const std::string& channel) {
  constexpr std::size_t longest_channel = 63;
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz_";
  constexpr std::string_view others = "abcdefghijklmnopqrstuvwxyz_0123456789";
  if (channel.empty() || channel.size() > longest_channel ||
      letters.find(channel.front()) == std::string_view::npos ||
      channel.find_first_not_of(others) != std::string::npos)
    throw std::invalid_argument("\"" + channel + "\" is no name of a channel");
  return "SET synchronous_commit = off; LISTEN \"" + channel + '"';
}

class postgres_bus final : public actors::bus_link {
public:
  explicit postgres_bus(postgres_bus_options options)
      : channel_(options.channel),
        connection_(options_of_link(options), session_of_link(options.channel),
                    store::reconnecting::when_asked),
        outbox_(options.max_queued_bytes) {}
  postgres_bus(const postgres_bus&) = delete;
  postgres_bus& operator=(const postgres_bus&) = delete;
  ~postgres_bus() override { halt(); }

  void start(events calls) override {
    calls_ = std::move(calls);
    thread_ = std::thread{[this] { run(); }};
  }

  bool publish(std::string frame) noexcept override {
    const auto result = push_counted(outbox_, std::move(frame), max_frame(), counters_);
    if (result == outbox::result::taken_first)
      wake_.raise();
    return result != outbox::result::refused;
  }

  std::size_t max_frame() const noexcept override { return max_postgres_frame_bytes; }
  void stop() noexcept override { halt(); }
  actors::link_figures figures() const noexcept override { return counters_.figures(); }

private:
  void run() {
    while (connect()) {
      const auto since = std::chrono::steady_clock::now();
      serve();
      counters_.count_dropped(outbox_.clear());
      connection_.close();
      if (stopping_)
        return;
      calls_.on_state(false);
      if (std::chrono::steady_clock::now() - since >= steady_session)
        delay_.reset();
      wait_for(-1, delay_.next());
    }
  }

  /// Tries until there is a session that listens; returns false if the link is stopped.
  bool connect() {
    std::string last_fault;
    while (!stopping_) {
      try {
        connection_.connect();
        outbox_.open();
        if (std::exchange(was_up_, true))
          counters_.count_reconnect();
        begins_ = false;
        spdlog::info("bus: connected to PostgreSQL at {}", connection_.server());
        calls_.on_state(true);
        return true;
      } catch (const store::unavailable& fault) {
        if (fault.what() != last_fault)
          spdlog::warn("bus: trying on: {}", fault.what());
        last_fault = fault.what();
      }
      if (std::exchange(begins_, false))
        calls_.on_state(false);
      wait_for(-1, delay_.next());
    }
    return false;
  }

  /// Returns when the connection is lost, or the link is stopped and what waited is out.
  void serve() {
    try {
      while (!stopping_) {
        hear();
        tell_all();
        // What came while something was told is not seen by its socket any more.
        hear();
        if (outbox_.empty())
          wait_for(connection_.socket(), forever);
      }
      outbox_.close();
      tell_all();
    } catch (const store::unavailable& fault) {
      spdlog::warn("bus: {}", fault.what());
    }
  }

  void hear() {
    for (const auto& each : connection_.take_notifications()) {
      auto frame = decode_base64url(each);
      if (!frame) { // by somebody else
        counters_.count_dropped(1);
        continue;
      }
      counters_.count_received(frame->size());
      calls_.on_frame(std::move(*frame));
    }
  }

  void tell_all() {
    const auto frames = outbox_.take_all();
    if (frames.empty())
      return;
    store::array_builder texts{store::postgres_type::text};
    for (const auto& each : frames)
      texts.add(std::string_view{encode_base64url(each)});
    try {
      connection_.run(tell, store::statement_params{}.text(channel_).array(texts));
    } catch (const store::unavailable&) {
      counters_.count_dropped(frames.size());
      throw;
    }
  }

  static constexpr std::chrono::milliseconds forever{-1};

  /// Returns when `socket` is readable, unless it is -1, or there is something to do, or `time` is
  /// over.
  void wait_for(int socket, std::chrono::milliseconds time) const noexcept {
    std::array<pollfd, 2> waited{pollfd{wake_.number(), POLLIN, 0}, pollfd{socket, POLLIN, 0}};
    ::poll(waited.data(), waited.size(), static_cast<int>(time.count()));
    wake_.clear();
  }

  void halt() noexcept {
    stopping_ = true;
    wake_.raise();
    if (thread_.joinable())
      thread_.join();
  }

  const std::string channel_;
  events calls_;
  link_counters counters_;
  wake_event wake_;
  std::atomic<bool> stopping_ = false;

  // The thread's.
  store::postgres_connection connection_;
  reconnect_delay delay_;
  bool was_up_ = false;
  bool begins_ = true; ///< no try has ended yet

  outbox outbox_;
  std::thread thread_;
};

} // namespace

std::unique_ptr<actors::bus_link> make_postgres_bus(postgres_bus_options options) {
  return std::make_unique<postgres_bus>(std::move(options));
}

} // namespace klatch::net
