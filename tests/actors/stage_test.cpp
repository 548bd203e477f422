// Which stage of a connection may follow which.
#include "actors/connection/stage.hpp"
#include "tests/catch.hpp"

#include <initializer_list>
#include <utility>

namespace klatch::test {

using st = actors::stage;

TEST_CASE("a connection goes through its stages in order", "[stage]") {
  const auto all = {st::connected, st::registering, st::opening, st::live, st::closing, st::closed};
  const auto allowed = [](st before, st next) {
    for (const auto& [from, to] :
         {std::pair{st::connected, st::registering}, std::pair{st::registering, st::opening},
          std::pair{st::registering, st::live}, std::pair{st::opening, st::live},
          std::pair{st::live, st::registering}})
      if (from == before && to == next)
        return true;
    // Each may end, and once.
    return (next == st::closing && before < st::closing) || (next == st::closed && before != next);
  };
  for (const auto before : all)
    for (const auto next : all)
      CHECK(actors::may_follow(next, before) == allowed(before, next));
}

} // namespace klatch::test
