// script/simulate is the way to it.
#include "tests/simulation/capacity.hpp"
#include "tests/simulation/isolated.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/run.hpp"
#include "tests/simulation/shrink.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#if defined(KLATCH_MUTATIONS)
#include "tests/simulation/mutations.hpp"
#endif

namespace {

using namespace klatch::simulation;

constexpr int exit_failed = 1;
constexpr int exit_refused = 2;
/// Of a failing run so many lines are shown that concern it.
constexpr std::size_t lines_shown = 20;
/// Of so many failing runs.
constexpr std::uint64_t failures_shown = 5;
/// Users, their devices, users of a project, messages a second.
constexpr std::uint64_t most_of_a_crowd = 100'000'000;

struct command {
  std::optional<std::uint64_t> seed;
  std::string seeds;
  std::optional<double> seconds;
  std::string trace;
  bool shrinks = false;
  bool stops = false;
  bool shows_hash = false;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::string> settings;
  std::string without;
  std::string only;
  std::string branches;
  std::string mutation;
  bool lists_settings = false;
  bool lists_mutations = false;
  bool capacity = false;
  capacity_options crowd{};
};

recipe make_recipe(const command& asked, std::uint64_t seed) {
  auto result = recipe_of(seed);
  for (const auto& each : asked.settings)
    set(result.chosen, each);
  result.without = parse_numbers(asked.without);
  if (!asked.only.empty()) {
    const auto kept = parse_numbers(asked.only);
    for (const auto& each : make_plan(seed, result.chosen).events)
      if (!kept.contains(each.number))
        result.without.insert(each.number);
  }
  return result;
}

/// The line that repeats a run.
std::string line_of(const command& asked, const recipe& what,
                    const std::vector<std::string>& more_settings = {}) {
  auto line = "script/simulate --seed " + std::to_string(what.seed);
  if (!asked.mutation.empty())
    line += " --mutation " + asked.mutation;
  for (const auto* list : {&asked.settings, &more_settings})
    for (const auto& each : *list)
      line += " --set " + each;
  if (what.without.empty())
    return line;
  std::set<std::size_t> kept;
  for (const auto& each : make_plan(what.seed, what.chosen).events)
    if (!what.without.contains(each.number))
      kept.insert(each.number);
  const auto without = format_numbers(what.without);
  const auto only = format_numbers(kept);
  return line + (only.size() < without.size() ? " --only " + only : " --without " + without);
}

bool ends_process(const std::string& broken) {
  return broken.starts_with("it crashes") || broken.starts_with("it hangs");
}

void show(const std::vector<trace_line>& lines) {
  for (const auto& each : lines)
    std::cout << as_text(each) << '\n';
}

/// Runs it once more to see what has led to it, unless that ends this process too.
void explain(const command& asked, const recipe& what, const std::string& broken) {
  std::cout << line_of(asked, what) << " # " << broken << std::endl;
  if (!ends_process(broken))
    show(about(broken, run(what, trace_detail::wire).trace, lines_shown));
}

std::uint64_t seed_of(std::string_view text) {
  std::uint64_t result = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), result);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size())
    throw std::invalid_argument{"--seeds takes a number or two, such as 5000 or 1-5000"};
  return result;
}

range seeds_of(const command& asked) {
  if (asked.seeds.empty())
    return asked.seconds ? range{} : range{1, 10'000};
  const std::string_view text{asked.seeds};
  const auto dash = text.find('-');
  if (dash == std::string_view::npos)
    return {1, seed_of(text)};
  const range result{seed_of(text.substr(0, dash)), seed_of(text.substr(dash + 1))};
  if (result.first > result.last)
    throw std::invalid_argument{"--seeds " + asked.seeds + " are none"};
  return result;
}

/// Branches of the list that were not reached. A line of it is a name; what begins with # is none.
std::vector<std::string> unreached(const std::string& list, const coverage& reached,
                                   std::size_t& total) {
  std::ifstream in{list};
  if (!in)
    throw std::invalid_argument{"cannot read " + list};
  std::vector<std::string> result;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#')
      continue;
    ++total;
    if (!reached.contains(line))
      result.push_back(line);
  }
  return result;
}

void show_figures(const summary& of) {
  const auto runs = static_cast<double>(std::max<std::uint64_t>(of.runs, 1));
  std::printf("%.0f seeds a second, %.0f steps a second; a seed: %.0f steps, %.0f messages, "
              "%.0f syncs, %.1f faults, %.0f virtual seconds\n", // NOLINT: figures in columns
              runs / of.seconds, static_cast<double>(of.steps) / of.seconds,
              static_cast<double>(of.steps) / runs, static_cast<double>(of.messages) / runs,
              static_cast<double>(of.syncs) / runs, static_cast<double>(of.faults) / runs,
              static_cast<double>(of.virtual_time) / 1e6 / runs);
}

int run_many_seeds(const command& asked) {
  std::uint64_t shown = 0;
  many_options how{.seeds = seeds_of(asked),
                   .seconds = asked.seconds,
                   .processes = asked.jobs,
                   .stop_at_failure = asked.stops,
                   .make = [&](std::uint64_t seed) { return make_recipe(asked, seed); },
                   .on_failure =
                       [&](std::uint64_t seed, const std::string& broken) {
                         if (shown++ < failures_shown)
                           explain(asked, make_recipe(asked, seed), broken);
                         else
                           std::cout << line_of(asked, make_recipe(asked, seed)) << " # " << broken
                                     << '\n';
                       }};
  const auto result = run_many(how);
  show_figures(result);
  if (asked.shows_hash)
    std::printf("hash %016llx\n", static_cast<unsigned long long>(result.hash)); // NOLINT: hex
  std::size_t total = 0;
  std::vector<std::string> left;
  if (!asked.branches.empty())
    left = unreached(asked.branches, result.reached, total);
  for (const auto& each : left)
    std::cout << "never reached: " << each << '\n';
  std::cout << result.runs - result.failures << " passed, " << result.failures << " failed";
  if (total > 0)
    std::cout << ", coverage " << total - left.size() << " of " << total;
  std::cout << std::endl;
  return result.failures == 0 && left.empty() ? 0 : exit_failed;
}

int run_one_seed(const command& asked) {
  auto what = make_recipe(asked, *asked.seed);
  std::vector<std::string> more;
  if (asked.shrinks) {
    const auto small = shrink(what, [](std::size_t left) {
      std::cerr << '\r' << left << " events are left " << std::flush;
    });
    std::cerr << '\r';
    what = small.what;
    more = small.settings;
    std::cout << "shrunk in " << small.runs << " runs" << std::endl;
  }
  const auto first = run_isolated(what);
  const auto result =
      ends_process(first.broken)
          ? first
          : run(what, asked.trace == "actors" ? trace_detail::actors : trace_detail::wire);
  if (asked.trace == "mermaid")
    std::cout << as_mermaid(result.trace);
  else if (!asked.trace.empty())
    show(result.trace);
  else if (!result.broken.empty())
    show(about(result.broken, result.trace, lines_shown));
  std::cout << line_of(asked, what, more) << " # "
            << (result.broken.empty() ? "nothing is wrong" : result.broken) << '\n'
            << result.events << " events, " << result.messages << " messages, " << result.steps
            << " steps, " << static_cast<double>(result.virtual_time) / 1e6 << " virtual seconds"
            << std::endl;
  return result.broken.empty() ? 0 : exit_failed;
}

void declare(CLI::App& app, command& asked) {
  app.description("Runs the service's own actors and its store on a simulated machine: whatever "
                  "happens follows from a number, the seed.");
  auto* seed =
      app.add_option("--seed", asked.seed, "Run this one, and show what has led to a failure");
  app.add_option("--seeds", asked.seeds, "Run these: 5000, or 1-5000 (10,000 without --time)");
  app.add_option("--time", asked.seconds, "Run for so many seconds")->check(CLI::Range(0.001, 1e6));
  app.add_option("--trace", asked.trace,
                 "With --seed: show all that happens; `actors` shows whose turn it is as well, "
                 "`mermaid` draws a sequence diagram")
      ->expected(0, 1)
      ->default_str("wire")
      ->check(CLI::IsMember({"wire", "actors", "mermaid"}))
      ->needs(seed);
  app.add_flag("--shrink", asked.shrinks,
               "With --seed: leave out what happens for as long as it still fails")
      ->needs(seed);
  app.add_option("--without", asked.without, "Leave out events by their numbers: 3-17,20");
  app.add_option("--only", asked.only, "Leave out all other events");
  app.add_option("--set", asked.settings, "Set what the seed has drawn otherwise: delays=0");
  app.add_flag("--settings", asked.lists_settings, "With --seed: print what it has drawn")
      ->needs(seed);
  app.add_option("--jobs", asked.jobs, "Processes (one a core)")->check(CLI::Range(1U, 256U));
  app.add_flag("--stop", asked.stops, "Stop at the first failure");
  app.add_flag("--hash", asked.shows_hash, "Print the hash of all that has happened");
  app.add_option("--coverage", asked.branches, "Fail unless all branches of this list are reached")
      ->check(CLI::ExistingFile);
  app.add_option("--mutation", asked.mutation,
                 "Put in a fault on purpose, by its name (in a build with mutations)");
  app.add_flag("--mutations", asked.lists_mutations, "List their names");
  app.add_flag("--capacity", asked.capacity, "Let a crowd register and talk, and print its costs");
  const auto of_a_crowd = CLI::Range(std::uint64_t{1}, most_of_a_crowd);
  app.add_option("--users", asked.crowd.users, "Of the crowd (1,000,000)")->check(of_a_crowd);
  app.add_option("--rate", asked.crowd.rate, "Messages a second of all together (20,000)")
      ->check(of_a_crowd);
  app.add_option("--hours", asked.crowd.hours, "Virtual hours (1)")
      ->check(CLI::Range(0.001, 1000.0));
  app.add_option("--room", asked.crowd.room, "Users of a project (1,000)")->check(of_a_crowd);
  app.add_option("--devices", asked.crowd.devices, "Connections of each user (1)")
      ->check(of_a_crowd);
  app.footer("A failing run prints the line that repeats it. Exit status: 0 nothing is wrong, "
             "1 something is, 2 it was asked for something else. docs/simulation.md tells more.");
}

int act(const command& asked) {
#if defined(KLATCH_MUTATIONS)
  if (asked.lists_mutations) {
    for (const auto* each : mutation_names())
      std::cout << each << '\n';
    return 0;
  }
  if (!asked.mutation.empty() && !choose_mutation(asked.mutation))
    throw std::invalid_argument{"there is no mutation " + asked.mutation};
#else
  if (!asked.mutation.empty() || asked.lists_mutations)
    throw std::invalid_argument{"this build has no mutations: script/simulate --mutations"};
#endif
  if (asked.capacity)
    return measure_capacity(asked.crowd);
  prepare_runs();
  if (!asked.seed)
    return run_many_seeds(asked);
  if (asked.lists_settings) {
    for (const auto& each : settings_of(make_recipe(asked, *asked.seed).chosen))
      std::cout << each << '\n';
    return 0;
  }
  return run_one_seed(asked);
}

} // namespace

int main(int argc, char** argv) {
  command asked;
  CLI::App app;
  declare(app, asked);
  try {
    app.parse(argc, argv);
    return act(asked);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_refused;
  } catch (const std::exception& error) {
    std::cerr << "simulate: " << error.what() << '\n';
    return exit_refused;
  }
}
