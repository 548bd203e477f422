// What goes wrong in a cluster.
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/scene.hpp"

#include <map>
#include <string>

namespace klatch::simulation {

namespace strikes {

namespace {

bool is_cluster(const scene& in) { return in.on.around.chosen.is_cluster(); }

/// Some tenths of a second, or so long that a lease runs out.
us while_of(const scene& in) {
  constexpr double beyond_a_lease = 0.5;
  return static_cast<us>(in.with.chance(beyond_a_lease) ? in.with.between(5 * second, 14 * second)
                                                        : in.with.between(100 * ms, 3 * second));
}

std::size_t node_of(const scene& in) {
  const auto& all = in.on.around.services.all();
  std::size_t result = 0;
  while (all.at(result).get() != &in.hit)
    ++result;
  return result;
}

} // namespace

void node_killed(const scene& in) {
  if (!is_cluster(in) || !in.hit.is_up())
    return;
  in.say(in.hit.name() + " is killed");
  reached("a node is killed");
  if (in.hit.is_storing())
    reached("a node is killed in the middle of a commit");
  in.hit.kill();
  auto& service = in.hit;
  in.time().after(in.with.chance(0.3) ? while_of(in) : in.moment(),
                  {task::kind::service, 1, [&service] { service.start(); }});
}

void node_stands_still(const scene& in) {
  if (!is_cluster(in) || !in.hit.accepts())
    return;
  const auto lasts = while_of(in);
  in.say(in.hit.name() + " stands still");
  reached("a node stands still");
  in.hit.stand_still();
  in.excuse(lasts);
  auto& service = in.hit;
  auto& time = in.time();
  in.later(lasts, [&service, &time] {
    time.tell({}, {}, service.name() + " goes on");
    service.go_on();
  });
}

void bus_cut_off(const scene& in) {
  if (!is_cluster(in))
    return;
  in.say(in.hit.name() + " is cut off from the bus");
  in.on.around.services.air().cut(node_of(in), while_of(in));
}

void bus_gone(const scene& in) {
  if (!is_cluster(in))
    return;
  in.say("the bus is gone");
  reached("the bus is gone");
  const auto lasts = while_of(in);
  for (std::size_t node = 0; node < in.on.around.services.size(); ++node)
    in.on.around.services.air().cut(node, lasts);
}

void database_away(const scene& in) {
  if (!is_cluster(in))
    return;
  in.say(in.hit.name() + " cannot reach the database");
  const auto lasts = while_of(in);
  in.excuse(lasts);
  in.on.around.services.shared().go_away(node_of(in), lasts);
}

void database_gone(const scene& in) {
  if (!is_cluster(in))
    return;
  in.say("the database is gone");
  reached("the database is gone");
  const auto lasts = while_of(in);
  in.excuse(lasts);
  for (std::size_t node = 0; node < in.on.around.services.size(); ++node)
    in.on.around.services.shared().go_away(node, lasts);
}

void answers_lost(const scene& in) {
  if (!is_cluster(in) || !in.hit.is_up())
    return;
  const auto count = in.with.between(1, 6);
  in.say(in.hit.name() + " loses the next " + std::to_string(count) + " answers of the database");
  in.excuse();
  in.on.around.services.shared().lose_answers(node_of(in), count);
}

/// A standby takes over, which lacks what was written last: as much as it was behind.
void database_fails_over(const scene& in) {
  if (!is_cluster(in))
    return;
  auto& services = in.on.around.services;
  auto& shared = services.shared();
  const auto epoch = shared.epoch();
  std::map<const user*, std::uint64_t> heads;
  const auto before = shared.truth().make_reader();
  for (const auto* each : in.truth().users)
    heads[each] = head_of(*each, *before);
  const auto lost = shared.fail_over(in.with.between(1, 12));
  in.say("a standby of the database takes over, and lacks " + std::to_string(lost.size()) +
         " messages");
  reached(lost.empty() ? "another server has all" : "another server has lost messages");
  const auto lasts = in.with.chance(0.2) ? while_of(in) : in.moment();
  in.excuse(lasts);
  for (std::size_t node = 0; node < services.size(); ++node)
    shared.go_away(node, lasts);
  if (!lost.empty())
    note_loss(in.truth(), lost, epoch, heads);
}

} // namespace strikes

void mend_cluster(const victims& on) {
  auto& services = on.around.services;
  if (!on.around.chosen.is_cluster())
    return;
  services.shared().mend();
  services.air().mend();
  for (const auto& each : services.all())
    each->go_on();
}

} // namespace klatch::simulation
