/// A disk that hangs: so much waits for it and no more, and everyone else is unhurt.
#include "tests/catch.hpp"
#include "tests/faults/faulty_machine.hpp"
#include "tests/faults/many_sends.hpp"

#include <memory>
#include <vector>

namespace klatch::faults {

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
