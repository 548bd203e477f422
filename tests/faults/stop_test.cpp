/// Told to stop under load: in order, and with everything that was acknowledged.
#include "tests/catch.hpp"
#include "tests/faults/crowd.hpp"
#include "tests/faults/server_process.hpp"
#include "tests/faults/whole_check.hpp"

#include <csignal>
#include <random>

namespace klatch::faults {

TEST_CASE("SIGTERM under load: exit status 0, and everything acknowledged is there", "[stop]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  const scratch_folder folder;
  crowd users{seed};
  for (int times = 0; times < 5; ++times) {
    server_process server{folder / "data"};
    users.connect(server.endpoint);
    users.run_for(500 + up_to(users.random(), 500));
    server.process.signal(times % 2 == 0 ? SIGTERM : SIGINT);
    users.read_to_end();
    REQUIRE(server.process.wait(soon) == 0);
    CHECK(server.process.standard_error().rest().empty());
    expect_sound(folder / "data");
  }
  server_process server{folder / "data"};
  users.connect(server.endpoint);
  users.settle();
  check_all_stored(server.endpoint, users.log());
  users.plain().check_received();
  INFO(users.log().description());
  CHECK(users.log().found().all() == 0);
}

} // namespace klatch::faults
