// Connections that are refused before they are read: answered at once, and few are kept.
#include "net/accept/turned_away.hpp"
#include "tests/catch.hpp"
#include "tests/net/socket_pair.hpp"

#include <cstddef>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace klatch::net {

namespace {

using namespace std::chrono_literals;

/// Whether the server's end is closed, beyond having said all.
bool is_closed(const descriptor& client) {
  return ::send(client.get(), "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0;
}

} // namespace

TEST_CASE("a connection that is turned away gets the reason, and only some are kept for a moment",
          "[turned away]") {
  turned_away those;
  const turned_away::clock::time_point now{};
  std::vector<descriptor> clients;
  for (int number = 0; number < 5; ++number) {
    test::socket_pair ends;
    those.add(std::move(ends.near), "no", 2, now + number * 1ms);
    clients.push_back(std::move(ends.far));
  }
  CHECK(those.size() == 2);
  for (std::size_t index = 0; index < clients.size(); ++index) {
    CHECK(test::heard(clients[index]) == "no");
    CHECK(is_closed(clients[index]) == (index < 3));
  }
  SECTION("they are closed when their time is over") {
    CHECK(those.close_due(now + 3ms + turned_away::time_to_read));
    CHECK(those.size() == 1);
    CHECK(is_closed(clients[3]));
    CHECK_FALSE(those.close_due(now + 4ms + turned_away::time_to_read));
    CHECK(is_closed(clients[4]));
  }
  SECTION("where none may be kept, none is") {
    test::socket_pair ends;
    those.add(std::move(ends.near), "no", 0, now + 9ms);
    CHECK(those.size() == 0);
    CHECK(test::heard(ends.far) == "no");
  }
}

} // namespace klatch::net
