#include "tests/simulation/faults.hpp"

#include "tests/simulation/coverage.hpp"
#include "tests/simulation/scene.hpp"

#include <array>
#include <map>
#include <string>
#include <utility>

namespace klatch::simulation {

namespace strikes {

namespace {

// -- actors ---------------------------------------------------------------------------------------

void shard_dies(const scene& in) {
  in.say("a shard of the directory dies");
  in.excuse();
  in.service().kill_shard(in.with.next());
}

void connection_dies(const scene& in) {
  in.say("a connection's actor dies");
  in.excuse();
  in.service().kill_connection(in.with.next());
}

void reader_dies(const scene& in) {
  in.say("a reader of the archive dies");
  in.excuse();
  in.service().kill_reader(in.with.below(2) == 0);
}

void archive_dies(const scene& in) {
  in.say("the archive dies");
  in.excuse();
  in.service().kill_archive();
}

// -- the process ----------------------------------------------------------------------------------

/// The folder is where it was when the service is started again.
void put_folder_back(const victims& on) {
  if (on.files.is_away())
    on.files.move_back();
}

/// The process is no more. Nothing that it still does has any effect.
void end_process(const victims& on, crash_kind how, aftermath left) {
  auto& service = on.around.services.first();
  if (service.is_storing())
    reached("the process ends in the middle of a commit");
  on.files.crash(how, on.around.chosen.kept_of_unsynced);
  on.files.frozen = true;
  service.die(how == crash_kind::process); // What the system has of the wires still arrives.
  on.files.frozen = false;
  put_folder_back(on);
  on.around.truth.now = on.around.on.now();
  note_restart(on.around.truth, left);
}

void start_in(const scene& in, us wait) {
  auto& service = in.service();
  in.time().after(wait, {task::kind::service, 1, [&service] { service.start(); }});
}

bool has_disk(const scene& in) { return in.on.around.chosen.store == store_kind::sqlite; }

void service_stops(const scene& in) {
  in.say("SIGTERM");
  in.service().stop();
}

/// Returns false if there is no process, or no disk that could show what it leaves.
bool end_suddenly(const scene& in, crash_kind how, aftermath left, const char* name) {
  if (!has_disk(in) || !in.service().is_up())
    return false;
  in.say(name);
  reached(name);
  end_process(in.on, how, left);
  return true;
}

void process_killed(const scene& in) {
  if (end_suddenly(in, crash_kind::process, aftermath::committed, "the process is killed"))
    start_in(in, in.moment());
}

void power_fails(const scene& in) {
  if (end_suddenly(in, crash_kind::power, aftermath::synced, "the power fails"))
    start_in(in, in.moment());
}

/// What the killed process has written is there when it starts again, and on no disk yet.
void killed_then_power_fails(const scene& in) {
  if (!end_suddenly(in, crash_kind::process, aftermath::committed,
                    "the process is killed, and the power fails soon after its start"))
    return;
  const auto wait = in.moment();
  start_in(in, wait);
  const auto later = wait + 1 + static_cast<us>(in.with.below(20 * ms));
  in.later(later, [&on = in.on, random_after = in.with]() mutable {
    power_fails({on, random_after, on.around.services.first()});
  });
}

/// Some come back only when others have gone on.
void lose_connections(const scene& in) {
  for (const auto& each : in.on.devices) {
    const auto away = 2 * in.some_time();
    each->lose_connection(in.with.below(2) == 0 ? 0 : away);
  }
}

void folder_emptied(const scene& in) {
  if (!has_disk(in) || !in.service().is_up())
    return;
  in.say("the machine is lost: the service begins anew with an empty folder");
  reached("another log");
  lose_connections(in);
  end_process(in.on, crash_kind::power, aftermath::nothing);
  in.on.files.empty();
  put_empty_store(in.on.files);
  start_in(in, in.moment());
}

void put_back(const scene& in, const model& before, std::map<std::string, std::string> copy) {
  if (!in.service().is_up() || in.truth().log != before.log)
    return;
  in.say("SIGKILL, and the copy of the folder is put in its place");
  reached("a copy of the folder is put back");
  lose_connections(in);
  end_process(in.on, crash_kind::power, aftermath::synced);
  note_put_back(in.truth(), before);
  in.on.files.empty();
  for (auto& [name, bytes] : copy)
    in.on.files.put(name, std::move(bytes));
  start_in(in, in.moment());
}

/// A copy of the folder is made, between two starts or as a snapshot of the disk while the service
/// runs, and later put in its place.
void backup_put_back(const scene& in) {
  if (!has_disk(in) || !in.service().is_up() || in.on.files.is_away())
    return;
  // A snapshot may hold what a disk that fails has not synced, and the service has taken back.
  if (in.with.below(2) == 0 || in.truth().disk_has_failed) {
    in.say("SIGKILL, and the folder is copied");
    end_process(in.on, crash_kind::process, aftermath::committed);
    start_in(in, in.moment());
  } else {
    in.say("the folder is copied");
  }
  const auto& on = in.on;
  const auto wait = in.some_time(); // Before what is drawn later is copied.
  in.later(wait,
           [&on, random_after = in.with, copy = in.on.files.copy(), before = in.truth()]() mutable {
             put_back({on, random_after, on.around.services.first()}, before, std::move(copy));
           });
}

// -- the disk and the clock -----------------------------------------------------------------------

void folder_away(const scene& in) {
  if (!has_disk(in) || !in.service().accepts() || in.on.files.is_away())
    return;
  in.say("the data folder is moved away");
  in.on.files.move_away();
  const auto lasts = in.moment();
  in.excuse(lasts);
  const auto& on = in.on;
  in.later(lasts, [&on] {
    put_folder_back(on);
    on.around.on.tell({}, {}, "the data folder is where it was");
  });
}

void last_for(const scene& in, bool disk::*what, const char* name) {
  if (!has_disk(in))
    return;
  in.say(name);
  reached(name);
  in.on.files.*what = true;
  in.truth().disk_has_failed = true;
  const auto lasts = in.some_time();
  in.excuse(lasts);
  auto& files = in.on.files;
  in.later(lasts, [&files, what] { files.*what = false; });
}

void disk_full(const scene& in) { last_for(in, &disk::full, "the disk is full"); }
void sync_fails(const scene& in) { last_for(in, &disk::sync_fails, "the disk cannot sync"); }
void read_fails(const scene& in) { last_for(in, &disk::read_fails, "the disk cannot be read"); }

void sync_slow(const scene& in) {
  in.say("the disk is slow");
  reached("the disk is slow");
  auto& threads = in.service().blocking();
  threads.slower_sync = static_cast<us>(in.with.between(second, 20 * second));
  in.later(in.some_time(), [&threads] { threads.slower_sync = 0; });
}

void clock_set(const scene& in) {
  constexpr std::int64_t most_back = 15'000;
  const auto by = static_cast<std::int64_t>(in.with.below(20'000)) - most_back;
  in.say("the clock is set by " + std::to_string(by) + " ms");
  reached("the clock is set");
  for (const auto& each : in.on.around.services.all())
    each->set_clock(by);
}

/// One after the other, and they go on in another order (the swizzle-clog of FoundationDB).
void all_stop_reading(const scene& in) {
  in.say("devices stop reading, one after the other");
  us wait = 0;
  for (const auto& each : in.on.devices) {
    if (in.with.below(2) == 0)
      continue;
    auto* device = each.get();
    wait += in.moment();
    in.later(wait, [device] {
      if (device->connection() != nullptr)
        device->connection()->stop_reading();
    });
    in.later(wait + in.some_time(), [device] {
      if (device->connection() != nullptr)
        device->connection()->read_on();
    });
  }
}

} // namespace

} // namespace strikes

namespace {

struct fault_row {
  feature how_often;
  void (*strike)(const strikes::scene&);
};

/// In the order of `fault`. A fault is one row more.
constexpr std::array<fault_row, fault_count> fault_rows{{
    {{"shard_dies", 0.35, 1, 6}, strikes::shard_dies},
    {{"connection_dies", 0.2, 1, 6}, strikes::connection_dies},
    {{"reader_dies", 0.08, 1, 2}, strikes::reader_dies},
    {{"archive_dies", 0.08, 1, 2}, strikes::archive_dies},
    {{"service_stops", 0.2, 1, 4}, strikes::service_stops},
    {{"process_killed", 0.25, 1, 6}, strikes::process_killed},
    {{"power_fails", 0.35, 1, 6}, strikes::power_fails},
    {{"killed_then_power_fails", 0.15, 1, 4}, strikes::killed_then_power_fails},
    {{"folder_emptied", 0.05, 1, 2}, strikes::folder_emptied},
    {{"folder_away", 0.05, 1, 3}, strikes::folder_away},
    {{"backup_put_back", 0.12, 1, 3}, strikes::backup_put_back},
    {{"disk_full", 0.2, 1, 4}, strikes::disk_full},
    {{"sync_fails", 0.1, 1, 4}, strikes::sync_fails},
    {{"read_fails", 0.1, 1, 4}, strikes::read_fails},
    {{"sync_slow", 0.05, 1, 2}, strikes::sync_slow},
    {{"clock_set", 0.2, 1, 6}, strikes::clock_set},
    {{"all_stop_reading", 0.05, 1, 2}, strikes::all_stop_reading},
    {{"node_killed", 0.5, 1, 5}, strikes::node_killed},
    {{"node_stands_still", 0.4, 1, 3}, strikes::node_stands_still},
    {{"bus_cut_off", 0.4, 1, 4}, strikes::bus_cut_off},
    {{"bus_gone", 0.2, 1, 2}, strikes::bus_gone},
    {{"database_away", 0.3, 1, 3}, strikes::database_away},
    {{"database_gone", 0.2, 1, 2}, strikes::database_gone},
    {{"answers_lost", 0.4, 1, 4}, strikes::answers_lost},
    {{"database_fails_over", 0.3, 1, 2}, strikes::database_fails_over},
}};

} // namespace

const std::array<feature, fault_count>& faults() {
  static const auto all = features_of(fault_rows);
  return all;
}

void strike(fault what, const victims& on, random& with) {
  fault_rows.at(static_cast<std::size_t>(what)).strike({on, with, on.around.services.any(with)});
}

void end_faults(const victims& on) {
  on.files.full = on.files.sync_fails = on.files.read_fails = false;
  on.around.services.first().blocking().slower_sync = 0;
  strikes::put_folder_back(on);
  mend_cluster(on);
}

} // namespace klatch::simulation
