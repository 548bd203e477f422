/// How much memory there is, from files as the kernel writes them.
#include "app/usable_memory.hpp"
#include "tests/app/config_fixture.hpp"

#include <fstream>

namespace klatch::app {

namespace {

constexpr std::uint64_t one_mib = 1024UL * 1024;

/// A folder that stands for `/`.
class machine {
public:
  machine() {
    std::string pattern = (std::filesystem::temp_directory_path() / "klatch-root-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root = pattern;
  }
  ~machine() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((root / file).parent_path());
    std::ofstream{root / file} << text;
  }

  std::filesystem::path root;
};

} // namespace

TEST_CASE("memory: a machine without control groups has all of it") {
  const machine on;
  CHECK(usable_memory(on.root) > 16 * one_mib);
  CHECK(usable_memory(on.root) == usable_memory(on.root / "nothing is here"));
}

TEST_CASE("memory: cgroups version 2, the least of a group and those around it") {
  const machine on;
  on.write("proc/self/cgroup", "0::/system.slice/klatch.service\n");
  on.write("sys/fs/cgroup/system.slice/memory.max", "33554432\n");
  on.write("sys/fs/cgroup/system.slice/klatch.service/memory.max", "max\n");
  CHECK(usable_memory(on.root) == 32 * one_mib);
  on.write("sys/fs/cgroup/system.slice/klatch.service/memory.max", "20971520\n");
  CHECK(usable_memory(on.root) == 20 * one_mib);
}

TEST_CASE("memory: in a container of cgroups version 2") {
  const machine on;
  on.write("proc/self/cgroup", "0::/\n");
  on.write("sys/fs/cgroup/memory.max", "33554432\n");
  CHECK(usable_memory(on.root) == 32 * one_mib);
}

TEST_CASE("memory: cgroups version 1, also in a container that does not see its path") {
  const machine on;
  on.write("proc/self/cgroup", "12:cpu,cpuacct:/docker/4f\n9:memory:/docker/4f\n0::/\n");
  on.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "33554432\n");
  CHECK(usable_memory(on.root) == 32 * one_mib);
  on.write("sys/fs/cgroup/memory/docker/4f/memory.limit_in_bytes", "20971520\n");
  CHECK(usable_memory(on.root) == 20 * one_mib);
  // What the kernel says where there is no limit.
  on.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  on.write("sys/fs/cgroup/memory/docker/4f/memory.limit_in_bytes", "9223372036854771712\n");
  CHECK(usable_memory(on.root) == usable_memory(on.root / "nothing is here"));
}

TEST_CASE("memory: buffers have an eighth, and 16 MiB at least") {
  CHECK(usual_buffer_bytes(1024 * one_mib) == 128 * one_mib);
  CHECK(usual_buffer_bytes(64 * one_mib) == 16 * one_mib);
}

} // namespace klatch::app
