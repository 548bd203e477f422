/// `klatch backup` of a server under load.
#include "tests/catch.hpp"
#include "tests/faults/crowd.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/server_process.hpp"
#include "tests/faults/whole_check.hpp"

#include <fstream>
#include <random>

namespace klatch::faults {

namespace {

std::vector<std::string> backing_up(const fs::path& data, const fs::path& target) {
  return {"--data", data.string(), "backup", target.string()};
}

void expect_no_fault(const told_log& log) {
  INFO(log.description());
  CHECK(log.found().all() == 0);
}

} // namespace

TEST_CASE("a backup under load is whole, sound and serves, as another log", "[backup]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  const scratch_folder folder;
  const auto copy = folder / "copy";
  fs::create_directory(copy);
  crowd users{seed};
  server_process server{folder / "data"};
  users.connect(server.endpoint);
  users.run_for(3000);

  auto told_before = users.log();
  sockets::child_process backup{backing_up(folder / "data", copy / "klatch.db")};
  users.run_until([&] { return fs::exists(copy / "klatch.db"); });
  users.run_for(500); // it did not stop for that
  CHECK(backup.wait(soon) == 0);
  CHECK(backup.standard_output().rest().find((copy / "klatch.db").string()) != std::string::npos);

  expect_sound(folder / "data"); // of a running server, under load too
  expect_sound(copy);
  {
    const server_process restored{copy};
    check_all_stored(restored.endpoint, told_before);
    expect_no_fault(told_before);
    CHECK(told_before.acknowledgements() >= 3000);
    const extended_client anna{restored.endpoint, "anna"};
    const auto epoch = extended_client{server.endpoint, "somebody"}.epoch();
    CHECK(anna.epoch() != epoch);
    const extended_client resumed{restored.endpoint, "anna", resume_point{epoch, 1}};
    CHECK(resumed.welcome().at("recovered") == false);
  }
  users.settle();
  check_all_stored(server.endpoint, users.log());
  expect_no_fault(users.log());
}

TEST_CASE("a backup does not write over a file", "[backup]") {
  const scratch_folder folder;
  const auto target = folder / "there";
  std::ofstream{target} << "mine";
  {
    server_process server{folder / "data"};
    extended_client{server.endpoint, "anna"}.keep("boris", "hi", "1");
    const auto refused = run_to_end(backing_up(folder / "data", target));
    INFO(refused.output << refused.errors);
    CHECK((refused.status == 1 || refused.status == 2));
    CHECK(refused.output.empty());
    CHECK(refused.errors.find(target.string()) != std::string::npos);
    server.stop();
  }
  std::string kept;
  std::ifstream{target} >> kept;
  CHECK(kept == "mine");
}

TEST_CASE("a backup of a folder without a store says so and makes nothing", "[backup]") {
  const scratch_folder folder;
  const auto refused = run_to_end(backing_up(folder / "nowhere", folder / "copy"));
  INFO(refused.output << refused.errors);
  CHECK((refused.status == 1 || refused.status == 2));
  CHECK_FALSE(refused.errors.empty());
  CHECK_FALSE(fs::exists(folder / "copy"));
  CHECK_FALSE(fs::exists(folder / "nowhere"));
}

} // namespace klatch::faults
