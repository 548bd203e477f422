/// A world with a store, and the words of those who use it.
#pragma once

#include "tests/actors/world.hpp"

#include <string>
#include <string_view>

namespace klatch::test {

inline world_options with_store(std::size_t shards = 2) {
  world_options chosen;
  chosen.shards = shards;
  chosen.store = store::make_memory_store("e");
  return chosen;
}

inline std::string resume_from(int since, const std::string& epoch = "e") {
  return R"({"epoch":")" + epoch + R"(","since":)" + std::to_string(since) + '}';
}

inline client& joined(world& around, std::string_view id, std::string_view resume = {}) {
  auto& result = around.join_extended(id, resume);
  result.expect_members(R"({"type":"welcome","v":2})");
  return result;
}

} // namespace klatch::test
