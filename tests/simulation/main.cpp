#include "tests/simulation/random.hpp"
#include "tests/simulation/run.hpp"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <sys/resource.h>

int main(int argc, char** argv) {
  using namespace klatch::simulation;
  prepare_runs();
  std::uint64_t first = std::strtoull(argv[1], nullptr, 10),
                last = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : first;
  std::map<std::string, int> kinds;
  std::uint64_t steps = 0, hash = 0;
  for (auto seed = first; seed <= last; ++seed) {
    if (std::getenv("SAY"))
      std::cerr << seed << "\n";
    auto r = recipe_of(seed);
    const auto v = run(r, first == last && argc == 2
                              ? (std::getenv("ACT") ? trace_detail::actors : trace_detail::wire)
                              : trace_detail::none);
    for (const auto& l : v.trace)
      std::cout << as_text(l) << "\n";
    steps += v.steps;
    hash = mix(hash ^ v.hash);
    if (!v.broken.empty()) {
      if (kinds[kind_of(v.broken)]++ < 3)
        std::cout << "seed " << seed << ": " << v.broken << "\n";
    }
  }
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  const double cpu = double(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                     1e-6 * double(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
  std::cout << "cpu " << cpu << " seeds/s " << double(last - first + 1) / cpu << " steps " << steps
            << " us/step " << cpu * 1e6 / double(steps) << " hash " << std::hex << hash << std::dec
            << "\n";
  for (auto& [k, n] : kinds)
    std::cout << n << "  " << k << "\n";
  if (std::getenv("COV"))
    for (auto& [k, n] : take_coverage())
      std::cout << "   " << n << " " << k << "\n";
}
