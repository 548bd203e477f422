#include "tests/simulation/shrink.hpp"

#include "tests/simulation/isolated.hpp"
#include "tests/simulation/plan.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace klatch::simulation {

namespace {

/// Settings that change no plan, and what is simplest.
constexpr std::array simplest{"time_passes=0", "delays=0",    "stalls=0",    "yields=0",
                              "picks=0",       "latency=0",   "sync_time=0", "window=1048576",
                              "announces=0",   "send_rate=0", "shards=1",    "longest_delay=100"};

using event_numbers = std::vector<std::size_t>;

class shrinker {
public:
  shrinker(const recipe& broken, const std::function<void(std::size_t)>& on_progress)
      : on_progress_(on_progress), total_(make_plan(broken.seed, broken.chosen).events.size()) {
    result_.what = broken;
    wanted_ = kind_of(run_again(broken));
  }

  shrunk run() {
    if (wanted_.empty())
      return result_;
    do
      leave_out();
    while (simplify());
    return result_;
  }

private:
  std::string run_again(const recipe& what) {
    ++result_.runs;
    return run_isolated(what).broken;
  }

  bool still_broken(const recipe& what) { return kind_of(run_again(what)) == wanted_; }

  event_numbers left() const {
    event_numbers result;
    for (std::size_t each = 0; each < total_; ++each)
      if (!result_.what.without.contains(each))
        result.push_back(each);
    return result;
  }

  bool try_without(const event_numbers& some) {
    auto smaller = result_.what;
    smaller.without.insert(some.begin(), some.end());
    if (!still_broken(smaller))
      return false;
    result_.what = std::move(smaller);
    on_progress_(total_ - result_.what.without.size());
    return true;
  }

  void leave_out() {
    for (auto size = std::max<std::size_t>(left().size() / 2, 1);; size = (size + 1) / 2) {
      leave_out_parts(size);
      if (size == 1)
        return;
    }
  }

  /// From the end on: what comes late is needed least.
  void leave_out_parts(std::size_t size) {
    const auto all = left();
    for (auto end = all.size(); end > 0; end -= std::min(size, end)) {
      const auto begin = end - std::min(size, end);
      try_without({all.begin() + static_cast<std::ptrdiff_t>(begin),
                   all.begin() + static_cast<std::ptrdiff_t>(end)});
    }
  }

  /// Returns true if something has become simpler, so that more events may go.
  bool simplify() {
    bool any = false;
    for (const std::string setting : simplest) {
      auto simpler = result_.what;
      set(simpler.chosen, setting);
      if (settings_of(simpler.chosen) == settings_of(result_.what.chosen) || !still_broken(simpler))
        continue;
      result_.what = std::move(simpler);
      result_.settings.push_back(setting);
      any = true;
    }
    return any;
  }

  const std::function<void(std::size_t)>& on_progress_;
  std::size_t total_;
  std::string wanted_;
  shrunk result_{};
};

} // namespace

shrunk shrink(const recipe& broken, const std::function<void(std::size_t)>& on_progress) {
  return shrinker{broken, on_progress}.run();
}

} // namespace klatch::simulation
