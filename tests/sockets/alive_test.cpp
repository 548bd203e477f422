// Whether the service is alive, as its watchdog asks.
#include "net/loop/scheduler.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/catch.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"
#include "tests/store/forwarding_store.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace klatch::sockets {

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds soon{60};

/// A store that takes nothing until it is let go.
class stuck_store final : public test::forwarding_store {
public:
  explicit stuck_store(std::shared_future<void> release)
      : forwarding_store(store::make_memory_store("e")), release_(std::move(release)) {}

  std::vector<store::outcome> append(std::span<const store::operation> batch,
                                     std::int64_t now) override {
    release_.wait();
    return forwarding_store::append(batch, now);
  }

private:
  std::shared_future<void> release_;
};

} // namespace

TEST_CASE("who asks whether the service is alive is answered by all or not at all", "[alive]") {
  std::promise<void> release;
  running_service server{std::make_unique<stuck_store>(release.get_future().share())};
  std::promise<void> alive;
  auto answered = alive.get_future();
  const auto ask = [&] { server.service().check_alive([&] { alive.set_value(); }); };
  SECTION("nothing is stuck") {
    ask();
    CHECK(answered.wait_for(soon) == std::future_status::ready);
    release.set_value();
  }
  SECTION("the archive is stuck") {
    auto client = ws_client::registered(server.endpoint(), "7");
    client.push(message_to("5", "x"));
    client.push("nonsense");
    client.expect_error("bad_json"); // so the one before is on its way
    std::this_thread::sleep_for(milliseconds{200});
    ask();
    CHECK(answered.wait_for(milliseconds{300}) == std::future_status::timeout);
    release.set_value();
    CHECK(answered.wait_for(soon) == std::future_status::ready);
  }
  SECTION("a worker is stuck") {
    auto& pool = net::scheduler::of(server.service().system());
    std::promise<void> go_on;
    boost::asio::post(pool.at(pool.size() - 1).io(), [&] { go_on.get_future().wait(); });
    ask();
    CHECK(answered.wait_for(milliseconds{300}) == std::future_status::timeout);
    go_on.set_value();
    CHECK(answered.wait_for(soon) == std::future_status::ready);
    release.set_value();
  }
}

} // namespace klatch::sockets
