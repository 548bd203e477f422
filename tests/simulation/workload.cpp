#include "tests/simulation/workload.hpp"

#include "tests/simulation/coverage.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace klatch::simulation {

namespace {

namespace does {

/// Somebody who acts, and with whom.
struct scene {
  device& by;
  const neighbourhood& around;
  random& with;
  const user& other;

  const user& me() const { return *by.state().who; }
  std::uint64_t known_n() const { return around.truth.book.last_n(&me(), &other); }
};

void come(const scene& in) { in.by.come(device::how_to_come::with_all); }

void send(const scene& in) { in.by.write(in.other, true, in.with.below(40), in.with); }

/// Enough, now and then, for all that may be under way of one connection.
void send_burst(const scene& in) {
  reached("a burst");
  const bool huge = in.with.chance(0.03);
  auto left = in.by.state().plain ? in.with.between(5, 10)
              : huge              ? in.with.between(250, 300)
                                  : in.with.between(5, 40);
  for (; left > 0; --left)
    in.by.write(in.other, true, in.with.below(60), in.with);
}

void send_again(const scene& in) {
  const auto& all = in.around.truth.book.messages;
  for (int tries = 0; tries < 10 && !all.empty() && !in.by.state().plain; ++tries) {
    const auto which = in.with.below(all.size());
    if (all[which].from == &in.me() && all[which].has_cid)
      return in.by.write_again(which, in.with);
  }
}

void send_without_cid(const scene& in) { in.by.write(in.other, false, in.with.below(40), in.with); }

void write_to_oneself(const scene& in) { in.by.write(in.me(), true, in.with.below(40), in.with); }

void send_large(const scene& in) {
  in.by.write(in.other, true, in.with.between(500, 5'000), in.with);
}

void send_bad_frame(const scene& in) {
  constexpr std::array<std::string_view, 7> bad{
      "{",
      "[]",
      R"({"type":"nonsense"})",
      R"({"type":"user","to_id":"","message":"x"})",
      R"({"type":"user","to_id":"1","message":""})",
      R"({"type":"user","id":"zz","to_id":"1","message":"x"})",
      R"({"type":"system","id":"zz","projectId":"zz"})"};
  in.by.say(std::string{in.with.one_of(bad)});
}

void ask_history(const scene& in) {
  std::optional<std::uint64_t> before;
  std::optional<std::uint64_t> after;
  if (in.with.below(2) == 0)
    before = in.with.between(1, in.known_n() + 4);
  if (in.with.below(2) == 0)
    after = in.with.below(in.known_n() + 2);
  // Now and then more than may be under way.
  const auto count = in.with.chance(0.1) ? in.with.between(9, 14) : 1;
  for (auto left = count; left > 0; --left)
    in.by.ask_history(in.other, before, after, in.with.between(1, 12));
}

void ask_conversations(const scene& in) {
  in.by.ask_conversations(std::nullopt, in.with.between(1, 4));
}

void set_read(const scene& in) {
  const auto beyond = in.with.chance(0.1) ? 5U : 0U;
  in.by.set_read(in.other, in.with.below(in.known_n() + 1) + beyond);
}

void set_received(const scene& in) {
  const auto cursor = in.by.state().cursor;
  in.by.set_received(in.with.chance(0.6) ? cursor : in.with.below(cursor + 100));
}

void register_again(const scene& in) { in.by.register_again("m"); }
void ping(const scene& in) { in.by.ask_pong(); }
void close(const scene& in) { in.by.hang_up(); }
void reset(const scene& in) { in.by.reset(); }

void fall_silent(const scene& in) {
  reached("half-open");
  in.by.connection()->fall_silent();
}

void stop_reading(const scene& in) {
  reached("a client stops reading");
  in.by.connection()->stop_reading();
}

void come_back_behind(const scene& in) {
  in.by.hang_up();
  in.by.come(device::how_to_come::further_back);
}

void come_without_registering(const scene& in) {
  in.by.hang_up();
  in.by.come(device::how_to_come::without_registering);
}

} // namespace does

struct action_row {
  feature how_often;
  bool extended_only;
  void (*perform)(const does::scene&);
};

/// In the order of `action`. A command of clients is one row more.
constexpr std::array<action_row, action_count> action_rows{{
    {{"come", 1, 4, 8}, false, does::come},
    {{"send", 1, 10, 40}, false, does::send},
    {{"burst", 0.3, 1, 6}, false, does::send_burst},
    {{"send_again", 0.5, 1, 8}, true, does::send_again},
    {{"send_without_cid", 0.2, 1, 5}, false, does::send_without_cid},
    {{"write_to_oneself", 0.3, 1, 4}, false, does::write_to_oneself},
    {{"send_large", 0.2, 1, 3}, false, does::send_large},
    {{"send_bad_frame", 0.2, 1, 3}, false, does::send_bad_frame},
    {{"ask_history", 0.5, 1, 8}, true, does::ask_history},
    {{"ask_conversations", 0.5, 1, 8}, true, does::ask_conversations},
    {{"set_read", 0.5, 1, 8}, true, does::set_read},
    {{"set_received", 0.5, 1, 8}, true, does::set_received},
    {{"register_again", 0.2, 1, 4}, false, does::register_again},
    {{"ping", 0.2, 1, 3}, true, does::ping},
    {{"close", 0.5, 1, 6}, false, does::close},
    {{"reset", 0.5, 1, 6}, false, does::reset},
    {{"fall_silent", 0.25, 1, 3}, false, does::fall_silent},
    {{"stop_reading", 0.5, 1, 6}, false, does::stop_reading},
    {{"come_back_behind", 0.3, 1, 3}, true, does::come_back_behind},
    {{"come_without_registering", 0.1, 1, 2}, false, does::come_without_registering},
}};

/// Somebody else of the project; nobody if there is none.
const user* somebody_else(const device& by, const neighbourhood& around, random& with) {
  std::vector<const user*> others;
  for (const auto* each : around.truth.users)
    if (each->project == by.state().who->project && each != by.state().who)
      others.push_back(each);
  return others.empty() ? nullptr : others[with.below(others.size())];
}

} // namespace

const std::array<feature, action_count>& actions() {
  static const auto all = features_of(action_rows);
  return all;
}

void perform(action what, device& by, const neighbourhood& around, random& with) {
  const auto& chosen = action_rows.at(static_cast<std::size_t>(what));
  auto* connection = by.connection();
  if (connection == nullptr)
    return by.come(device::how_to_come::with_all);
  constexpr double notices = 0.3;
  if (connection->is_silent())
    return with.chance(notices) ? by.give_up_silent() : void();
  if (!connection->reads() && with.chance(notices))
    return connection->read_on();
  if (!by.state().online || (chosen.extended_only && by.state().plain))
    return;
  if (const auto* other = somebody_else(by, around, with))
    chosen.perform({by, around, with, *other});
}

} // namespace klatch::simulation
