#include "tests/faults/crowd.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>

namespace klatch::faults {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// So that what is waited for is looked at even where nothing comes.
constexpr milliseconds longest_wait{20};

const std::vector<std::string> everybody{"anna",   "boris", "clara", "dmitri", "ella",
                                         "fyodor", "greta", "hugo",  "irina",  "jan",
                                         "kira",   "leo",   "away"};

} // namespace

crowd::crowd(std::uint64_t seed) : random_(seed) {
  add("anna", "anna", {"boris"});
  add("boris", "boris", {"anna"});
  add("clara", "clara", {"dmitri"});
  add("dmitri", "dmitri", {"clara", "away"});
  add("ella", "ella", {"ella"});
  add("fyodor", "fyodor.phone", {"greta", "hugo"});
  add("fyodor", "fyodor.desk", {"hugo", "greta", "fyodor"});
  add("greta", "greta", {"fyodor"});
  add("hugo", "hugo", {"fyodor", "greta"});
  add("irina", "irina", everybody);
  add("jan", "jan", everybody);
  add("kira", "kira", everybody);
  plain_ = std::make_unique<plain_device>(load_plan{"leo", "leo", everybody}, log_, random_);
  clients_.push_back(plain_.get());
}

void crowd::add(const std::string& user, const std::string& device,
                std::vector<std::string> peers) {
  devices_.push_back(
      std::make_unique<extended_device>(load_plan{user, device, std::move(peers)}, log_, random_));
  clients_.push_back(devices_.back().get());
}

void crowd::connect(const net::tcp_endpoint& to) {
  std::shuffle(clients_.begin(), clients_.end(), random_);
  for (auto* each : clients_)
    each->connect(to);
}

void crowd::run_until(steady_clock::time_point end) {
  for (auto now = steady_clock::now(); now < end; now = steady_clock::now())
    if (!move(std::chrono::ceil<milliseconds>(end - now)))
      FAIL("the server has closed all connections");
}

void crowd::run_for(std::uint64_t so_many) {
  const auto enough = log_.acknowledgements() + so_many;
  run_until([&] { return log_.acknowledgements() >= enough; });
}

void crowd::run_until(const std::function<bool()>& done) {
  const auto limit = steady_clock::now() + 2 * sockets::patience;
  while (!done()) {
    if (!move(longest_wait) || steady_clock::now() > limit)
      FAIL("the load came to a stop; so far " << log_.acknowledgements() << " acknowledgements\n"
                                              << log_.description());
  }
}

void crowd::read_to_end() {
  const auto limit = steady_clock::now() + sockets::patience;
  while (move(longest_wait))
    REQUIRE(steady_clock::now() < limit);
}

void crowd::settle() {
  set_sending(false);
  run_until([this] { return all_settled(); });
  plain_->send_note();
  run_until([this] { return all_settled(); });
}

void crowd::set_sending(bool on) {
  for (auto* each : clients_)
    each->set_sending(on);
}

bool crowd::all_settled() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const auto* each) { return each->is_connected() && each->is_settled(); });
}

bool crowd::move(milliseconds at_most) {
  std::vector<pollfd> watched;
  std::vector<load_client*> of;
  for (auto* each : clients_) {
    if (!each->is_connected())
      continue;
    const auto events = each->stream().has_output() ? POLLIN | POLLOUT : POLLIN;
    watched.push_back({each->stream().descriptor(), static_cast<short>(events), 0});
    of.push_back(each);
  }
  if (watched.empty())
    return false;
  const auto ready = ::poll(watched.data(), watched.size(), static_cast<int>(at_most.count()));
  REQUIRE((ready >= 0 || errno == EINTR));
  for (std::size_t at = 0; ready > 0 && at < watched.size(); ++at)
    if (watched[at].revents != 0)
      of[at]->step();
  return true;
}

std::uint64_t crowd::were_there() const {
  std::uint64_t sum = 0;
  for (const auto& each : devices_)
    sum += each->were_there();
  return sum;
}

std::uint64_t crowd::were_not_there() const {
  std::uint64_t sum = 0;
  for (const auto& each : devices_)
    sum += each->were_not_there();
  return sum;
}

} // namespace klatch::faults
