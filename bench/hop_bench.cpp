// What a message costs inside: a hop from actor to actor on one worker and across two, a look-up in
// the directory, and a frame's way into a socket. Prints one JSON object: nanoseconds of CPU time
// of all threads an operation, the best of several runs; the machine should be idle.
// hop_bench [MILLISECONDS OF A RUN]
#include "actors/directory/directory.hpp"
#include "actors/runtime/pinned.hpp"
#include "messages/interfaces.hpp"
#include "messages/routing_messages.hpp"
#include "messages/service_counters.hpp"
#include "net/accept/socket.hpp"
#include "net/loop/scheduler.hpp"
#include "net/loop/worker.hpp"
#include "net/stream/cork.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <future>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace klatch;
namespace asio = boost::asio;

constexpr int runs = 5;
constexpr std::size_t workers = 2;

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// `work(count)` does that many operations and returns the nanoseconds that they took.
template<class Work>
double best_of_runs(double run_ms, Work work) {
  auto best = std::numeric_limits<double>::max();
  std::uint64_t count = 1024;
  for (int run = 0; run < runs;) {
    const auto taken = work(count);
    if (taken < run_ms * 1e6) {
      count *= 2;
      continue;
    }
    best = std::min(best, taken / static_cast<double>(count));
    ++run;
  }
  return best;
}

/// An actor system on two workers.
class two_workers {
public:
  template<class Actor, class... Arguments>
  typename Actor::handle spawn(std::size_t worker, Arguments&&... arguments) {
    auto& home = static_cast<caf::execution_unit&>(at(worker));
    return system_.spawn<Actor>(home, std::forward<Arguments>(arguments)...);
  }

  net::worker& at(std::size_t worker) { return net::scheduler::of(system_).at(worker); }

private:
  struct config : caf::actor_system_config {
    config() { net::scheduler::configure(*this, workers); }
  };

  config config_;
  caf::actor_system system_{config_};
};

/// Takes a number of operations that are left to do.
using counter_actor = caf::typed_actor<caf::reacts_to<std::uint64_t>>;

/// Ends all operations of a run.
class finish_line {
public:
  /// Returns when so many have arrived.
  template<class Start>
  void wait_for(std::size_t expected, Start start) {
    std::promise<void> over;
    missing_ = expected;
    over_ = &over;
    start();
    over.get_future().wait();
  }

  void arrive() {
    if (--missing_ == 0)
      over_->set_value();
  }

private:
  std::atomic<std::size_t> missing_{0};
  std::promise<void>* over_ = nullptr;
};

struct court {
  std::vector<counter_actor> players;
  finish_line line;
};

/// Hits every ball to the next player, until it has no hits left.
class player final : public actors::pinned<counter_actor> {
public:
  player(caf::actor_config& cfg, caf::execution_unit& home, court& on, std::size_t index)
      : pinned(cfg, home), on_(on), index_(index) {}

protected:
  behavior_type make_behavior() override {
    return {[this](std::uint64_t hits) {
      if (hits == 0)
        return on_.line.arrive();
      send(on_.players[(index_ + 1) % on_.players.size()], hits - 1);
    }};
  }

private:
  court& on_;
  std::size_t index_;
};

/// Two players, one on each of the workers named.
double hop_ns(double run_ms, std::array<std::size_t, 2> homes, std::size_t balls) {
  court on;
  two_workers in;
  for (std::size_t i = 0; i < homes.size(); ++i)
    on.players.push_back(in.spawn<player>(homes[i], on, i));
  const auto time = best_of_runs(run_ms, [&](std::uint64_t count) {
    const auto begin = cpu_ns();
    on.line.wait_for(balls, [&] {
      for (std::size_t ball = 0; ball < balls; ++ball)
        caf::anon_send(on.players[ball % homes.size()], count / balls);
    });
    return cpu_ns() - begin;
  });
  on.players.clear();
  return time;
}

user_key somebody() { return {*project_id::parse("1"), *user_id::parse("7")}; }

/// What a connection is to the directory, and how many look-ups are left.
using asker_actor = caf::typed_actor<caf::reacts_to<std::uint64_t>, caf::reacts_to<lookup_result>,
                                     caf::reacts_to<registered>>;

/// Looks the same user up again and again, one look-up after the other.
class asker final : public actors::pinned<asker_actor> {
public:
  asker(caf::actor_config& cfg, caf::execution_unit& home, directory_actor shard, finish_line& line)
      : pinned(cfg, home), shard_(std::move(shard)), line_(line) {}

protected:
  behavior_type make_behavior() override {
    return {
        [this](std::uint64_t count) {
          left_ = count;
          ask();
        },
        [this](const lookup_result& answered) {
          if (answered.devices.empty())
            std::terminate();
          ask();
        },
        [](const registered&) {},
    };
  }

private:
  void ask() {
    if (left_-- == 0)
      return line_.arrive();
    send(shard_, lookup{somebody(), caf::actor_cast<connection_actor>(this)});
  }

  std::uint64_t left_ = 0;
  directory_actor shard_;
  finish_line& line_;
};

double look_up_ns(double run_ms, std::size_t asker_home) {
  finish_line line;
  worker_counters counted;
  two_workers in;
  const auto shard = in.spawn<actors::directory>(0, counted, actors::directory_options{});
  const auto asks = in.spawn<asker>(asker_home, shard, line);
  caf::anon_send(shard,
                 register_device{somebody(), "", "", caf::actor_cast<connection_actor>(asks)});
  const auto time = best_of_runs(run_ms, [&](std::uint64_t count) {
    const auto begin = cpu_ns();
    line.wait_for(1, [&] { caf::anon_send(asks, count); });
    return cpu_ns() - begin;
  });
  caf::anon_send_exit(asks, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(shard, caf::exit_reason::user_shutdown);
  return time;
}

/// A cork whose socket takes everything.
class open_cork final : public net::cork {
public:
  using cork::cork;

private:
  void on_idle() override {}
  void on_write_error() override { std::terminate(); }
  void on_blocked() override { std::terminate(); }
};

/// The two ends of a connection over loopback.
std::pair<net::tcp_socket, net::tcp_socket> connected(asio::io_context& io) {
  net::tcp_acceptor acceptor(io.get_executor(),
                             net::tcp_endpoint(asio::ip::address_v4::loopback(), 0));
  net::tcp_socket client(io.get_executor());
  client.connect(acceptor.local_endpoint());
  auto server = acceptor.accept();
  server.non_blocking(true);
  return {std::move(server), std::move(client)};
}

/// A frame of about 200 bytes, `a_send` of them with each send; what the other end reads is not
/// counted.
double frame_ns(double run_ms, std::size_t a_send) {
  constexpr std::size_t bound = std::size_t{1024} * 1024;
  const std::string body(200, 'x');
  const std::string_view head(body.data(), 4);
  two_workers in;
  auto& home = in.at(0);
  const auto measure = [&](std::uint64_t count) {
    auto [near, far] = connected(home.io());
    open_cork out(net::descriptor{near.release()}, home, bound);
    std::string read(a_send * (head.size() + body.size()), '\0');
    double taken = 0;
    for (std::uint64_t done = 0; done < count; done += a_send) {
      const auto begin = cpu_ns();
      for (std::size_t i = 0; i < a_send; ++i)
        if (!out.append(head, body))
          std::terminate();
      out.flush();
      taken += cpu_ns() - begin;
      asio::read(far, asio::buffer(read));
    }
    home.forget(out);
    return taken;
  };
  return best_of_runs(run_ms, [&](std::uint64_t count) {
    std::packaged_task<double()> task([&] { return measure(count); });
    auto result = task.get_future();
    asio::post(home.io(), std::move(task));
    return result.get();
  });
}

} // namespace

int main(int count, char** arguments) {
  const double run_ms = count > 1 ? std::atof(arguments[1]) : 100;
  if (run_ms <= 0)
    return 2;
  const nlohmann::ordered_json result{
      {"hop_on_a_worker_ns", hop_ns(run_ms, {0, 0}, 1)},
      {"hop_across_workers_ns", hop_ns(run_ms, {0, 1}, 1)},
      {"hop_across_workers_64_under_way_ns", hop_ns(run_ms, {0, 1}, 64)},
      {"look_up_on_a_worker_ns", look_up_ns(run_ms, 0)},
      {"look_up_across_workers_ns", look_up_ns(run_ms, 1)},
      {"frame_ns", frame_ns(run_ms, 1)},
      {"frame_in_a_send_of_8_ns", frame_ns(run_ms, 8)}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}
