#include "tests/simulation/options.hpp"

#include "tests/simulation/random.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <stdexcept>

namespace klatch::simulation {

namespace {

void draw_turns(random& of, options& into) {
  // Delays find most; which of those who could run is picked matters less (docs/simulation.md).
  into.picks = of.one_of(
      std::array{strategy::uniform, strategy::uniform, strategy::priorities, strategy::first_come});
  into.priority_changes = of.one_of(std::array{0.0, 0.001, 0.01});
  into.delays = of.one_of(std::array{0.0, 0.01, 0.02, 0.05});
  into.stalls = of.one_of(std::array{0.0, 0.01, 0.02, 0.05});
  into.yields = of.one_of(std::array{0.0, 0.02, 0.1, 0.3});
  into.longest_delay = of.one_of(std::array<us, 3>{100, 5'000, 100'000});
  into.time_passes = of.one_of(std::array{0.0, 0.0, 0.0, 0.005, 0.05});
}

void draw_service(random& of, options& into) {
  const auto store = of.below(100);
  into.store = store < 4 ? store_kind::none : store < 12 ? store_kind::memory : store_kind::sqlite;
  into.shards = of.between(1, 4);
  into.max_devices = of.chance(0.05) ? 2 : 50;
  into.send_rate = of.chance(0.15) ? 20 : 0;
  // A page is always less than what may wait.
  const auto bound = of.below(3);
  into.waiting_bytes = std::array{8'000UL, 40'000UL, 1UL << 20U}.at(bound);
  into.page_bytes = std::array{600UL, 3'000UL, 128UL << 10U}.at(of.below(bound + 1));
  into.page_entries = std::array{2UL, 7UL, 500UL}.at(of.below(bound == 0 ? 2 : 3));
  into.batch_messages = of.one_of(std::array{3UL, 20UL, 2'000UL, 2'000UL});
  into.delivery_step = of.one_of(std::array{2UL, 200UL});
  into.messages_may_wait = of.chance(0.15) ? 5 : 20'000;
  into.marks_may_wait = of.chance(0.1) ? 2 : 20'000;
  into.tail_limit = of.one_of(std::array{2UL, 8UL, 40UL, 32'768UL});
  into.cache_limit = into.tail_limit < 10 ? 3 : 100'000;
  into.wal_soft_bytes = of.one_of(std::array{16UL << 10U, 64UL << 10U, 1UL << 20U});
  into.announces = of.chance(0.3);
}

void draw_machine(random& of, options& into) {
  into.latency = of.one_of(std::array<us, 4>{0, 200, 5'000, 100'000});
  into.window = of.one_of(std::array{300UL, 2'000UL, 20'000UL, 1UL << 20U});
  into.sync_time = of.one_of(std::array<us, 4>{0, 300, 3'000, 100'000});
  into.kept_of_unsynced = of.one_of(std::array{0.0, 0.3, 0.7, 1.0});
}

void draw_people(random& of, options& into) {
  into.users = of.between(2, 6);
  into.projects = of.chance(0.2) ? 2 : 1;
  into.most_devices = of.between(1, 3);
  into.plain = of.chance(0.5) ? 0.3 : 0;
  into.think = of.one_of(std::array<us, 4>{500, 5'000, 50'000, 500'000});
  into.action_total = of.between(60, 260);
  into.silences = of.chance(0.4) ? of.between(1, 4) : 0;
}

/// A token that ends is seen only if the run goes on for long enough.
void draw_tokens(random of, options& into) {
  if (!of.chance(0.25))
    return;
  into.token_life = of.one_of(std::array<us, 3>{3'000'000, 15'000'000, 40'000'000});
  into.silences = of.between(2, 6);
}

/// Three nodes, now and then two, that share a database.
void draw_cluster(random of, options& into) {
  if (!of.chance(0.2)) {
    std::fill(into.fault_totals.begin() + static_cast<std::size_t>(first_of_clusters),
              into.fault_totals.end(), 0U);
    return;
  }
  into.store = store_kind::shared;
  into.nodes = of.chance(0.2) ? 2 : 3;
  into.lanes = of.between(1, 2);
  into.database_way = of.one_of(std::array<us, 3>{50, 500, 10'000});
  into.has_bus = !of.chance(0.1);
  const bool has_room = of.chance(0.6);
  into.bus_frame = of.chance(0.2) ? 300 : has_room ? 64UL << 10U : 200;
  into.bus_latency = of.one_of(std::array<us, 3>{100, 1'000, 30'000});
  into.bus_loses = of.one_of(std::array{0.0, 0.02, 0.1, 0.3});
  into.bus_repeats = of.one_of(std::array{0.0, 0.0, 0.1});
  into.bus_reorders = of.one_of(std::array{0.0, 0.0, 0.05, 0.2});
  into.silences = of.between(0, 4);
}

template<std::size_t size>
void draw_features(random& of, const std::array<feature, size>& features,
                   std::array<std::uint32_t, size>& into) {
  for (std::size_t at = 0; at < size; ++at)
    into.at(at) =
        of.chance(features.at(at).share)
            ? static_cast<std::uint32_t>(of.between(features.at(at).low, features.at(at).high))
            : 0;
}

/// A setting by its name.
struct setting {
  std::string name;
  std::function<void(options&, double)> set;
  std::function<double(const options&)> get;
};

template<class Value>
setting member(std::string name, Value options::*where) {
  return {std::move(name), [where](options& of, double to) { of.*where = static_cast<Value>(to); },
          [where](const options& of) { return static_cast<double>(of.*where); }};
}

template<std::size_t size>
void add_features(std::vector<setting>& to, const std::string& kind,
                  const std::array<feature, size>& features,
                  std::array<std::uint32_t, size> options::*where) {
  for (std::size_t at = 0; at < size; ++at)
    to.push_back(
        {kind + '.' + std::string{features.at(at).name},
         [=](options& of, double value) { (of.*where).at(at) = static_cast<std::uint32_t>(value); },
         [=](const options& of) { return static_cast<double>((of.*where).at(at)); }});
}

std::vector<setting> make_settings() {
  std::vector<setting> all{member("picks", &options::picks),
                           member("priority_changes", &options::priority_changes),
                           member("delays", &options::delays),
                           member("stalls", &options::stalls),
                           member("yields", &options::yields),
                           member("longest_delay", &options::longest_delay),
                           member("time_passes", &options::time_passes),
                           member("store", &options::store),
                           member("shards", &options::shards),
                           member("max_devices", &options::max_devices),
                           member("send_rate", &options::send_rate),
                           member("waiting_bytes", &options::waiting_bytes),
                           member("page_entries", &options::page_entries),
                           member("page_bytes", &options::page_bytes),
                           member("batch_messages", &options::batch_messages),
                           member("delivery_step", &options::delivery_step),
                           member("messages_may_wait", &options::messages_may_wait),
                           member("marks_may_wait", &options::marks_may_wait),
                           member("tail_limit", &options::tail_limit),
                           member("cache_limit", &options::cache_limit),
                           member("wal_soft_bytes", &options::wal_soft_bytes),
                           member("announces", &options::announces),
                           member("nodes", &options::nodes),
                           member("lanes", &options::lanes),
                           member("database_way", &options::database_way),
                           member("has_bus", &options::has_bus),
                           member("bus_frame", &options::bus_frame),
                           member("bus_latency", &options::bus_latency),
                           member("bus_loses", &options::bus_loses),
                           member("bus_repeats", &options::bus_repeats),
                           member("bus_reorders", &options::bus_reorders),
                           member("latency", &options::latency),
                           member("window", &options::window),
                           member("sync_time", &options::sync_time),
                           member("kept_of_unsynced", &options::kept_of_unsynced),
                           member("users", &options::users),
                           member("projects", &options::projects),
                           member("most_devices", &options::most_devices),
                           member("plain", &options::plain),
                           member("think", &options::think),
                           member("token_life", &options::token_life),
                           member("silences", &options::silences),
                           member("action_total", &options::action_total)};
  add_features(all, "action", actions(), &options::weights);
  add_features(all, "fault", faults(), &options::fault_totals);
  return all;
}

const std::vector<setting>& all_settings() {
  static const auto all = make_settings();
  return all;
}

std::string number(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

} // namespace

options swarm(std::uint64_t seed) {
  random of{seed, purpose::options};
  options result;
  draw_turns(of, result);
  draw_service(of, result);
  draw_machine(of, result);
  draw_people(of, result);
  draw_features(of, actions(), result.weights);
  draw_features(of, faults(), result.fault_totals);
  draw_tokens(random{seed, purpose::tokens, 1}, result); // None for the seeds of seeds.txt.
  draw_cluster(random{seed, purpose::cluster}, result);  // Likewise.
  // Until what a node has told before a loss can be told from what it tells after it: see
  // docs/simulation.md.
  constexpr std::uint64_t first_new_seed = 1'000'000;
  if (seed >= first_new_seed)
    result.fault_totals.at(static_cast<std::size_t>(fault::database_fails_over)) = 0;
  return result;
}

void set(options& target, std::string_view assignment) {
  const auto name = assignment.substr(0, assignment.find('='));
  const auto text = assignment.substr(std::min(name.size() + 1, assignment.size()));
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size())
    throw std::invalid_argument{std::string{assignment} + " is not NAME=NUMBER"};
  for (const auto& each : all_settings())
    if (each.name == name)
      return each.set(target, value);
  std::string known;
  for (const auto& each : all_settings())
    known += (known.empty() ? "" : ", ") + each.name;
  throw std::invalid_argument{"there is no setting " + std::string{name} + ": there are " + known};
}

std::vector<std::string> settings_of(const options& of) {
  std::vector<std::string> result;
  for (const auto& each : all_settings())
    result.push_back(each.name + '=' + number(each.get(of)));
  return result;
}

} // namespace klatch::simulation
