#include "tests/cluster/scenario.hpp"

#include "tests/catch.hpp"
#include "tests/faults/whole_check.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <poll.h>
#include <random>
#include <sstream>
#include <unordered_map>
#include <utility>

namespace klatch::clustered {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr unsigned users = 20;
constexpr double sends_a_second = 40;
constexpr milliseconds longest_wait{5};

std::uint64_t chosen_seed() {
  const auto* text = std::getenv("KLATCH_CLUSTER_SEED");
  return text != nullptr ? std::stoull(text) : std::random_device{}();
}

std::string name_of(unsigned user) { return "u" + std::to_string(user); }

} // namespace

scenario::scenario(std::string title, const fleet_options& options)
    : title_(std::move(title)), seed_(chosen_seed()), fleet_(options) {
  traffic_.random.seed(seed_);
  traffic_.token_of = [this](const std::string& user) { return fleet_.token_of(user); };
  for (unsigned at = 0; at < fleet_size; ++at)
    traffic_.nodes.push_back(fleet_.endpoint(at));
  for (unsigned user = 0; user < users; ++user)
    for (unsigned number = 0; number <= user % 2; ++number) {
      auto name = name_of(user) + (number == 0 ? ".phone" : ".desk");
      devices_.push_back(std::make_unique<device>(name_of(user), std::move(name), traffic_));
      if (number == 0)
        senders_.push_back(devices_.back().get());
    }
  next_send_ = next_leave_ = steady_clock::now() + 1s;
}

scenario::~scenario() {
  if (whole_)
    return;
  print();
  for (const auto& [epoch, log] : traffic_.logs)
    std::cout << log.description();
  fleet_.keep_folder();
}

void scenario::calm(milliseconds how_long, const std::string& name) {
  traffic_.times.begin_phase(name, true);
  run(how_long);
}

void scenario::fault(const std::string& name, milliseconds how_long) {
  traffic_.times.begin_phase(name, false);
  run(how_long);
}

void scenario::fault_until(const std::string& name, const std::function<bool()>& done,
                           milliseconds longest) {
  traffic_.times.begin_phase(name, false);
  const auto end = steady_clock::now() + longest;
  run_until([&] { return done() || steady_clock::now() >= end; }, end + 1h);
}

void scenario::run(milliseconds how_long) {
  const auto end = steady_clock::now() + how_long;
  run_until([end] { return steady_clock::now() >= end; }, end + 1h);
}

void scenario::run_until(const std::function<bool()>& done, time_point limit) {
  while (!done()) {
    move(longest_wait);
    const auto now = steady_clock::now();
    act(now);
    if (now < limit)
      continue;
    std::string waiting;
    for (const auto& each : devices_)
      if (!each->is_settled())
        waiting += each->description() + '\n';
    FAIL("not everybody has got everything in time:\n" << waiting);
  }
}

void scenario::move(milliseconds at_most) {
  std::vector<pollfd> watched;
  std::vector<device*> of;
  for (const auto& each : devices_) {
    if (each->descriptor() < 0)
      continue;
    const auto events = each->has_output() ? POLLIN | POLLOUT : POLLIN;
    watched.push_back({each->descriptor(), static_cast<short>(events), 0});
    of.push_back(each.get());
  }
  const auto ready = ::poll(watched.data(), watched.size(), static_cast<int>(at_most.count()));
  REQUIRE((ready >= 0 || errno == EINTR));
  for (std::size_t at = 0; ready > 0 && at < watched.size(); ++at)
    if (watched[at].revents != 0)
      of[at]->step();
}

void scenario::act(time_point now) {
  while (sending_ && now >= next_send_) {
    send_something();
    std::exponential_distribution<double> pause{sends_a_second};
    next_send_ += std::chrono::duration_cast<steady_clock::duration>(
        std::chrono::duration<double>{pause(traffic_.random)});
  }
  take_somebody_away(now);
  for (const auto& each : devices_)
    each->look_at_clock(now);
}

void scenario::send_something() {
  auto& sender = *senders_.at(up_to(users - 1));
  const auto to = up_to(6) == 0 ? 0 : up_to(users - 1);
  if (!sender.is_away())
    sender.send_to(name_of(static_cast<unsigned>(to)));
}

void scenario::take_somebody_away(time_point now) {
  if (away_ != nullptr && (now >= away_until_ || !sending_))
    std::exchange(away_, nullptr)->go_away(false);
  if (away_ != nullptr || !sending_ || now < next_leave_)
    return;
  away_ = devices_.at(up_to(devices_.size() - 1)).get();
  away_->go_away(true);
  away_until_ = now + milliseconds{500 + up_to(3'500)};
  next_leave_ = away_until_ + milliseconds{up_to(1'000)};
}

void scenario::settle(milliseconds limit) {
  sending_ = false;
  const auto began = steady_clock::now();
  run_until(
      [this] {
        return std::all_of(devices_.begin(), devices_.end(),
                           [](const auto& each) { return each->is_settled(); });
      },
      began + limit);
  settled_after_ = std::chrono::duration<double>{steady_clock::now() - began}.count();
}

std::string scenario::faults_of_store() {
  const auto answer = fleet_.folder() / "check";
  const auto* chosen = std::getenv("KLATCH_BIN");
  const program_options check{
      .words = {chosen != nullptr ? chosen : KLATCH_BIN_DEFAULT, "--store", fleet_.url(), "check"},
      .log = answer};
  constexpr int most_tries = 5; // A machine that has other work may take longer than it waits for.
  for (int tries = 1;; ++tries) {
    const auto status = status_of(check);
    if (status == 0)
      return "";
    const auto said = text_of_file(answer);
    if (tries == most_tries || said.find("cannot connect") == std::string::npos)
      return said + "status " + std::to_string(status);
  }
}

void scenario::check() {
  auto& log = traffic_.logs.at(traffic_.epochs.back());
  faults::check_all_stored(fleet_.endpoint(0), log);
  INFO(log.description());
  CHECK(log.found().all() == 0);
  CHECK(not_stored(traffic_.epochs.back()) == 0);
  CHECK(faults_of_store() == "");
  if (traffic_.epochs.size() == 1) {
    // Not a message more, and not one less.
    CHECK(log.size() == traffic_.sends.size());
    CHECK(log.acknowledgements() == traffic_.sends.size());
  }
}

std::size_t scenario::not_stored(const std::string& epoch) {
  auto& database = fleet_.standby_took_over() ? fleet_.standby() : fleet_.database();
  std::istringstream rows{database.ask("SELECT convert_from(cid, 'UTF8') || ' ' || n || ' ' || mid "
                                       "|| ' ' || from_seq FROM message")};
  std::unordered_map<std::string, std::array<std::uint64_t, 3>> stored;
  std::string cid;
  for (std::array<std::uint64_t, 3> at{}; rows >> cid >> at[0] >> at[1] >> at[2];)
    stored[cid] = at;
  const auto& log = traffic_.logs.at(epoch);
  return static_cast<std::size_t>(std::count_if(
      traffic_.acknowledged.begin(), traffic_.acknowledged.end(), [&](const auto& each) {
        if (!log.knows(each) || !log.message(each).acknowledged)
          return false;
        const auto& told = log.message(each);
        const auto found = stored.find(each);
        return found == stored.end() ||
               found->second != std::array<std::uint64_t, 3>{told.n, told.mid, told.from_seq};
      }));
}

void scenario::pass() {
  print();
  whole_ = true;
}

void scenario::finish() {
  settle();
  check();
  print();
  whole_ = std::uncaught_exceptions() == 0 && traffic_.last_log().found().all() == 0;
}

void scenario::print() {
  std::cout << title_ << " (KLATCH_CLUSTER_SEED=" << seed_ << ")\n";
  traffic_.times.print(std::cout);
  std::cout << "  " << traffic_.sends.size() << " sent, " << traffic_.acknowledged.size()
            << " acknowledged, " << traffic_.reconnects << " connections ended";
  for (const auto& [code, count] : traffic_.errors)
    std::cout << ", " << count << ' ' << code;
  std::uint64_t late = 0;
  for (const auto& each : devices_)
    late += each->late();
  std::cout << ", " << late << " acknowledged behind their own entry";
  if (!traffic_.epochs.empty()) {
    const auto& found = traffic_.last_log().found();
    std::cout << "; " << found.lost << " lost, " << found.twice << " twice, " << found.gaps
              << " gaps, " << found.changed << " changed";
  }
  std::cout << "; all have everything after " << settled_after_ << " s" << std::endl;
}

} // namespace klatch::clustered
