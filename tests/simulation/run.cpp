#include "tests/simulation/run.hpp"

#include "store/sqlite/consistency.hpp"
#include "store/sqlite/database.hpp"
#include "tests/simulation/device.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/fleet.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/model/model.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/server.hpp"
#include "tests/simulation/workload.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace klatch::simulation {

namespace {

/// Within so long everybody has everything once nothing goes wrong any more.
constexpr us settling_time = 400 * second;

/// And nobody waits longer for an answer; a connection that is not listened to ends by itself only
/// after a minute.
constexpr us longest_answer = 40 * second;

/// What other nodes have stored and the bus has lost is found within so long: a lease that runs
/// out, a renewal that shows it, and a look; less than the time in which all is looked at anyway.
constexpr us found_within = 10 * second;

class stage {
public:
  stage(const recipe& what, trace_detail wanted)
      : recipe_(what), chosen_(recipe_.chosen), plan_(make_plan(what.seed, what.chosen)),
        log_(wanted), disk_(what.seed), machine_(what.seed, chosen_, log_),
        services_(machine_, disk_, chosen_, what.seed),
        checks_(what.seed, purpose::checks), on_{around_, disk_, devices_, plan_.span} {
    renew_randomness();
    put_empty_store(disk_);
    make_people();
    behind_since_.resize(devices_.size());
    for (const auto& each : services_.all()) {
      each->on_start = [this, &of = *each] { look_at_store(of); };
      each->on_stop = [this] {
        truth_.now = machine_.now();
        // In a folder that is away nothing is written.
        note_restart(truth_, disk_.is_away() ? aftermath::synced : aftermath::all);
      };
    }
  }

  void perform() {
    services_.start();
    schedule();
    while (happened_ < scheduled_ && step())
      ;
    settle();
    check_end();
  }

  void report(verdict& into) {
    into.hash = machine_.hash();
    into.steps = machine_.steps();
    into.messages = truth_.book.messages.size();
    into.syncs = disk_.syncs;
    into.faults = faults_;
    into.events = happened_;
    into.virtual_time = machine_.now();
    into.trace = log_.lines();
  }

  void note_failure(const std::string& what) {
    machine_.end();
    machine_.tell({}, {}, "BROKEN: " + what);
  }

private:
  void make_people() {
    users_.reserve(chosen_.users);
    for (std::size_t at = 0; at < chosen_.users; ++at)
      users_.push_back({at % chosen_.projects, at, std::to_string(at + 1)});
    for (const auto& each : users_)
      truth_.users.push_back(&each);
    for (const auto& [user, plain] : plan_.devices) {
      devices_.push_back(std::make_unique<device>(around_, users_[user], devices_.size(), plain));
      truth_.devices.push_back(&devices_.back()->state());
    }
  }

  void schedule() {
    for (const auto& each : plan_.events) {
      if (recipe_.without.contains(each.number))
        continue;
      ++scheduled_;
      const auto* what = &each;
      machine_.at(each.at, {task::kind::fault, 2, [this, what] { happen(*what); }});
    }
  }

  void happen(const event& what) {
    ++happened_;
    random with{recipe_.seed, purpose::event, what.number};
    if (const auto* does = std::get_if<action>(&what.what))
      return klatch::simulation::perform(*does, *devices_[what.device], around_, with);
    ++faults_;
    strike(std::get<fault>(what.what), on_, with);
  }

  /// One step, and what an operator does when a service has ended by itself.
  bool step() {
    for (const auto& each : services_.all())
      if (each->has_failed() && failed_.insert(each->incarnation()).second) {
        constexpr us ending_takes = 20'000;
        machine_.after(ending_takes,
                       {task::kind::service, 1, [this, &of = *each, number = each->incarnation()] {
                          end_failed(of, number);
                        }});
      }
    return machine_.step();
  }

  void end_failed(server& which, std::uint64_t incarnation) {
    if (!which.is_up() || which.incarnation() != incarnation)
      return;
    reached("the service gives up and is started again");
    machine_.tell({}, {}, which.name() + " gives up and is started again");
    which.die(true);
    truth_.now = machine_.now();
    note_restart(truth_, aftermath::synced);
    machine_.after(second, {task::kind::service, 1, [&which] { which.start(); }});
  }

  // -- checks ------------------------------------------------------------------------------------

  std::unique_ptr<store::message_reader> reader() const {
    auto* kept = services_.messages();
    return kept == nullptr ? nullptr : kept->make_reader();
  }

  void look_at_store(const server& of) {
    machine_.tell({}, {}, of.name() + " is up");
    if (disk_.read_fails || disk_.sync_fails || disk_.full || disk_.is_away())
      return;
    if (const auto source = reader())
      check_store(truth_, *source);
    constexpr double looked_at = 0.1;
    if (chosen_.store == store_kind::sqlite && checks_.chance(looked_at))
      check_file();
  }

  /// What `klatch check` would find.
  void check_file() {
    reached("the file is checked");
    store::database file{store_file, store::database::access::read_only, disk_.vfs()};
    const auto found = store::find_inconsistencies(file, 3);
    if (!found.empty())
      throw failure{"klatch check says: " + found.front()};
  }

  // -- the end -----------------------------------------------------------------------------------

  bool all_settled() const {
    // What stands in its middle may hold a lock, and has yet to be told.
    return services_.is_calm() && !anybody_is_behind() &&
           std::all_of(devices_.begin(), devices_.end(),
                       [](const auto& each) { return !each->takes_part() || each->is_settled(); });
  }

  std::uint64_t head_of(const user& who) const {
    const auto source = reader();
    return source ? simulation::head_of(who, *source) : 0;
  }
  /// In a cluster: it waits for nothing, and has yet to be told what another node has stored.
  bool is_behind(const device& which) const {
    const auto& state = which.state();
    return chosen_.is_cluster() && state.online && !state.plain && which.connection()->quiet() &&
           which.connection()->reads() &&
           (truth_.is_void(state) || state.cursor < head_of(*state.who));
  }
  bool anybody_is_behind() const {
    return std::any_of(devices_.begin(), devices_.end(),
                       [this](const auto& each) { return is_behind(*each); });
  }
  /// Two, since marks are written a while after they were set. Of plain clients nobody can see how
  /// far they are: where other nodes store they are given the time.
  int calm_passes() const {
    const bool plain = std::any_of(devices_.begin(), devices_.end(),
                                   [](const auto& each) { return each->state().plain; });
    return chosen_.is_cluster() && plain ? 2 + static_cast<int>(found_within / (2 * second)) : 2;
  }
  /// Whatever the bus has lost is found within seconds.
  void check_nobody_stays_behind() {
    for (std::size_t at = 0; at < devices_.size(); ++at) {
      auto& since = behind_since_[at];
      const auto& which = *devices_[at];
      if (!is_behind(which)) {
        since.reset();
        continue;
      }
      const auto place = std::pair{which.state().link, which.state().cursor};
      if (!since || since->first != place)
        since = {place, machine_.now()};
      if (machine_.now() - since->second > found_within)
        throw truth_.is_void(which.state())
            ? failure{which.name() + " is not told that messages are lost"}
            : failure{which.name() + " has its inbox up to " +
                      std::to_string(which.state().cursor) + " of " +
                      std::to_string(head_of(*which.state().who)) + " and is told nothing"};
    }
  }

  void mend() {
    end_faults(on_);
    for (const auto& each : services_.all())
      if (!each->is_up())
        each->start();
    for (const auto& each : devices_) {
      if (!each->takes_part())
        continue;
      each->give_up_silent();
      if (each->connection() == nullptr)
        each->come(device::how_to_come::with_all);
      else if (!each->connection()->reads())
        each->connection()->read_on();
    }
  }

  void pass(us time) {
    const auto until = machine_.now() + time;
    machine_.at(until, {task::kind::fault, 3, [] {}});
    while (machine_.now() < until && step())
      ;
  }

  void settle() {
    machine_.be_fair();
    machine_.tell({}, {}, "nothing goes wrong any more");
    const auto begun = machine_.now();
    const auto deadline = begun + settling_time;
    const auto enough = calm_passes();
    for (int calm = 0; machine_.now() < deadline && calm < enough;) {
      mend();
      pass(2 * second);
      for (const auto& each : devices_)
        each->check_patience(begun, longest_answer);
      check_nobody_stays_behind();
      calm = all_settled() ? calm + 1 : 0;
    }
    if (all_settled())
      return;
    for (const auto& each : devices_)
      if (each->takes_part() && !each->is_settled())
        throw failure{each->waits_for()};
    throw failure{services_.anything_waits()
                      ? "places in front of the archive are taken, and nothing waits there"
                      : "the service does not come to rest"};
  }

  void check_end() {
    const auto source = reader();
    if (source)
      check_rest(truth_, source.get());
    if (chosen_.store == store_kind::sqlite && recipe_.seed % 4 == 0)
      check_file();
    for (const auto& each : devices_)
      each->leave_for_good();
    pass(100 * second);
    for (const auto& each : services_.all())
      if (each->is_up() && each->actor_count() != each->least_actors())
        throw failure{std::to_string(each->actor_count()) + " actors are left instead of " +
                      std::to_string(each->least_actors()) + " when everybody has gone"};
  }

  const recipe& recipe_;
  const options& chosen_;
  plan plan_;
  trace log_;
  disk disk_;
  machine machine_;
  fleet services_;
  random checks_;
  model truth_{.chosen = chosen_};
  neighbourhood around_{machine_, services_, truth_, chosen_, recipe_.seed};
  std::vector<user> users_;
  std::vector<std::unique_ptr<device>> devices_;
  victims on_;
  std::size_t scheduled_ = 0;
  std::size_t happened_ = 0;
  std::uint64_t faults_ = 0;
  std::set<std::uint64_t> failed_; ///< incarnations that have ended by themselves
  /// By device: since when it has been behind on a connection, with the same cursor.
  std::vector<std::optional<std::pair<std::pair<std::uint64_t, std::uint64_t>, us>>> behind_since_;
};

} // namespace

void prepare_runs() {
  spdlog::set_level(spdlog::level::off);
  register_vfs();
  prepare_stores();
}

verdict run(const recipe& what, trace_detail wanted) {
  verdict result;
  stage on{what, wanted};
  try {
    on.perform();
  } catch (const failure& found) {
    result.broken = found.what;
  } catch (const std::exception& error) {
    result.broken = std::string{"an exception: "} + error.what();
  }
  if (!result.broken.empty())
    on.note_failure(result.broken);
  on.report(result);
  return result;
}

std::string kind_of(const std::string& broken) {
  std::string result;
  for (const char each : broken)
    if (each < '0' || each > '9')
      result += each;
  return result;
}

} // namespace klatch::simulation
