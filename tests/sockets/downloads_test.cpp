/// Large files of `--web`: sent in pieces, as fast as they are read.
#include "tests/sockets/child_process.hpp"
#include "tests/sockets/raw_client.hpp"
#include "tests/sockets/running_service.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace klatch::sockets {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

/// A folder with an empty page; gone at the end.
class download_folder {
public:
  download_folder() {
    auto pattern = (fs::temp_directory_path() / "klatch-large-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    std::ofstream{folder_ / "index.html"} << "page";
  }
  download_folder(const download_folder&) = delete;
  download_folder& operator=(const download_folder&) = delete;
  ~download_folder() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  const fs::path& path() const { return folder_; }

  /// A file of zeros, which takes no room.
  void add(std::string_view name, std::uintmax_t bytes) const {
    std::ofstream{folder_ / name}.flush();
    fs::resize_file(folder_ / name, bytes);
  }

private:
  fs::path folder_;
};

std::string get(std::string_view path) {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

/// How much comes until the connection ends.
std::size_t bytes_to_end(const raw_client& client) {
  std::vector<char> chunk(64 * kib);
  const auto limit = std::chrono::steady_clock::now() + patience;
  for (std::size_t all = 0;;) {
    REQUIRE(wait_for(client.descriptor(), POLLIN, limit));
    const auto got = ::recv(client.descriptor(), chunk.data(), chunk.size(), 0);
    if (got <= 0)
      return all;
    all += static_cast<std::size_t>(got);
  }
}

/// Deadlines of a tenth of a second.
app::service_options in_a_hurry() {
  auto options = usual_options();
  options.network.times.tick = 10ms;
  options.network.times.request = 100ms;
  options.network.times.gone = 300ms;
  return options;
}

} // namespace

TEST_CASE("a large file comes whole, and the connection goes on") {
  const download_folder folder;
  std::string content;
  for (int number = 0; content.size() < 5'000'000; ++number)
    content += std::to_string(number) + '\n';
  std::ofstream{folder.path() / "large.txt", std::ios::binary} << content;
  const net::asset_folder assets{folder.path()};
  running_service server{usual_options(), &assets};
  raw_client client{server.endpoint()};
  client.write(get("/large.txt") + "HEAD /large.txt HTTP/1.1\r\nHost: localhost\r\n\r\n" +
               get("/healthz") + get("/large.txt"));
  const auto reply = client.read_reply();
  CHECK(reply.status == 200);
  CHECK((reply.body == content)); // not printed
  const auto head = client.read_reply(true);
  CHECK(head.fields.at("content-length") == std::to_string(content.size()));
  CHECK(head.fields.at("etag") == reply.fields.at("etag"));
  CHECK(client.read_reply().body == "ok\n");
  CHECK((client.read_reply().body == content));
  client.write("GET /large.txt HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: " +
               reply.fields.at("etag") + "\r\n\r\n");
  CHECK(client.read_reply().status == 304);
}

TEST_CASE("a slow reader gets all of a file, and one that reads nothing is given up") {
  const download_folder folder;
  constexpr std::size_t size = 2'000'000;
  folder.add("large.bin", size);
  folder.add("huge.bin", 10 * size); // more than the system takes by itself
  const net::asset_folder assets{folder.path()};
  running_service server{in_a_hurry(), &assets};
  raw_client client{server.endpoint(), 32 * kib};
  SECTION("slow: it takes far longer than any deadline") {
    client.write(get("/large.bin"));
    client.read_line_block();
    const auto start = std::chrono::steady_clock::now();
    std::size_t got = 0;
    while (got < size) {
      const auto bytes = std::min<std::size_t>(100'000, size - got);
      client.read(bytes);
      got += bytes;
      std::this_thread::sleep_for(50ms);
    }
    CHECK(std::chrono::steady_clock::now() - start > 3 * in_a_hurry().network.times.gone);
    client.write(get("/healthz"));
    CHECK(client.read_reply().status == 200);
  }
  SECTION("silent") {
    client.write(get("/huge.bin"));
    client.read_line_block();
    // Up to its first deadline the system of the client has taken something.
    std::this_thread::sleep_for(5 * in_a_hurry().network.times.gone);
    CHECK(bytes_to_end(client) < 9 * size); // but for what the client had read with the header
  }
}

TEST_CASE("a file that becomes shorter while it is sent ends the connection") {
  const download_folder folder;
  constexpr std::size_t size = 20'000'000;
  folder.add("large.bin", size);
  const net::asset_folder assets{folder.path()};
  running_service server{usual_options(), &assets};
  raw_client client{server.endpoint(), 32 * kib};
  client.write(get("/large.bin"));
  CHECK(client.read_line_block().find("Content-Length: 20000000") != std::string::npos);
  fs::resize_file(folder.path() / "large.bin", 100);
  client.drain_to_end();
}

TEST_CASE("downloads that nobody reads take a piece of memory each") {
  const download_folder folder;
  folder.add("large.bin", 50'000'000);
  child_process server{{"--listen", "127.0.0.1:0", "--store", "none", "--threads", "1", "--web",
                        folder.path().string()}};
  const auto endpoint = server.wait_until_ready();
  const auto before = server.resident_bytes();
  std::vector<raw_client> clients;
  for (int number = 0; number < 20; ++number) {
    clients.emplace_back(endpoint, 32 * kib);
    clients.back().write(get("/large.bin"));
  }
  for (auto& each : clients) {
    each.read_line_block();
    each.read(200'000); // it goes on while it is read
  }
  CHECK(server.resident_bytes() < before + 20UL * 1024 * 1024);
  server.signal(SIGTERM);
  CHECK(server.wait(5s) == 0);
}

} // namespace klatch::sockets
