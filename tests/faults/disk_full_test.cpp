/// The disk is full: sends are not taken, nothing is lost, and it goes on when there is room.
#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/small_disk.hpp"
#include "tests/faults/told_log.hpp"
#include "tests/faults/whole_check.hpp"

namespace klatch::faults {

namespace {

constexpr std::size_t disk_size = 16UL * 1024 * 1024;
constexpr unsigned most_sends = 20'000;

/// anna, who writes to boris and takes down what she is told.
class writer {
public:
  writer(const net::tcp_endpoint& to, told_log& log) : client_(to, "anna"), log_(log) {}

  /// Sends `cid`, again or for the first time; says whether it was taken.
  bool send(unsigned cid) {
    const auto key = std::to_string(cid);
    client_.push_message("boris", text_of(key), key);
    const auto said = client_.next();
    if (said.at("type") == "ack") {
      log_.acknowledged("anna", "boris", key,
                        {std::stoull(said.at("mid").get<std::string>()), said.at("n"),
                         said.at("seq"), said.at("ts")});
      return true;
    }
    INFO(said.dump());
    REQUIRE(said.at("code") == "unavailable");
    REQUIRE(said.at("temporary") == true);
    REQUIRE(said.at("cid") == key);
    return false;
  }

private:
  extended_client client_;
  told_log& log_;
};

void expect_readable(const net::tcp_endpoint& server, const told_log& log) {
  extended_client boris{server, "boris", resume_point{}};
  CHECK(boris.welcome().at("head") == log.acknowledgements());
  CHECK_FALSE(boris.history("anna").at("messages").empty());
}

void expect_nothing_lost(const net::tcp_endpoint& server, told_log& log) {
  check_all_stored(server, log);
  INFO(log.description());
  CHECK(log.found().all() == 0);
}

} // namespace

TEST_CASE("the disk is full: sends are refused for now, nothing acknowledged is lost, and it goes "
          "on by itself",
          "[full]") {
  const auto disk = small_disk::mount(disk_size);
  if (!disk)
    return;
  told_log log;
  unsigned cid = 0;
  {
    const server_process server{disk->path() / "data"};
    writer anna{server.endpoint, log};
    for (int times = 0; times < 3; ++times) {
      for (const auto end = cid + 100; cid < end; ++cid)
        REQUIRE(anna.send(cid));
      disk->fill();
      while (anna.send(cid)) // what the store has room for in its files
        REQUIRE(++cid < most_sends);
      for (const auto end = cid + 20; cid < end; ++cid) {
        CHECK_FALSE(anna.send(cid));
        CHECK_FALSE(anna.send(cid));
      }
      expect_readable(server.endpoint, log);
      disk->empty();
      for (auto refused = cid - 20; refused < cid; ++refused)
        REQUIRE(anna.send(refused));
    }
    expect_nothing_lost(server.endpoint, log);
  }
  expect_sound(disk->path() / "data");
  const server_process server{disk->path() / "data"};
  expect_nothing_lost(server.endpoint, log);
}

} // namespace klatch::faults
