// `/readyz`, and the check behind it.
#include "app/readiness.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/net/pool.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/scrape.hpp"
#include "tests/sockets/ws_client.hpp"
#include "tests/store/forwarding_store.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace klatch::sockets {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// Fails while the test says so.
class full_store final : public test::forwarding_store {
public:
  explicit full_store(std::atomic<bool>& full)
      : forwarding_store(store::make_memory_store()), full_(full) {}

  std::vector<store::outcome> append(std::span<const store::operation> batch,
                                     std::int64_t now) override {
    if (full_)
      throw store::unavailable{"the disk is full"};
    return forwarding_store::append(batch, now);
  }

private:
  std::atomic<bool>& full_;
};

bool comes(const net::tcp_endpoint& at, int status) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < until)
    if (get_from(at, "/readyz").status == status)
      return true;
  return false;
}

} // namespace

TEST_CASE("/readyz answers 200 while all is well") {
  running_service server;
  const auto reply = get_from(server.endpoint(), "/readyz");
  CHECK(reply.status == 200);
  CHECK(reply.fields.at("content-type") == "application/json");
  CHECK(json::parse(reply.body) == json{{"ready", true}});
}

TEST_CASE("a service that stops is not ready, and says so to whom it still listens") {
  std::vector<net::bound_socket> sockets;
  sockets.emplace_back("127.0.0.1", 0);
  std::vector<net::bound_socket> for_operators;
  for_operators.emplace_back("127.0.0.1", 0);
  const auto there = for_operators.front().endpoint();
  running_service server{usual_options(), nullptr, std::move(sockets), nullptr,
                         std::move(for_operators)};
  CHECK(server.drain(10ms).get() == 0);
  const auto reply = get_from(there, "/readyz");
  CHECK(reply.status == 503);
  CHECK(reply.fields.at("retry-after") == "1");
  CHECK(json::parse(reply.body) == json{{"ready", false}, {"reasons", {"draining"}}});
  CHECK(scrape_of(there).at("klatch_draining") == 1);
  CHECK(scrape_of(there).at("klatch_ready") == 0);
}

TEST_CASE("a store that cannot be written makes the service not ready, until it can be again") {
  std::atomic<bool> full = false;
  running_service server{std::make_unique<full_store>(full)};
  ws_client client{server.endpoint()};
  client.push(json{{"type", "system"}, {"v", 2}, {"id", "anna"}, {"projectId", "p"}}.dump());
  client.raw().read_frame();
  full = true;
  spdlog::set_level(spdlog::level::off); // The failure is logged, as it should be.
  client.push(json{{"type", "user"}, {"to_id", "boris"}, {"message", "hi"}, {"cid", "c1"}}.dump());
  CHECK(json::parse(client.raw().read_frame().payload).at("code") == "unavailable");
  const auto reply = get_from(server.endpoint(), "/readyz");
  CHECK(reply.status == 503);
  CHECK(json::parse(reply.body) == json{{"ready", false}, {"reasons", {"store_not_writable"}}});
  CHECK(scrape_of(server.endpoint()).at("klatch_store_writable") == 0);
  full = false; // Nobody has to write for it to be noticed.
  CHECK(comes(server.endpoint(), 200));
}

TEST_CASE("a worker that has given no sign of life for ten seconds is stuck") {
  test::pool workers{2};
  const store_counters stored;
  const app::readiness state{{&workers.at(0), &workers.at(1)}, stored};
  const auto now = std::chrono::steady_clock::now();
  CHECK(state.all_alive(now));
  CHECK(state.reasons(now).empty());
  const auto later = workers.at(0).last_beat() + app::readiness::stuck_after + 1h;
  CHECK_FALSE(state.all_alive(later));
  CHECK(state.reasons(later) == std::vector<std::string_view>{"worker_stuck"});
}

TEST_CASE("a worker notes the time as long as its loop turns") {
  test::pool workers{1};
  const auto first = workers.at(0).last_beat();
  const auto until = std::chrono::steady_clock::now() + test::patience;
  while (workers.at(0).last_beat() == first && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(10ms);
  CHECK(workers.at(0).last_beat() - first >= net::worker::beat_interval - 1ms);
}

} // namespace klatch::sockets
