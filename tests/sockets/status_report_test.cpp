// What the service manager is told of how the service is.
#include "app/status_report.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/catch.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace klatch::sockets {

TEST_CASE("how the service is fits on a line", "[status]") {
  using app::line_for;
  CHECK(line_for({.connections = 1, .users = 1}) == "1 connection, 1 user, nothing is stored");
  CHECK(line_for({.connections = 1'234'567, .users = 999, .stored = 1'000, .stores = true}) ==
        "1,234,567 connections, 999 users, 1,000 messages stored");
  CHECK(line_for({.stores = true, .writable = false}) ==
        "0 connections, 0 users, 0 messages stored, the store cannot be written");
  CHECK(line_for({.connections = 812, .users = 5, .draining = true}) ==
        "closing every connection: 812 connections left");
}

TEST_CASE("the service manager is told what is new, and not too often", "[status]") {
  running_service server{store::make_memory_store()};
  boost::asio::io_context loop;
  std::vector<std::string> told;
  constexpr std::chrono::milliseconds interval{50};
  app::status_report report{loop, server.service(),
                            [&](const std::string& state) { told.push_back(state); }, interval};
  const auto begin = std::chrono::steady_clock::now();
  const auto comes = [&](const std::string& state) {
    while (told.empty() || told.back() != state) {
      if (std::chrono::steady_clock::now() - begin > patience)
        return false;
      loop.run_for(std::chrono::milliseconds{5});
    }
    return true;
  };
  report.tell_with("READY=1");
  CHECK(told.back() == "READY=1\nSTATUS=0 connections, 0 users, 0 messages stored");
  {
    auto client = ws_client::registered(server.endpoint(), "7");
    client.push(message_to("7", "hello"));
    client.expect_push(usermsg("7", "7", "hello"));
    CHECK(comes("STATUS=1 connection, 1 user, 1 message stored"));
    client.push_close(1000);
    client.raw().drain_to_end();
  }
  CHECK(comes("STATUS=0 connections, 0 users, 1 message stored"));
  report.set_remark("reload refused: line 1");
  CHECK(comes("STATUS=reload refused: line 1; 0 connections, 0 users, 1 message stored"));
  const auto most = 2 + (std::chrono::steady_clock::now() - begin) / interval;
  CHECK(told.size() <= static_cast<std::size_t>(most));
  const auto before = told.size();
  loop.run_for(3 * interval);
  CHECK(told.size() == before); // There is nothing new.
}

} // namespace klatch::sockets
