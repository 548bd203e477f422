/// --retain: old messages go, and whoever had not read them is told.
#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/faulty_machine.hpp"

#include <thread>

namespace klatch::faults {

namespace {

using std::chrono::hours;

/// More than are forgotten in one step.
constexpr unsigned old_messages = 450;
constexpr unsigned young_messages = 30;

void keep_some(extended_client& by, unsigned from, unsigned to) {
  for (auto number = from; number <= to; ++number)
    by.push_message("boris", std::to_string(number), std::to_string(number));
  for (auto number = from; number <= to; ++number)
    CHECK(by.expect("ack").at("n") == number);
}

std::uint64_t floor_of(const net::tcp_endpoint& server, const std::string& user) {
  return extended_client{server, user}.welcome().at("floor");
}

/// It looks for old messages every ten seconds, and no event says when.
void wait_for_floor(const net::tcp_endpoint& server, std::uint64_t floor) {
  const auto limit = std::chrono::steady_clock::now() + soon;
  std::uint64_t before = 1;
  for (auto found = before; found != floor; found = floor_of(server, "boris")) {
    CHECK(found >= before);
    CHECK(found < floor);
    before = found;
    REQUIRE(std::chrono::steady_clock::now() < limit);
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
}

/// A clock that is days ahead for a while takes nothing.
void expect_no_harm_of_a_jump(faulty_machine& machine, const net::tcp_endpoint& server) {
  for (const auto off : {std::chrono::days{3}, std::chrono::days{0}}) {
    machine.set_clock(off);
    std::this_thread::sleep_for(std::chrono::seconds{11}); // it looks every ten
    CHECK(floor_of(server, "boris") == 1);
  }
}

void expect_no_way_back(const net::tcp_endpoint& server, const std::string& epoch) {
  const extended_client late{server, "boris", resume_point{epoch, old_messages - 1}};
  CHECK(late.welcome().at("recovered") == false);
  CHECK(late.welcome().at("floor") == old_messages + 1);
  CHECK(late.welcome().at("head") == old_messages + young_messages);
}

void expect_only_young_ones(const net::tcp_endpoint& server, const std::string& epoch) {
  constexpr auto all = old_messages + young_messages;
  extended_client boris{server, "boris", resume_point{epoch, old_messages}};
  CHECK(boris.welcome().at("recovered") == true);
  for (auto number = old_messages + 1; number <= all; ++number) {
    const auto entry = boris.expect("usermsg");
    CHECK(entry.at("seq") == number);
    CHECK(entry.at("message") == std::to_string(number));
  }
  const auto page = boris.history("anna");
  CHECK(page.at("messages").size() == young_messages);
  CHECK(page.at("messages").front().at("n") == old_messages + 1);
}

} // namespace

TEST_CASE("what is older than --retain is forgotten, and numbers go on", "[retain]") {
  if (!faulty_machine::is_possible())
    return;
  faulty_machine machine;
  const scratch_folder folder;
  constexpr auto all = old_messages + young_messages;
  {
    const server_process server{folder / "data", {"--retain", "1"}};
    extended_client anna{server.endpoint, "anna"};
    keep_some(anna, 1, old_messages);
    expect_no_harm_of_a_jump(machine, server.endpoint);
    machine.have_slept(hours{12});
    keep_some(anna, old_messages + 1, all);
    CHECK(floor_of(server.endpoint, "boris") == 1);
    machine.have_slept(hours{25});
    wait_for_floor(server.endpoint, old_messages + 1);
    expect_no_way_back(server.endpoint, anna.epoch());
    expect_only_young_ones(server.endpoint, anna.epoch());
    keep_some(anna, all + 1, all + 1);
  }
  expect_sound(folder / "data");

  const server_process server{folder / "data"};
  const extended_client boris{server.endpoint, "boris"};
  CHECK(boris.welcome().at("floor") == old_messages + 1);
  CHECK(boris.welcome().at("head") == all + 1);
  extended_client anna{server.endpoint, "anna"};
  CHECK(anna.keep("boris", "goes on", "again").at("n") == all + 2);
  // Its message is forgotten, and so is its key.
  CHECK(anna.keep("boris", "new", "1").at("n") == all + 3);
}

} // namespace klatch::faults
