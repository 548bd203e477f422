#include "tests/simulation/server.hpp"

#include "store/memory/memory_store.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/soundness.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "tests/simulation/cluster/database_client.hpp"
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/tokens.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace klatch::simulation {

namespace {

constexpr us drain_grace = 5 * second;
constexpr std::uint64_t reconnect_rate = 2; // so low that plain clients stay for a while

caf::actor_system_config& system_settings() {
  static caf::actor_system_config made = [] {
    caf::actor_system_config result;
    result.load<coordinator>();
    return result;
  }();
  return made;
}

limits limits_of(const options& chosen) {
  limits result;
  result.waiting_bytes = chosen.waiting_bytes;
  result.send_rate = chosen.send_rate;
  result.byte_rate = chosen.send_rate == 0 ? 0 : 32UL * 1024;
  return result;
}

/// An empty store, made once a process.
const std::string& empty_store() {
  static const std::string bytes = [] {
    disk blank{0};
    renew_randomness();
    blank.create(store_file);
    {
      store::database target{store_file, store::database::access::read_write, blank.vfs()};
      target.execute("PRAGMA journal_mode=WAL");
      store::create_schema(target);
      store::find_start_faults(target, 1); // what it makes once a process
    }
    return blank.find(store_file)->bytes;
  }();
  return bytes;
}

} // namespace

void put_empty_store(disk& files) {
  const auto full = std::exchange(files.full, false);
  const auto sync_fails = std::exchange(files.sync_fails, false);
  const auto read_fails = std::exchange(files.read_fails, false);
  files.put(store_file, empty_store());
  {
    store::database target{store_file, store::database::access::read_write, files.vfs()};
    store::renew_epoch(target);
  }
  files.find(store_file)->sync();
  files.full = full;
  files.sync_fails = sync_fails;
  files.read_fails = read_fails;
}

void prepare_stores() { empty_store(); }

/// What one start has begun. The store outlives the actors.
struct server::process {
  explicit process(const options& chosen)
      : allowed(limits_of(chosen)), frames(allowed), system(system_settings()),
        scheduler(dynamic_cast<coordinator&>(system.scheduler())) {}

  std::unique_ptr<database_client> client; ///< of a cluster's node
  std::vector<std::shared_ptr<store::message_store>> lanes;
  limits allowed;
  decoder frames;
  std::unique_ptr<actors::rate_table> users;
  worker_counters counted;
  store_counters counted_of_store;
  caf::actor_system system;
  coordinator& scheduler;
  std::vector<actors::home_worker> homes;
  actors::chat_actors chat;
  std::unique_ptr<actors::connection_scope> scope;
  std::unique_ptr<caf::scoped_actor> stopper; ///< who has asked it to stop
  std::size_t shards = 0;
  bool failed = false;
};

server::server(machine& on, disk& files, const options& chosen, std::uint64_t seed,
               const std::optional<place_in_cluster>& place)
    : machine_(on), disk_(files), chosen_(chosen), seed_(seed), place_(place),
      host_(place ? static_cast<unsigned>(place->number + 1) : 0),
      name_(place ? "node " + std::to_string(place->number) : "the service"),
      threads_(on, files, chosen, seed, host_), incarnation_(std::uint64_t{host_} << 12U) {
  disk_.wall_ms = [this] { return wall_ms(); };
  if (chosen.store == store_kind::memory)
    memory_ = store::make_memory_store("e");
}

server::~server() {
  if (is_up())
    die(false);
}

std::int64_t server::wall_ms() const noexcept {
  constexpr std::int64_t start = 1'763'800'000'000;
  return start + machine_.now() / ms + clock_is_off_;
}

clock server::time() {
  return {.steady = [this] { return steady_at(machine_.now()); },
          .elapsed = [this] { return std::chrono::milliseconds{machine_.now() / ms}; },
          .wall_ms = [this] { return wall_ms(); }};
}

// -- start ----------------------------------------------------------------------------------------

bool server::open_store() {
  auto& into = *running_;
  if (place_) {
    into.client = std::make_unique<database_client>(place_->shared, place_->number, threads_);
    for (std::size_t lane = 0; lane < chosen_.lanes; ++lane)
      into.lanes.push_back(into.client->make_lane());
    return true;
  }
  if (chosen_.store != store_kind::sqlite) {
    if (memory_ != nullptr)
      into.lanes.push_back(memory_);
    return true;
  }
  store::sqlite_options how;
  how.time = time();
  how.files = &disk_;
  how.beside = threads_.start_background();
  how.tail_limit = chosen_.tail_limit;
  how.slice = std::chrono::microseconds{0};
  how.cache_limit = chosen_.cache_limit;
  how.wal_soft_bytes = chosen_.wal_soft_bytes;
  how.wal_hard_bytes = 3 * chosen_.wal_soft_bytes;
  try {
    into.lanes.push_back(store::open_store_file(store_file, std::move(how)));
    return true;
  } catch (const std::exception& error) {
    if (!disk_.full && !disk_.sync_fails && !disk_.read_fails)
      throw failure{std::string{"the store cannot be opened: "} + error.what()};
    reached("a start fails");
    return false;
  }
}

void server::start() {
  if (is_up())
    return;
  if (disk_.is_away()) // As an operator would find out.
    return start_later();
  running_ = std::make_unique<process>(chosen_);
  ++incarnation_;
  running_->scheduler.use(machine_, threads_, incarnation_, host_);
  if (!open_store()) {
    running_->system.await_actors_before_shutdown(false);
    running_.reset();
    return start_later();
  }
  start_actors();
  machine_.add_timers(running_->scheduler);
  // Nobody is let in before all have begun.
  threads_.uninterrupted([this] { machine_.run_all(task::kind::actor, host_); });
  if (chosen_.store == store_kind::sqlite || place_)
    look_after_files();
  if (on_start)
    on_start();
}

void server::start_later() {
  machine_.after(second, {task::kind::service, 1, [this] { start(); }});
}

void server::start_actors() {
  auto& s = *running_;
  for (std::size_t at = 0; at < chosen_.shards; ++at)
    s.homes.push_back({&s.scheduler.add_home(), &s.counted});
  const auto& log = spdlog::default_logger();
  actors::chat_options how{
      .directory = {.announces =
                        chosen_.announces ? departure_notices::name : departure_notices::off,
                    .max_devices = chosen_.max_devices,
                    .log = log},
      .may_wait = {.messages = chosen_.messages_may_wait, .marks = chosen_.marks_may_wait},
      .archive = {.retain = {},
                  .time = time(),
                  .log = log,
                  .batch_messages = chosen_.batch_messages,
                  .delivery_step = chosen_.delivery_step},
      .reader = {.page_bytes = chosen_.page_bytes,
                 .inbox_page_entries = chosen_.page_entries,
                 .log = log},
      .blocking = actors::blocking_actors::in_the_pool,
      .seed = seed_};
  if (place_) {
    how.readers = chosen_.lanes;
    how.cluster =
        actors::cluster_access{s.client->make_membership(),
                               chosen_.has_bus ? place_->air.connect(place_->number) : nullptr,
                               std::make_shared<actors::node_signs>()};
  }
  std::vector<store::message_store*> lanes;
  for (const auto& each : s.lanes)
    lanes.push_back(each.get());
  s.chat = actors::start_chat(s.system, s.homes, lanes, s.counted_of_store, std::move(how));
  s.shards = s.chat.directory->shards.size();
  if (chosen_.store == store_kind::sqlite || place_)
    for (const auto id : archive_actors())
      s.scheduler.add_blocking(id);
  actors::watch_chat(s.chat, [this, number = incarnation_](const caf::error& reason) {
    if (reason != caf::exit_reason::user_shutdown && number == incarnation_ && running_ && !ending_)
      running_->failed = true;
  });
  s.users = std::make_unique<actors::rate_table>(seed_);
  s.scope = std::make_unique<actors::connection_scope>(
      actors::connection_scope{s.allowed, s.frames, s.chat.supervisor, s.chat.archive,
                               std::chrono::seconds{25}, s.users.get(), time(), log, s.counted});
  if (chosen_.token_life > 0)
    s.scope->access = site_rules();
}

/// Those that have a thread of their own, and block.
std::vector<caf::actor_id> server::archive_actors() const {
  std::vector<caf::actor_id> result;
  if (!running_->chat.archive)
    return result;
  const auto& archive = *running_->chat.archive;
  for (const auto& each : archive.writers)
    result.push_back(each.id());
  for (const auto& each : archive.readers)
    result.push_back(each.id());
  result.push_back(archive.queries.id());
  if (archive.cluster)
    result.insert(result.end(), {archive.cluster->heads.id(), archive.cluster->keeper.id()});
  return result;
}

void server::look_after_files() {
  machine_.after(second, {task::kind::service, 2, [this, number = incarnation_] {
                            if (!running_ || number != incarnation_)
                              return;
                            if (running_->lanes.front()->check_files())
                              reached(place_ ? "it is said that messages are lost"
                                             : "the store's files are lost, or there again");
                            look_after_files();
                          }});
}

std::shared_ptr<link> server::connect(link_user& user, std::uint64_t number) {
  if (!accepts() || has_failed())
    return nullptr;
  auto& s = *running_;
  auto made = std::make_shared<link>(machine_, chosen_, user, seed_, number, host_);
  auto& home = *s.homes[number % s.homes.size()].unit;
  made->start(s.system.spawn<actors::connection>(home, *s.scope, made, s.chat.directory));
  links_.push_back(made);
  return made;
}

// -- its end --------------------------------------------------------------------------------------

std::vector<std::shared_ptr<link>> server::links() const {
  std::vector<std::shared_ptr<link>> result;
  for (const auto& each : links_)
    if (auto found = each.lock(); found && !found->is_gone())
      result.push_back(std::move(found));
  return result;
}

void server::stop() {
  if (!accepts())
    return;
  stopping_ = true;
  auto& s = *running_;
  s.stopper = std::make_unique<caf::scoped_actor>(s.system, true);
  (*s.stopper)
      ->request(s.chat.supervisor, caf::infinite,
                drain{static_cast<std::uint64_t>(drain_grace / ms), reconnect_rate});
  wait_for_drain(machine_.now() + drain_grace);
}

void server::wait_for_drain(us until) {
  machine_.after(20 * ms, {task::kind::service, 3, [this, until, number = incarnation_] {
                             if (!running_ || number != incarnation_)
                               return;
                             if (!links().empty() && machine_.now() < until)
                               return wait_for_drain(until);
                             reached("stopped in order");
                             die(true);
                             if (on_stop)
                               on_stop();
                             start_later();
                           }});
}

void server::kill() {
  if (!is_up())
    return;
  running_->client->die();
  place_->air.sever(place_->number);
  die(true);
}

void server::stand_still() {
  if (is_up() && !stopping_)
    machine_.stand_still(host_);
}

void server::go_on() { machine_.go_on(host_); }

void server::die(bool wires_stay) {
  if (!is_up())
    return;
  go_on();
  ending_ = true;
  std::vector<connection_actor> connections;
  for (const auto& each : links()) {
    connections.push_back(each->connection());
    each->cut(wires_stay);
  }
  for (const auto& each : connections)
    caf::anon_send_exit(each, caf::exit_reason::kill);
  connections.clear();
  end_actors();
  links_.clear();
  machine_.remove_timers(running_->scheduler);
  running_.reset();
  threads_.finish();
  stopping_ = ending_ = false;
}

void server::end_actors() {
  auto& s = *running_;
  threads_.finish();
  actors::stop_chat(s.chat);
  for (const auto& each : s.scheduler.named("directory"))
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  s.scheduler.run_down();
  s.scheduler.clock().cancel_all();
  s.scheduler.run_down();
  s.stopper.reset();
  s.scope.reset();
  s.chat = {};
  s.scheduler.run_down();
  s.system.await_actors_before_shutdown(false);
}

bool server::has_failed() const noexcept { return running_ && running_->failed; }

// -- faults ---------------------------------------------------------------------------------------

void server::kill_shard(std::uint64_t which) {
  if (!is_up())
    return;
  const auto shards = running_->scheduler.named("directory");
  if (shards.empty())
    return;
  reached("a shard dies");
  caf::anon_send_exit(shards[which % shards.size()], caf::exit_reason::kill);
}

void server::kill_connection(std::uint64_t which) {
  const auto all = links();
  if (all.empty())
    return;
  reached("a connection dies");
  caf::anon_send_exit(all[which % all.size()]->connection(), caf::exit_reason::kill);
}

void server::kill_reader(bool of_queries) {
  if (!is_up() || !running_->chat.archive)
    return;
  reached(of_queries ? "the reader of queries dies" : "the reader of inboxes dies");
  const auto& archive = *running_->chat.archive;
  caf::anon_send_exit(of_queries ? archive.queries : archive.readers.front(),
                      caf::exit_reason::kill);
}

void server::kill_archive() {
  if (!is_up() || !running_->chat.archive)
    return;
  reached("the archive dies");
  caf::anon_send_exit(running_->chat.archive->writers.front(), caf::exit_reason::kill);
}

// -- for those who look on ------------------------------------------------------------------------

store::message_store* server::messages() const noexcept {
  if (place_)
    return &place_->shared.truth();
  return running_ && !running_->lanes.empty() ? running_->lanes.front().get() : nullptr;
}

bool server::knows_epoch() const {
  return !place_ || (running_ && !place_->shared.is_loss_unseen() &&
                     running_->chat.archive->epoch->get() == place_->shared.epoch());
}

bool server::is_storing() const {
  return running_ && running_->chat.archive &&
         running_->scheduler.busy(running_->chat.archive->writers.front().id());
}

std::size_t server::actor_count() const { return running_->system.registry().running(); }

std::size_t server::least_actors() const {
  const auto herald = place_ ? 1U : 0U; // It does not block.
  return 1 + running_->shards + archive_actors().size() + herald;
}

bool server::nothing_waits() const {
  if (!running_->chat.archive)
    return true;
  auto& limit = *running_->chat.archive->limit;
  const auto all = actors::pending_limit::bounds{}.bytes;
  if (!limit.enter(all)) // Every message has some bytes.
    return false;
  limit.leave(1, all);
  std::size_t marks = 0;
  while (marks < chosen_.marks_may_wait && limit.marks.enter())
    ++marks;
  for (auto left = marks; left > 0; --left)
    limit.marks.leave();
  return marks == chosen_.marks_may_wait;
}

} // namespace klatch::simulation
