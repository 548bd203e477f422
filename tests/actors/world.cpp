#include "tests/actors/world.hpp"

#include "actors/chat.hpp"
#include "tests/catch.hpp"

#include <caf/resumable.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace klatch::test {

struct world::testing_config : caf::actor_system_config {
  testing_config() { set("scheduler.policy", caf::atom("testing")); }
};

world::world(const world_options& chosen)
    : store_(chosen.store), config_(std::make_unique<testing_config>()), system_(*config_),
      scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
      allowed_(chosen.allowed), frames_(allowed_), failures_(chosen.token_failures),
      new_guests_(chosen.new_guests) {
  spdlog::set_level(spdlog::level::off);
  std::vector<actors::home_worker> homes;
  for (std::size_t index = 0; index < chosen.shards; ++index) {
    homes_.push_back(std::make_unique<caf::scoped_execution_unit>(&system_));
    homes.push_back({homes_.back().get(), &counters_});
  }
  const auto& log = spdlog::default_logger();
  chat_ = actors::start_chat(
      system_, std::move(homes),
      store_ ? std::vector{store_.get()} : std::vector<store::message_store*>{}, store_counters_,
      {.directory = {.announces = chosen.announces, .max_devices = chosen.max_devices, .log = log},
       .may_wait = chosen.may_wait,
       .archive = {.retain = chosen.retain, .time = virtual_clock(), .log = log},
       .reader = {.log = log},
       .blocking = actors::blocking_actors::in_the_pool,
       .cluster = chosen.cluster});
  scope_ = std::make_unique<actors::connection_scope>(actors::connection_scope{
      allowed_, frames_, chat_.supervisor, chat_.archive, std::chrono::seconds{25}, &users_,
      virtual_clock(), spdlog::default_logger(), counters_,
      std::make_shared<const access_rules>(chosen.access), &failures_, &new_guests_});
  run();
}

clock world::virtual_clock() {
  const auto steady = [this] { return scheduler_.clock().now(); };
  return {.steady = steady,
          .elapsed =
              [steady] {
                return std::chrono::duration_cast<std::chrono::milliseconds>(
                    steady().time_since_epoch());
              },
          .wall_ms = [this] { return wall_clock_; }};
}

world::~world() {
  for (const auto& each : clients_)
    kill(each->connection());
  actors::stop_chat(chat_);
  for (const auto& shard : chat_.directory->shards)
    caf::anon_send_exit(shard, caf::exit_reason::user_shutdown);
  run();
  clients_.clear();
  chat_ = {};
  scope_.reset();
  run();
  CHECK(system_.registry().running() == 0);
  system_.await_actors_before_shutdown(false);
}

client& world::connect(const std::string& peer, const std::string& upgrade_token) {
  auto transport = std::make_shared<fake_transport>(peer);
  auto connection = system_.spawn<actors::connection>(home(clients_.size()), *scope_, transport,
                                                      chat_.directory, upgrade_token);
  clients_.push_back(std::make_unique<client>(*this, std::move(connection), std::move(transport)));
  run();
  return *clients_.back();
}

void world::set_access(access_rules rules) {
  const auto before =
      std::exchange(scope_->access, std::make_shared<const access_rules>(std::move(rules)));
  for (const auto& each : clients_)
    if (!each->transport().gone())
      static_cast<actors::connection*>(caf::actor_cast<caf::abstract_actor*>(each->connection()))
          ->on_access_changed(*before);
  run();
}

client& world::join_extended(std::string_view id, std::string_view resume) {
  auto& joined = connect();
  joined.push(R"({"type":"system","v":2,"projectId":"p","id":")" + std::string{id} + '"' +
              (resume.empty() ? "" : R"(,"resume":)" + std::string{resume}) + '}');
  return joined;
}

client& world::join(std::string_view id, std::string_view project, std::string_view name,
                    const std::string& peer) {
  auto& joined = connect(peer);
  joined.push_registration(id, project, name);
  joined.expect_acknowledgement();
  return joined;
}

std::size_t world::run() {
  std::size_t handled = 0;
  bool more = true;
  while (more) {
    handled += scheduler_.run();
    more = false;
    for (const auto& each : clients_)
      more = each->tend() || more;
  }
  return handled;
}

bool world::step(std::mt19937& random) {
  auto& jobs = scheduler_.jobs;
  const auto choice = random() % (jobs.size() + 1);
  if (choice == jobs.size()) {
    const auto first = random() % (clients_.size() + 1);
    for (std::size_t index = 0; index < clients_.size(); ++index)
      if (clients_[(first + index) % clients_.size()]->tend())
        return true;
  }
  if (jobs.empty())
    return false;
  const auto chosen = jobs.begin() + static_cast<std::ptrdiff_t>(choice % jobs.size());
  std::rotate(jobs.begin(), chosen, chosen + 1);
  return scheduler_.try_run_once();
}

void world::run_next(const caf::strong_actor_ptr& actor) {
  REQUIRE(scheduler_.prioritize(actor));
  scheduler_.run_once();
}

void world::run_all_but(const caf::strong_actor_ptr& actor) {
  auto* left_out = dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(actor));
  bool more = true;
  while (more) {
    scheduler_.run_jobs_filtered([left_out](caf::resumable* job) { return job != left_out; });
    more = false;
    for (const auto& each : clients_)
      more = each->tend() || more;
  }
}

void world::advance(std::chrono::milliseconds time) {
  run();
  scheduler_.advance_time(time);
  run();
}

void world::kill_shard(std::size_t index) {
  caf::anon_send_exit(chat_.directory->shards[index], caf::exit_reason::kill);
}

void world::kill_archive() {
  caf::anon_send_exit(chat_.archive->writers.front(), caf::exit_reason::kill);
}

void world::stop_archive() {
  caf::anon_send_exit(chat_.archive->writers.front(), caf::exit_reason::user_shutdown);
}

void world::kill_readers() {
  for (const auto& reader : {chat_.archive->readers.front(), chat_.archive->queries})
    caf::anon_send_exit(reader, caf::exit_reason::kill);
}

void world::kill(const connection_actor& connection) {
  caf::anon_send_exit(connection, caf::exit_reason::kill);
}

std::string world::user_in_shard(std::size_t index, std::string_view project, int from) const {
  for (int number = from;; ++number) {
    auto id = "user-" + std::to_string(number);
    if (chat_.directory->index_of(key_of(id, project)) == index)
      return id;
  }
}

user_key key_of(std::string_view id, std::string_view project) {
  return {project_id::parse(project).value(), user_id::parse(id).value()};
}

bool is_forgotten(const connection_actor& handle) {
  return caf::actor_cast<caf::actor_control_block*>(handle)->strong_refs == 1;
}

} // namespace klatch::test
