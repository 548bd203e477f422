/// Visitors of the binary: made, the same after a restart, and in no file before they write.
#include "messages/auth/key_text.hpp"
#include "store/sqlite/database.hpp"
#include "tests/catch.hpp"
#include "tests/sockets/child_process.hpp"
#include "tests/sockets/ws_client.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace klatch::sockets {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// A folder with a key and room for a store.
class guests_folder {
public:
  guests_folder() {
    auto pattern = (fs::temp_directory_path() / "klatch-guests-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    fs::create_directories(folder_ / "keys");
    std::ofstream{folder_ / "keys/site.token"} << make_secret_text({});
    fs::permissions(folder_ / "keys/site.token", fs::perms::owner_read | fs::perms::owner_write);
  }
  guests_folder(const guests_folder&) = delete;
  guests_folder& operator=(const guests_folder&) = delete;
  ~guests_folder() { fs::remove_all(folder_); }

  fs::path data() const { return folder_ / "data"; }
  std::vector<std::string> arguments(std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--listen", "127.0.0.1:0", "--keys", (folder_ / "keys").string(),
                             "--data", data().string(), "--guests", "on", "--guest-contact", "7",
                             "--guest-rate", "0", "--drain", "0"});
    return more;
  }

private:
  fs::path folder_;
};

json next_frame(ws_client& client) { return json::parse(client.raw().read_frame().payload); }

json registered_guest(ws_client& client, const std::string& token = {}) {
  json frame{{"type", "system"}, {"v", 2}, {"name", "Visitor"}};
  if (token.empty())
    frame.update({{"guest", true}, {"projectId", "shop"}});
  else
    frame["token"] = token;
  client.push(frame.dump());
  return next_frame(client);
}

void stop(child_process& server) {
  server.signal(SIGTERM);
  CHECK(server.wait(std::chrono::seconds{10}) == 0);
}

} // namespace

TEST_CASE("a guest is the same one after a restart, and so is what was said", "[guests]") {
  const guests_folder folder;
  json before;
  {
    child_process server{folder.arguments()};
    ws_client visitor{server.wait_until_ready()};
    before = registered_guest(visitor);
    visitor.push(R"({"type":"user","to_id":"7","message":"hi","cid":"c1"})");
    CHECK(next_frame(visitor).at("type") == "ack");
    visitor.push(R"({"type":"user","to_id":"8","message":"hi","cid":"c2"})");
    CHECK(next_frame(visitor).at("code") == "forbidden");
    stop(server);
  }
  child_process server{folder.arguments()};
  ws_client visitor{server.wait_until_ready()};
  const auto after = registered_guest(visitor, before.at("token"));
  CHECK(after.at("id") == before.at("id"));
  CHECK(after.at("role") == "guest");
  CHECK(after.at("head") == 1);
}

TEST_CASE("visitors that only look leave nothing behind", "[guests]") {
  const guests_folder folder;
  child_process server{folder.arguments({"--max-per-address", "0"})};
  const auto endpoint = server.wait_until_ready();
  {
    std::vector<ws_client> visitors;
    for (int i = 0; i < 300; ++i) {
      visitors.emplace_back(endpoint);
      CHECK(registered_guest(visitors.back()).at("role") == "guest");
    }
    visitors.front().push(R"({"type":"user","to_id":"8","message":"hi","cid":"c1"})");
    CHECK(next_frame(visitors.front()).at("code") == "forbidden");
  }
  stop(server);
  store::database file{folder.data() / "klatch.db", store::database::access::read_write};
  for (const auto* table : {"users", "profiles", "conversations", "log"})
    CHECK(file.number((std::string{"SELECT count(*) FROM "} + table).c_str()) == 0);
}

TEST_CASE("without keys guests are refused at the start", "[guests]") {
  child_process server{{"--listen", "127.0.0.1:0", "--store", "none", "--guests", "on"}};
  const auto said = server.standard_error().rest();
  CHECK(server.wait(std::chrono::seconds{10}) == 2);
  CHECK(said.find("--guests on needs keys") != std::string::npos);
}

TEST_CASE("no secret of guests stands in the log", "[guests]") {
  const guests_folder folder;
  child_process server{folder.arguments({"--log-level", "trace"})};
  const auto endpoint = server.wait_until_ready();
  ws_client visitor{endpoint};
  const auto token = registered_guest(visitor).at("token").get<std::string>();
  ws_client stranger{endpoint};
  stranger.push(R"({"type":"system","v":2,"token":")" + token + R"(x"})");
  CHECK(next_frame(stranger).at("guests") == true);
  server.signal(SIGTERM);
  const auto log = server.standard_error().rest();
  CHECK(server.wait(std::chrono::seconds{10}) == 0);
  std::ifstream file{folder.data() / "guest.key"};
  std::string secret;
  std::getline(file, secret);
  REQUIRE(secret.size() > 40);
  for (const auto& each : {secret, token, token.substr(token.rfind('.'))})
    CHECK(log.find(each) == std::string::npos);
}

} // namespace klatch::sockets
