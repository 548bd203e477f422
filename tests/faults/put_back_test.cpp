/// A copy of the data folder is put back: who knows more than it has is told to start over.
#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/server_process.hpp"

namespace klatch::faults {

namespace {

/// Serves `data`, stores messages from `from` to `to` for boris, and returns the epoch.
std::string serve_and_keep(const fs::path& data, unsigned from, unsigned to) {
  server_process server{data};
  extended_client anna{server.endpoint, "anna"};
  for (auto number = from; number <= to; ++number)
    anna.keep("boris", std::to_string(number), "c" + std::to_string(number));
  auto epoch = anna.epoch();
  server.stop();
  return epoch;
}

} // namespace

TEST_CASE("a folder that was put back by copy recovers whole or not at all", "[put_back]") {
  const scratch_folder folder;
  const auto data = folder / "data";
  const auto first = serve_and_keep(data, 1, 3);
  fs::copy(data, folder / "copy", fs::copy_options::recursive);
  const auto lost = serve_and_keep(data, 4, 8);
  fs::rename(data, folder / "old");
  fs::rename(folder / "copy", data);
  serve_and_keep(data, 4, 12);

  const server_process server{data};
  for (const auto since : {8U, 3U, 0U}) {
    const extended_client boris{server.endpoint, "boris", resume_point{lost, since}};
    CHECK(boris.welcome().at("recovered") == false);
    CHECK(boris.welcome().at("head") == 12);
  }
  extended_client boris{server.endpoint, "boris", resume_point{first, 3}};
  CHECK(boris.welcome().at("recovered") == true);
  CHECK(boris.epoch() != first);
  for (unsigned number = 4; number <= 12; ++number)
    CHECK(boris.expect("usermsg").at("seq") == number);
}

} // namespace klatch::faults
