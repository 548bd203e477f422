/// The room that the store leaves on its disk: beyond it nothing is taken, until there is more.
#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/small_disk.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <thread>
#include <unistd.h>

namespace klatch::faults {

namespace {

constexpr std::size_t mib = 1024UL * 1024;

std::size_t free_bytes(const fs::path& folder) {
  struct statvfs found {};
  REQUIRE(::statvfs(folder.c_str(), &found) == 0);
  return found.f_bavail * found.f_frsize;
}

/// Leaves `left` bytes on the disk.
void fill_but(const fs::path& file, std::size_t left) {
  const auto free = free_bytes(file.parent_path());
  REQUIRE(free > left);
  const int filler = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(filler >= 0);
  CHECK(::posix_fallocate(filler, 0, static_cast<off_t>(free - left)) == 0);
  ::close(filler);
}

/// Sends large texts until one is answered as wanted. Returns how many were answered otherwise.
int send_till(extended_client& client, unsigned& cid, const std::string& type) {
  static const std::string text(60'000, 'x');
  for (int tries = 0; tries < 3000; ++tries) {
    client.push_message("boris", text, std::to_string(++cid));
    const auto said = client.next();
    if (said.at("type") == type) {
      if (type == "error") {
        CHECK(said.at("code") == "unavailable");
        CHECK(said.at("temporary") == true);
      }
      return tries;
    }
    if (said.at("type") == "error")
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  FAIL("no " << type);
  return 0;
}

} // namespace

TEST_CASE("what --min-free says is left free on the disk, and the service goes on by itself when "
          "there is room",
          "[full]") {
  const auto disk = small_disk::mount(96 * mib);
  if (!disk)
    return;
  constexpr std::size_t least = 16 * mib;
  server_process server{disk->path() / "data", {"--sync", "normal"}, "16"};
  extended_client anna{server.endpoint, "anna"};
  unsigned cid = 0;
  send_till(anna, cid, "ack");
  // By its own messages.
  send_till(anna, cid, "error");
  CHECK(free_bytes(disk->path()) >= least);
  const auto line = server.process.standard_error().wait_for_line("--min-free");
  CHECK(line.find((disk->path() / "data").string()) != std::string::npos);
  int stored = 0;
  for (int times = 0; times < 20; ++times)
    stored += send_till(anna, cid, "error");
  CHECK_FALSE(anna.history("boris").at("messages").empty());
  CHECK(free_bytes(disk->path()) >= least);
  server.stop();
  // It was said once for each time that there was no room: what the checkpointer moves gives some.
  const auto rest = server.process.standard_error().rest();
  CHECK(std::count(rest.begin(), rest.end(), '\n') <= stored);
  expect_sound(disk->path() / "data");
}

TEST_CASE("room that others take and give back counts for --min-free", "[full]") {
  const auto disk = small_disk::mount(96 * mib);
  if (!disk)
    return;
  server_process server{disk->path() / "data", {}, "16"};
  extended_client anna{server.endpoint, "anna"};
  unsigned cid = 0;
  send_till(anna, cid, "ack");
  fill_but(disk->path() / "filler", 12 * mib);
  send_till(anna, cid, "error");
  disk->empty();
  send_till(anna, cid, "ack");
}

} // namespace klatch::faults
