/// A commit that takes long: so much waits for it and no more, and everyone else is unhurt.
#include "store/memory/memory_store.hpp"
#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/faulty_machine.hpp"
#include "tests/faults/held_store.hpp"
#include "tests/sockets/running_service.hpp"

#include <vector>

namespace klatch::faults {

namespace {

/// Sends so many messages and waits until each has been dealt with as far as it can be at once;
/// answers the cids of those that were not taken.
std::vector<std::string> send_many(extended_client& by, unsigned count, const std::string& text) {
  for (unsigned number = 1; number <= count; ++number)
    by.push_message("boris", text, std::to_string(number));
  by.push({{"type", "ping"}});
  std::vector<std::string> refused;
  for (auto said = by.next(); said.at("type") != "pong"; said = by.next()) {
    INFO(said.dump().substr(0, 300));
    REQUIRE(said.at("type") == "error");
    REQUIRE(said.at("code") == "unavailable");
    REQUIRE(said.at("temporary") == true);
    refused.push_back(said.at("cid"));
  }
  return refused;
}

/// Registering, resuming and reading work.
void expect_others_unhurt(const net::tcp_endpoint& server, const std::string& epoch) {
  extended_client clara{server, "clara", resume_point{epoch, 0}};
  CHECK(clara.welcome().at("recovered") == true);
  CHECK(clara.expect("usermsg").at("message") == "for clara");
  CHECK(clara.history("anna").at("messages").size() == 1);
  clara.push({{"type", "conversations"}});
  CHECK(clara.expect("conversations").at("conversations").size() == 1);
}

void expect_acks(extended_client& by, std::size_t count, std::uint64_t from_seq) {
  for (std::size_t at = 0; at < count; ++at)
    CHECK(by.expect("ack").at("seq") == from_seq + at);
}

} // namespace

TEST_CASE("a commit that takes long: a bounded number of sends wait, others are told at once",
          "[slow]") {
  constexpr unsigned bound = 100;
  constexpr unsigned sends = 150;
  auto chosen = sockets::usual_options();
  chosen.may_wait.messages = bound;
  const auto hold = std::make_shared<commit_hold>();
  sockets::running_service server{std::make_unique<held_store>(store::make_memory_store("e"), hold),
                                  chosen};
  extended_client anna{server.endpoint(), "anna"};
  extended_client boris{server.endpoint(), "boris"};
  anna.keep("clara", "for clara", "0");

  const commit_hold::scope until_it_ends{*hold};
  anna.push_message("boris", "in the commit", "held");
  hold->wait_for_commit();
  const auto refused = send_many(anna, sends, "hi");
  CHECK(refused.size() == sends + 1 - bound);
  CHECK(refused.front() == std::to_string(bound));
  expect_others_unhurt(server.endpoint(), "e");
  hold->end();

  expect_acks(anna, bound, 2);
  for (const auto& cid : refused)
    anna.keep("boris", "hi", cid);
  for (unsigned seq = 1; seq <= sends + 1; ++seq)
    CHECK(boris.expect("usermsg").at("seq") == seq);
  CHECK(anna.history("boris").at("messages").size() == sends + 1);
}

TEST_CASE("a disk that hangs: so many bytes wait for it, others are told at once", "[slow]") {
  if (!faulty_machine::is_possible())
    return;
  constexpr unsigned senders = 4;
  constexpr unsigned sends = 200; // of one sender; all senders' are more than may wait
  constexpr std::size_t text_size = 60'000;
  constexpr std::size_t bound = 32UL * 1024 * 1024 / text_size;
  faulty_machine machine;
  const scratch_folder folder;
  server_process server{folder / "data"};
  std::vector<std::unique_ptr<extended_client>> crowd;
  for (unsigned number = 0; number < senders; ++number)
    crowd.push_back(
        std::make_unique<extended_client>(server.endpoint, "sender " + std::to_string(number)));
  extended_client anna{server.endpoint, "anna"};
  anna.keep("clara", "for clara", "0");

  machine.hold_disk();
  std::vector<std::vector<std::string>> refused;
  std::size_t all_refused = 0;
  for (const auto& each : crowd) {
    refused.push_back(send_many(*each, sends, std::string(text_size, 'x')));
    all_refused += refused.back().size();
  }
  CHECK(all_refused == senders * sends - bound);
  expect_others_unhurt(server.endpoint, anna.epoch());
  machine.release_disk();

  for (unsigned number = 0; number < senders; ++number) {
    expect_acks(*crowd[number], sends - refused[number].size(), 1);
    for (const auto& cid : refused[number])
      crowd[number]->keep("boris", "again", cid);
  }
  const extended_client boris{server.endpoint, "boris"};
  CHECK(boris.welcome().at("head") == senders * sends);
}

} // namespace klatch::faults
