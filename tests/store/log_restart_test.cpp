// The write-ahead log begins anew, in place, instead of growing.
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"

#include <array>
#include <cstdint>
#include <fstream>

namespace {

using namespace klatch;
using namespace klatch::store;
using namespace klatch::store::test;

namespace fs = std::filesystem;

/// How often it has begun anew: a number in its header (https://sqlite.org/fileformat2.html,
/// section 4.1).
std::uint32_t restarts(const fs::path& log) {
  std::array<unsigned char, 16> header{};
  std::ifstream{log, std::ios::binary}.read(reinterpret_cast<char*>(header.data()), header.size());
  return std::uint32_t{header[12]} << 24U | std::uint32_t{header[13]} << 16U |
         std::uint32_t{header[14]} << 8U | std::uint32_t{header[15]};
}

} // namespace

TEST_CASE("what is written is moved into the file in the background", "[store]") {
  const std::size_t batch_size = GENERATE(1U, 20U);
  const temporary_folder folder;
  sqlite_options options;
  options.sync = sync_mode::normal;
  options.wal_soft_bytes = 64UL * 1024;
  options.wal_hard_bytes = 1024UL * 1024 * 1024; // the writer does not see to it itself
  const auto store = open_sqlite_store(folder.path(), options);
  const auto log = folder / "klatch.db-wal";

  const std::vector<operation> batch(batch_size, note("a", "b", "hello"));
  store->append(batch, 1000);
  const auto before = restarts(log);
  // A few hundred of them, unless the other thread is kept from running.
  for (int left = 50'000; left > 0 && restarts(log) < before + 3; --left) {
    store->append(batch, 1000);
    do_upkeep(*store);
  }
  CHECK(restarts(log) >= before + 3);
}
