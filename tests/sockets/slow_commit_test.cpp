// A commit that takes long: so much waits for it and no more, and everyone else is unhurt.
#include "store/memory/memory_store.hpp"
#include "tests/catch.hpp"
#include "tests/faults/held_store.hpp"
#include "tests/faults/many_sends.hpp"
#include "tests/sockets/running_service.hpp"

#include <memory>

namespace klatch::sockets {

using faults::commit_hold;
using faults::expect_acks;
using faults::expect_others_unhurt;
using faults::extended_client;
using faults::held_store;
using faults::send_many;

TEST_CASE("a commit that takes long: a bounded number of sends wait, others are told at once",
          "[slow]") {
  constexpr unsigned bound = 100;
  constexpr unsigned sends = 150;
  auto chosen = usual_options();
  chosen.may_wait.messages = bound;
  const auto hold = std::make_shared<commit_hold>();
  running_service server{std::make_unique<held_store>(store::make_memory_store("e"), hold), chosen};
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

} // namespace klatch::sockets
