#include "tests/simulation/isolated.hpp"

#include "tests/simulation/random.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace klatch::simulation {

namespace {

using steady = std::chrono::steady_clock;

/// A run takes some ms.
constexpr std::chrono::seconds longest_run{30};
/// Coverage is told so often.
constexpr unsigned seeds_a_report = 64;

/// Two numbers that a process and its parent share.
struct progress {
  std::atomic<std::uint64_t> seed;
  std::atomic<std::uint64_t> runs;
};

class shared_progress {
public:
  shared_progress()
      : where_(mmap(nullptr, sizeof(progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                    -1, 0)) {
    if (where_ == MAP_FAILED) // NOLINT: the system's macro
      throw std::system_error{errno, std::generic_category(), "mmap"};
    new (where_) progress{}; // NOLINT: it is unmapped, not deleted
  }
  ~shared_progress() { munmap(where_, sizeof(progress)); }
  shared_progress(shared_progress&&) = delete;
  shared_progress& operator=(shared_progress&&) = delete;

  progress& operator*() const noexcept { return *static_cast<progress*>(where_); }
  progress* operator->() const noexcept { return static_cast<progress*>(where_); }

private:
  void* where_;
};

/// A process that writes lines.
class child {
public:
  explicit child(const std::function<void(int out)>& work) {
    int ends[2]; // NOLINT: the system's interface
    if (pipe(ends) != 0)
      throw std::system_error{errno, std::generic_category(), "pipe"};
    process_ = fork();
    if (process_ < 0)
      throw std::system_error{errno, std::generic_category(), "fork"};
    if (process_ == 0) {
      close(ends[0]);
      work(ends[1]);
      _exit(0);
    }
    close(ends[1]);
    in_ = ends[0];
  }
  ~child() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      wait();
    }
    close(in_);
  }
  child(child&&) = delete;
  child& operator=(child&&) = delete;

  int in() const noexcept { return in_; }
  void stop() const noexcept { kill(process_, SIGKILL); }

  /// Reads what there is, and calls `each` with every line that is whole. Returns false at the end.
  bool read(const std::function<void(const std::string&)>& each) {
    char bytes[65536]; // NOLINT: a buffer
    const auto got = ::read(in_, bytes, sizeof bytes);
    if (got <= 0)
      return got < 0 && errno == EINTR;
    rest_.append(bytes, static_cast<std::size_t>(got));
    for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
      each(rest_.substr(0, end));
      rest_.erase(0, end + 1);
    }
    return true;
  }

  /// Waits for its end. Returns why it was no good one, in words; empty if it was.
  std::string wait() {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    if (WIFSIGNALED(status))
      return WTERMSIG(status) == SIGKILL
                 ? "it hangs"
                 : std::string{"it crashes: "} + strsignal(WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? std::string{}
                                    : "it ends with status " + std::to_string(WEXITSTATUS(status));
  }

private:
  pid_t process_ = -1;
  int in_ = -1;
  std::string rest_;
};

void write_all(int out, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto done = ::write(out, text.data() + at, text.size() - at);
    if (done <= 0)
      _exit(2);
    at += static_cast<std::size_t>(done);
  }
}

std::string line_of(const verdict& of, std::uint64_t seed) {
  std::ostringstream line;
  line << "V " << seed << ' ' << of.hash << ' ' << of.steps << ' ' << of.messages << ' ' << of.syncs
       << ' ' << of.faults << ' ' << of.events << ' ' << of.virtual_time << ' ' << of.broken
       << '\n';
  return line.str();
}

verdict verdict_of(const std::string& line, std::uint64_t& seed) {
  std::istringstream in{line};
  char kind = 0;
  verdict result;
  in >> kind >> seed >> result.hash >> result.steps >> result.messages >> result.syncs >>
      result.faults >> result.events >> result.virtual_time;
  in.ignore(1);
  std::getline(in, result.broken);
  return result;
}

std::string lines_of(const coverage& reached) {
  std::string result;
  for (const auto& [branch, count] : reached)
    result += "C " + std::to_string(count) + ' ' + branch + '\n';
  return result;
}

} // namespace

verdict run_isolated(const recipe& what) {
  child process{[&](int out) { write_all(out, line_of(run(what), what.seed)); }};
  const auto until = steady::now() + longest_run;
  verdict result;
  for (bool more = true; more;) {
    pollfd waits{process.in(), POLLIN, 0};
    if (poll(&waits, 1, 100) > 0)
      more = process.read([&](const std::string& line) {
        std::uint64_t seed = 0;
        result = verdict_of(line, seed);
      });
    if (steady::now() > until)
      process.stop();
  }
  if (auto why = process.wait(); !why.empty())
    result.broken = std::move(why);
  return result;
}

namespace {

/// Runs every so many-th seed from `first` on.
void run_share(const many_options& how, std::uint64_t first, steady::time_point end, progress& told,
               int out) {
  unsigned since_report = 0;
  for (auto seed = first; seed <= how.seeds.last && steady::now() < end; seed += how.processes) {
    told.seed = seed;
    const auto recipe = how.make(seed);
    write_all(out, line_of(run(recipe), seed));
    ++told.runs;
    if (++since_report == seeds_a_report) {
      write_all(out, lines_of(take_coverage()));
      since_report = 0;
    }
  }
  write_all(out, lines_of(take_coverage()));
}

/// The processes that share the work. One that comes to a bad end is followed by another.
class workers {
public:
  explicit workers(const many_options& how)
      : how_(how), begun_(steady::now()),
        end_(how.seconds ? begun_ + std::chrono::duration_cast<steady::duration>(
                                        std::chrono::duration<double>{*how.seconds})
                         : steady::time_point::max()),
        all_(how.processes) {}

  summary run() {
    for (std::size_t at = 0; at < all_.size(); ++at)
      start(at, how_.seeds.first + at);
    while (any())
      look();
    result_.seconds = std::chrono::duration<double>{steady::now() - begun_}.count();
    return std::move(result_);
  }

private:
  struct worker {
    shared_progress told;
    std::unique_ptr<child> process;
    std::uint64_t last_runs = 0;
    steady::time_point since{};
  };

  bool any() const {
    return std::any_of(all_.begin(), all_.end(),
                       [](const worker& each) { return each.process != nullptr; });
  }

  void start(std::size_t at, std::uint64_t first) {
    auto& one = all_[at];
    if (first > how_.seeds.last || steady::now() >= end_)
      return one.process.reset();
    one.since = steady::now();
    one.process =
        std::make_unique<child>([&](int out) { run_share(how_, first, end_, *one.told, out); });
  }

  void look() {
    std::vector<pollfd> waits;
    std::vector<std::size_t> whose;
    for (std::size_t at = 0; at < all_.size(); ++at)
      if (all_[at].process != nullptr) {
        waits.push_back({all_[at].process->in(), POLLIN, 0});
        whose.push_back(at);
      }
    poll(waits.data(), waits.size(), 200);
    for (std::size_t index = 0; index < waits.size(); ++index) {
      if (waits[index].revents != 0 && !read(whose[index]))
        finish(whose[index]);
      else
        stop_if_it_hangs(all_[whose[index]]);
    }
  }

  bool read(std::size_t at) {
    return all_[at].process->read([this](const std::string& line) { take(line); });
  }

  void stop_if_it_hangs(worker& one) const {
    const auto runs = one.told->runs.load();
    if (std::exchange(one.last_runs, runs) != runs)
      one.since = steady::now();
    else if (one.process != nullptr && steady::now() - one.since > longest_run)
      one.process->stop();
  }

  void finish(std::size_t at) {
    auto& one = all_[at];
    const auto why = one.process->wait();
    one.process.reset();
    if (why.empty())
      return;
    const auto seed = one.told->seed.load();
    ++result_.runs;
    fail(seed, why);
    if (!over_)
      start(at, seed + how_.processes);
  }

  void take(const std::string& line) {
    if (line.starts_with("C "))
      return take_branch(line.substr(2));
    std::uint64_t seed = 0;
    const auto one = verdict_of(line, seed);
    ++result_.runs;
    result_.steps += one.steps;
    result_.messages += one.messages;
    result_.syncs += one.syncs;
    result_.faults += one.faults;
    result_.virtual_time += one.virtual_time;
    result_.hash ^= mix(one.hash ^ mix(seed));
    if (!one.broken.empty())
      fail(seed, one.broken);
  }

  void take_branch(const std::string& rest) {
    const auto space = rest.find(' ');
    result_.reached[rest.substr(space + 1)] += std::stoull(rest.substr(0, space));
  }

  void fail(std::uint64_t seed, const std::string& broken) {
    if (over_)
      return;
    ++result_.failures;
    result_.first_failure = std::min(result_.first_failure.value_or(seed), seed);
    how_.on_failure(seed, broken);
    over_ = how_.stop_at_failure;
    if (over_)
      for (const auto& each : all_)
        if (each.process != nullptr)
          each.process->stop();
  }

  const many_options& how_;
  steady::time_point begun_;
  steady::time_point end_;
  std::vector<worker> all_;
  bool over_ = false;
  summary result_;
};

} // namespace

summary run_many(const many_options& how) { return workers{how}.run(); }

} // namespace klatch::simulation
