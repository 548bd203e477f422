/// A user's tokens are revoked: no machine takes them, and nobody else notices.
#include "tests/catch.hpp"
#include "tests/cluster/scenario.hpp"
#include "tests/faults/chat_stream.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace klatch::clustered {

namespace {

constexpr unsigned signed_out = 4401;

/// A device of a user beside those of the scenario, which does not come back.
class visitor {
public:
  visitor(const net::tcp_endpoint& to, const std::string& user, std::string token) : stream_(to) {
    const nlohmann::json frame{{"type", "system"},
                               {"v", 2},
                               {"id", user},
                               {"projectId", 2424},
                               {"token", std::move(token)}};
    stream_.push(frame.dump());
  }

  void step() {
    came_.clear();
    if (open_)
      open_ = stream_.step(came_);
    for (const auto& each : came_) {
      const auto frame = nlohmann::json::parse(each);
      welcomed_ = welcomed_ || frame.at("type") == "welcome";
      if (frame.at("type") == "error")
        error_ = frame.at("code");
    }
  }
  bool is_in() const noexcept { return open_ && welcomed_; }
  bool is_out() const noexcept { return !open_; }
  /// It was told what it was to be told.
  bool was_signed_out() const {
    return is_out() && error_ == "unauthorized" && stream_.close_code() == signed_out;
  }

private:
  faults::chat_stream stream_;
  std::vector<std::string> came_;
  bool open_ = true;
  bool welcomed_ = false;
  std::string error_;
};

/// A scenario with one visitor at each node.
struct with_visitors : scenario {
  explicit with_visitors(std::string title)
      : scenario(std::move(title), {.asks_for_tokens = true}) {}

  std::vector<visitor> at_all_nodes(const std::string& user, const std::string& token) {
    std::vector<visitor> result;
    for (unsigned node = 0; node < fleet_size; ++node)
      result.emplace_back(machines().endpoint(node), user, token);
    return result;
  }
  /// Returns true if it is so for all of them in time.
  bool wait_for(const std::string& name, std::vector<visitor>& all, bool (visitor::*state)() const,
                std::chrono::milliseconds longest) {
    const auto done = [&] {
      for (auto& each : all)
        each.step();
      return std::all_of(all.begin(), all.end(),
                         [&](const visitor& each) { return (each.*state)(); });
    };
    fault_until(name, done, longest);
    return done();
  }
};

} // namespace

TEST_CASE("a user's tokens are revoked", "[second]") {
  if (!fleet::is_possible())
    return;
  with_visitors run{"tokens are revoked"};
  auto& fleet = run.machines();
  const auto token = fleet.token_of("gone");
  auto devices = run.at_all_nodes("gone", token);
  run.calm(3s);
  REQUIRE(run.wait_for("they are there", devices, &visitor::is_in, 2s));
  fleet.cut_from_bus(1);
  run.fault("node 1 has no bus", 3s);
  fleet.revoke("gone");
  CHECK(run.wait_for("revoked", devices, &visitor::was_signed_out, 2s));
  auto again = run.at_all_nodes("gone", token);
  CHECK(run.wait_for("the same token", again, &visitor::was_signed_out, 2s));
  auto fresh = run.at_all_nodes("gone", fleet.token_of("gone", 1s));
  CHECK(run.wait_for("a new token", fresh, &visitor::is_in, 2s));
  fleet.heal_node(1);

  SECTION("a node that starts later knows it") {
    fleet.kill_node(0);
    fleet.start_node(0);
    run.fault("node 0 is new", 3s);
    auto later = run.at_all_nodes("gone", token);
    CHECK(run.wait_for("the same token", later, &visitor::was_signed_out, 2s));
  }
  SECTION("a node that PostgreSQL is away from learns it afterwards") {
    auto others = run.at_all_nodes("other", fleet.token_of("other"));
    REQUIRE(run.wait_for("they are there", others, &visitor::is_in, 2s));
    fleet.cut_from_database(2);
    run.fault("node 2 has no database", 2s);
    fleet.revoke("other");
    std::vector<visitor> alone;
    alone.push_back(std::move(others.back()));
    others.pop_back();
    CHECK(run.wait_for("revoked", others, &visitor::was_signed_out, 2s));
    alone.front().step();
    CHECK(alone.front().is_in());
    fleet.heal_node(2);
    CHECK(run.wait_for("node 2 has it again", alone, &visitor::was_signed_out, 8s));
  }
  run.fault("healed", 4s);
  run.settle();
  CHECK(run.shared().last_log().found().all() == 0); // Nobody else was told anything of it.
  CHECK(run.not_stored(run.shared().epochs.back()) == 0);
  CHECK(run.faults_of_store() == "");
  run.pass();
}

} // namespace klatch::clustered
