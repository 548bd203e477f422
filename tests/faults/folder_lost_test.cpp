/// The data folder is deleted or replaced under the service.
#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/server_process.hpp"

#include <algorithm>
#include <string>
#include <thread>

namespace klatch::faults {

namespace {

/// Sends until it is answered as wanted: "ack" or "error", after some seconds at the latest.
nlohmann::json send_until(extended_client& client, unsigned& cid, const std::string& type) {
  for (int tries = 0; tries < 100; ++tries) {
    client.push_message("boris", "hi", std::to_string(++cid));
    auto said = client.next();
    if (said.at("type") == type)
      return said;
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
  FAIL("no " << type << " in 10 s");
  return {};
}

void expect_unavailable(const nlohmann::json& said) {
  CHECK(said.at("code") == "unavailable");
  CHECK(said.at("temporary") == true);
}

} // namespace

TEST_CASE("the data folder is moved away: nothing is acknowledged into nothing, and it goes on "
          "when the folder is back",
          "[lost]") {
  const scratch_folder folder;
  const auto data = folder / "data";
  server_process server{data};
  extended_client anna{server.endpoint, "anna"};
  unsigned cid = 0;
  send_until(anna, cid, "ack");

  fs::rename(data, folder / "elsewhere");
  expect_unavailable(send_until(anna, cid, "error"));
  const auto line = server.process.standard_error().wait_for_line("the store cannot be used");
  INFO(line);
  CHECK(line.find(data.string() + " has been deleted or moved away") != std::string::npos);
  anna.push({{"type", "history"}, {"with", "boris"}});
  expect_unavailable(anna.next());

  fs::rename(folder / "elsewhere", data);
  const std::size_t last = send_until(anna, cid, "ack").at("n");
  CHECK(anna.history("boris").at("messages").size() == std::min<std::size_t>(last, 50));
  server.stop();
  CHECK(server.process.standard_error().rest().empty()); // it was said once
  expect_sound(data);
}

TEST_CASE("the data folder is deleted, and another one is put there", "[lost]") {
  const scratch_folder folder;
  const auto data = folder / "data";
  server_process server{data};
  extended_client anna{server.endpoint, "anna"};
  unsigned cid = 0;
  send_until(anna, cid, "ack");
  fs::remove_all(data);
  expect_unavailable(send_until(anna, cid, "error"));
  server.process.standard_error().wait_for_line("has been deleted or moved away");

  server_process{data}.stop(); // another store
  server.process.standard_error().wait_for_line("start it again to use what is there now");
  const auto before = bytes_of(data / "klatch.db");
  server.stop();
  CHECK(bytes_of(data / "klatch.db") == before);
  expect_sound(data);
}

} // namespace klatch::faults
