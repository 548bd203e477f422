/// Files that the server cannot or must not use: it says why, and leaves them as they are.
#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/faults/server_process.hpp"

#include <fstream>
#include <functional>
#include <map>
#include <string_view>
#include <unistd.h>

namespace klatch::faults {

namespace {

using namespace std::string_view_literals;

/// All that is in a folder, but for the lock, which holds nothing.
std::map<std::string, std::string> contents_of(const fs::path& folder) {
  std::map<std::string, std::string> result;
  for (const auto& each : fs::directory_iterator{folder})
    if (each.path().filename() != "klatch.lock")
      result[each.path().filename()] = each.is_directory() ? "a folder" : bytes_of(each.path());
  return result;
}

void keep_some(const net::tcp_endpoint& server) {
  extended_client anna{server, "anna"};
  for (int number = 0; number < 100; ++number)
    anna.keep("boris", std::string(200, 'x'), std::to_string(number));
}

/// A store with messages in it.
void make_store(const fs::path& folder) {
  server_process server{folder};
  keep_some(server.endpoint);
  server.stop();
}

void overwrite(const fs::path& file, std::streamoff at, std::string_view bytes) {
  std::fstream out{file, std::ios::binary | std::ios::in | std::ios::out};
  out.seekp(at);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  REQUIRE(out.flush().good());
}

void replace_by(const fs::path& file, std::string_view bytes) {
  std::ofstream{file, std::ios::binary} << bytes;
}

struct damage {
  const char* what;
  std::function<void(const fs::path&)> to_file;
  const char* said;
};

/// SQLite's header: https://www.sqlite.org/fileformat2.html section 1.3.
const std::vector<damage> damages{
    {"read-only", [](const auto& file) { fs::permissions(file, fs::perms{0444}); },
     "cannot be written"},
    {"empty", [](const auto& file) { replace_by(file, ""); }, "not an SQLite file"},
    {"a text", [](const auto& file) { replace_by(file, std::string(5000, 'x')); },
     "not an SQLite file"},
    {"another program's", [](const auto& file) { overwrite(file, 68, "\0\0\0\x2A"sv); },
     "not one of Klatch's"},
    {"of a newer schema", [](const auto& file) { overwrite(file, 60, "\0\0\0\x63"sv); }, "newer"},
    {"with a damaged header",
     [](const auto& file) { overwrite(file, 16, std::string(24, '\xFF')); }, "damaged"},
    {"with a damaged first page",
     [](const auto& file) { overwrite(file, 100, std::string(300, 'Z')); }, "damaged"},
    {"with a damaged page of messages",
     [](const auto& file) {
       overwrite(file, static_cast<std::streamoff>(fs::file_size(file)) - 4096,
                 std::string(4096, 'Z'));
     },
     "damaged"},
    {"cut short", [](const auto& file) { fs::resize_file(file, fs::file_size(file) / 2); },
     "damaged"},
    {"cut to its first page", [](const auto& file) { fs::resize_file(file, 4096); }, "damaged"},
    {"a folder",
     [](const auto& file) {
       fs::remove(file);
       fs::create_directory(file);
     },
     "not a file"},
};

} // namespace

TEST_CASE("a file that it cannot use: one sentence, exit status 2, and the file as it was",
          "[refused]") {
  const scratch_folder folder;
  const auto data = folder / "data";
  make_store(data);
  for (const auto& [what, to_file, said] : damages) {
    INFO("the file is " << what);
    const auto copy = folder / "copy";
    fs::copy(data, copy, fs::copy_options::recursive);
    to_file(copy / "klatch.db");
    const auto before = contents_of(copy);
    const auto refused = run_to_end(serving(copy));
    expect_refused(refused, said);
    CHECK(refused.errors.find((copy / "klatch.db").string()) != std::string::npos);
    CHECK(contents_of(copy) == before);
    fs::remove_all(copy);
  }
  expect_sound(data);
}

TEST_CASE("check and backup leave a file that they cannot use as it is", "[refused]") {
  const scratch_folder folder;
  const auto data = folder / "data";
  fs::create_directory(data);
  replace_by(data / "klatch.db", "not a store");
  const auto before = contents_of(data);
  for (const auto& task :
       std::vector<std::vector<std::string>>{{"check"}, {"backup", (folder / "copy").string()}}) {
    auto arguments = task;
    arguments.insert(arguments.begin(), {"--data", data.string()});
    const auto refused = run_to_end(arguments);
    INFO(refused.output << refused.errors);
    CHECK((refused.status == 1 || refused.status == 2));
    CHECK(refused.errors.find("not an SQLite file") != std::string::npos);
    CHECK(contents_of(data) == before);
    CHECK_FALSE(fs::exists(folder / "copy"));
  }
}

TEST_CASE("a data folder that cannot be written is refused", "[refused]") {
  const scratch_folder folder;
  const auto data = folder / "data";
  make_store(data);
  const auto before = contents_of(data);
  fs::permissions(data, fs::perms{0555});
  expect_refused(run_to_end(serving(data)), data.string());
  CHECK(contents_of(data) == before);
  fs::permissions(data, fs::perms{0755});
}

TEST_CASE("a data folder that others may write in is refused", "[refused]") {
  const scratch_folder folder;
  const auto data = folder / "data";
  make_store(data);
  const auto before = contents_of(data);
  fs::permissions(data, fs::perms{0777});
  expect_refused(run_to_end(serving(data)), "chmod go-w " + data.string());
  CHECK(contents_of(data) == before);
  const auto check = run_to_end({"--data", data.string(), "check"});
  CHECK(check.status == 1);
  CHECK(check.output.find("chmod go-w " + data.string()) != std::string::npos);
  fs::permissions(data, fs::perms{0700});
  expect_sound(data);
}

TEST_CASE("a lock that is a link is not followed", "[refused]") {
  const scratch_folder folder;
  const auto data = folder / "data";
  fs::create_directory(data);
  fs::create_symlink(folder / "elsewhere", data / "klatch.lock");
  expect_refused(run_to_end(serving(data)), (data / "klatch.lock").string());
  CHECK_FALSE(fs::exists(folder / "elsewhere"));
}

TEST_CASE("two servers on one folder: the second says so, the first goes on", "[refused]") {
  const scratch_folder folder;
  const auto data = folder / "data";
  server_process first{data};
  extended_client anna{first.endpoint, "anna"};
  anna.keep("boris", "before", "1");
  expect_refused(run_to_end(serving(data)), "another klatch is using " + data.string());
  CHECK(anna.keep("boris", "after", "2").at("n") == 2);
  first.process.signal(SIGKILL);
  CHECK_THAT(first.process.standard_error().rest(), Catch::Matchers::Equals(""));

  // Killed, it holds the folder no longer.
  server_process next{data};
  CHECK(extended_client{next.endpoint, "boris"}.welcome().at("head") == 2);
  next.stop();
}

} // namespace klatch::faults
