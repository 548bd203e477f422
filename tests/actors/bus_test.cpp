// What the archive publishes reaches the shards that serve its users.
#include "actors/directory/bus.hpp"
#include "tests/actors/keys.hpp"
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace klatch::actors {

namespace {

/// The actor in whose name a bus sends: keeps what is sent.
struct recorder {
  std::vector<std::pair<directory_actor, stored>> entries;
  std::vector<std::pair<directory_actor, klatch::push>> pushes;
  std::vector<std::pair<directory_actor, heads_known>> heads;
  std::vector<told> told_of;

  void send(const directory_actor& to, stored what) { entries.emplace_back(to, std::move(what)); }
  void send(const directory_actor& to, klatch::push what) {
    pushes.emplace_back(to, std::move(what));
  }
  void send(const directory_actor& to, heads_known what) {
    heads.emplace_back(to, std::move(what));
  }
  void send(const herald_actor& /*to*/, told what) { told_of.push_back(std::move(what)); }
};

struct three_shards {
  test::world around{{.shards = 3}};
  std::vector<directory_actor> shards = around.shards().shards;
  bus published;
  recorder sender;

  three_shards() { published.use(std::make_shared<const directory_table>(shards)); }

  user_key user_of(std::size_t shard, int from = 0) const {
    return test::key_of(around.user_in_shard(shard, "p", from));
  }
};

/// An entry that is known again by its number.
stored::entry numbered(std::uint64_t seq, const user_key& owner) {
  return {std::make_shared<const stored_message>(
              stored_message{{.project = owner.project,
                              .from = owner.user,
                              .conversation = conversation_id::dialogue(owner.user, owner.user),
                              .cid = {},
                              .name = {},
                              .color = {},
                              .text = {}},
                             {.to_seq = seq}}),
          {owner.user, seq},
          {}};
}

std::vector<std::uint64_t> numbers_of(const stored& what) {
  std::vector<std::uint64_t> result;
  for (const auto& each : what.entries)
    result.push_back(each.what->numbers.to_seq);
  return result;
}

} // namespace

TEST_CASE_METHOD(three_shards, "a bus sends each shard its users' entries once, in order",
                 "[bus]") {
  published.add(numbered(1, user_of(2)));
  published.add(numbered(2, user_of(0)));
  published.add(numbered(3, user_of(2, 1'000)));
  CHECK(sender.entries.empty());
  published.flush(sender);
  REQUIRE(sender.entries.size() == 2);
  CHECK(sender.entries[0].first == shards[0]);
  CHECK(numbers_of(sender.entries[0].second) == std::vector<std::uint64_t>{2});
  CHECK(sender.entries[1].first == shards[2]);
  CHECK(numbers_of(sender.entries[1].second) == std::vector<std::uint64_t>{1, 3});
  published.flush(sender);
  CHECK(sender.entries.size() == 2);
}

TEST_CASE_METHOD(three_shards, "a bus sends a frame to the shard of its user at once", "[bus]") {
  published.publish(sender, {user_of(1), frame{"x", frame_type::usermsg}, {}});
  REQUIRE(sender.pushes.size() == 1);
  CHECK(sender.pushes[0].first == shards[1]);
  CHECK(sender.pushes[0].second.user == user_of(1));
}

TEST_CASE_METHOD(three_shards, "a bus sends to the shards of the latest table", "[bus]") {
  published.use(std::make_shared<const directory_table>(std::vector{shards[2]}));
  published.add(numbered(1, user_of(0)));
  published.flush(sender);
  published.publish(sender, {user_of(1), frame{"x", frame_type::usermsg}, {}});
  REQUIRE(sender.entries.size() == 1);
  CHECK(sender.entries[0].first == shards[2]);
  REQUIRE(sender.pushes.size() == 1);
  CHECK(sender.pushes[0].first == shards[2]);
}

TEST_CASE_METHOD(three_shards, "a bus without a table sends nothing", "[bus]") {
  published.stop();
  published.add(numbered(1, user_of(0)));
  published.flush(sender);
  published.publish(sender, {user_of(0), frame{"x", frame_type::usermsg}, {}});
  CHECK(sender.entries.empty());
  CHECK(sender.pushes.empty());
}

TEST_CASE_METHOD(three_shards, "a table shares the partitions out evenly", "[bus]") {
  std::map<std::size_t, std::size_t> served;
  for (const auto index : around.shards().shard_index)
    ++served[index];
  CHECK(served == std::map<std::size_t, std::size_t>{{0, 22}, {1, 21}, {2, 21}});
}

} // namespace klatch::actors
