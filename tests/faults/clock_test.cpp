/// The clock steps back: `ts` never falls within a conversation.
#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/faulty_machine.hpp"

namespace klatch::faults {

namespace {

using std::chrono::hours;

std::int64_t keep_one(extended_client& by, const std::string& to, const std::string& cid) {
  return by.keep(to, "hi", cid).at("ts");
}

} // namespace

TEST_CASE("the clock steps back: ts does not fall within a conversation, also after a restart",
          "[clock]") {
  if (!faulty_machine::is_possible())
    return;
  faulty_machine machine;
  const scratch_folder folder;
  std::int64_t first = 0;
  {
    const server_process server{folder / "data"};
    extended_client anna{server.endpoint, "anna"};
    extended_client boris{server.endpoint, "boris"};
    first = keep_one(anna, "boris", "1");
    machine.set_clock(hours{-1});
    CHECK(keep_one(anna, "boris", "2") == first);
    boris.expect("usermsg");
    boris.expect("usermsg");
    CHECK(keep_one(boris, "anna", "1") == first);
    CHECK(keep_one(boris, "clara", "2") < first); // another conversation has no past
  }
  machine.set_clock(hours{-2});
  const server_process server{folder / "data"};
  extended_client anna{server.endpoint, "anna"};
  CHECK(keep_one(anna, "boris", "3") == first);
  machine.set_clock(hours{1});
  CHECK(keep_one(anna, "boris", "4") > first);

  std::int64_t before = 0;
  std::uint64_t n = 0;
  const auto page = anna.history("boris");
  for (const auto& each : page.at("messages")) {
    CHECK(each.at("n") == ++n);
    CHECK(each.at("ts") >= before);
    before = each.at("ts");
  }
  CHECK(n == 5);
}

} // namespace klatch::faults
