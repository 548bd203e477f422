#include "tests/faults/server_process.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace klatch::faults {

scratch_folder::scratch_folder() {
  auto name = (fs::temp_directory_path() / "klatch-faults-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string bytes_of(const fs::path& file) {
  std::string bytes(fs::file_size(file), '\0');
  std::ifstream in{file, std::ios::binary};
  REQUIRE(in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())));
  return bytes;
}

std::vector<std::string> serving(const fs::path& data, const std::vector<std::string>& more,
                                 const std::string& min_free) {
  std::vector<std::string> arguments{
      "--listen",          "127.0.0.1:0", "--data",      data.string(),
      "--send-rate",       "0",           "--announce",  "off",
      "--max-per-address", "0",           "--byte-rate", "0",
      "--min-free",        min_free,      "--log-level", "error"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

void server_process::stop() {
  process.signal(SIGTERM);
  REQUIRE(process.wait(soon) == 0);
}

ended run_to_end(const std::vector<std::string>& arguments) {
  sockets::child_process command{arguments};
  // Both are short, so that neither pipe is full before it is read.
  const auto status = command.wait(soon);
  return {status, command.standard_output().rest(), command.standard_error().rest()};
}

void expect_sound(const fs::path& data) {
  const auto found = run_to_end({"--data", data.string(), "check"});
  INFO(found.output << found.errors);
  REQUIRE(found.status == 0);
}

void expect_refused(const ended& command, const std::string& part) {
  INFO(command.errors);
  CHECK(command.status == 2);
  CHECK(command.output.empty());
  CHECK(std::count(command.errors.begin(), command.errors.end(), '\n') == 1);
  CHECK(command.errors.starts_with("klatch: "));
  CHECK(command.errors.find(part) != std::string::npos);
}

} // namespace klatch::faults
