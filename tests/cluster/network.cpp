#include "tests/cluster/network.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace klatch::clustered {

namespace {

constexpr const char* switch_name = "switch";

net::descriptor current_namespace() {
  net::descriptor result{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
  REQUIRE(result.get() >= 0);
  return result;
}

/// The command that `words` make, in a namespace.
void ip(int where, const std::string& words) {
  program_options command{.words = {path_of("ip")}, .log = "/dev/stderr", .network = where};
  for (std::size_t at = 0; at < words.size();) {
    const auto end = std::min(words.find(' ', at), words.size());
    command.words.push_back(words.substr(at, end - at));
    at = end + 1;
  }
  INFO("ip " << words);
  run(command);
}

/// Drops what goes between here and there.
std::string drop(const std::string& there, bool in) {
  const auto colon = there.find(':');
  auto rule = std::string{"ip "} + (in ? "saddr " : "daddr ") + there.substr(0, colon);
  if (colon != std::string::npos)
    rule += std::string{" tcp "} + (in ? "sport " : "dport ") + there.substr(colon + 1);
  return rule + " drop\n";
}

std::string chain(const std::string& hook, const std::string& rules) {
  return "chain " + hook + " {\n type filter hook " + hook + " priority 0;\n" + rules + "}\n";
}

} // namespace

std::string network::why_not() {
  if (::geteuid() != 0)
    return "only root makes network namespaces";
  for (const auto* name : {"ip", "nft"})
    if (path_of(name).empty())
      return std::string{name} + " is not installed";
  const auto child = ::fork();
  if (child == 0)
    ::_exit(::unshare(CLONE_NEWNET) == 0 ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0 ? "" : "network namespaces cannot be made here";
}

network::network() {
  REQUIRE(::unshare(CLONE_NEWNET) == 0);
  home_ = current_namespace();
  ip(-1, "link set lo up");
  ip(-1, std::string{"link add "} + switch_name + " type bridge");
  ip(-1, std::string{"addr add "} + own_address + "/24 dev " + switch_name);
  ip(-1, std::string{"link set "} + switch_name + " up");
}

void network::add(const std::string& address) {
  REQUIRE(::unshare(CLONE_NEWNET) == 0);
  auto machine = current_namespace();
  REQUIRE(::setns(home_.get(), CLONE_NEWNET) == 0);
  const auto link = "port" + address.substr(address.rfind('.') + 1);
  const auto path = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(machine.get());
  ip(-1, "link add " + link + " type veth peer name eth0 netns " + path);
  ip(-1, "link set " + link + " master " + switch_name + " up");
  ip(machine.get(), "addr add " + address + "/24 dev eth0");
  ip(machine.get(), "link set eth0 up");
  ip(machine.get(), "link set lo up");
  machines_.emplace(address, std::move(machine));
}

void network::rules(const std::string& machine, const std::string& text) {
  run({.words = {path_of("nft"), "flush ruleset\n" + text},
       .log = "/dev/stderr",
       .network = this->machine(machine)});
}

void network::cut(const std::string& machine, const std::vector<std::string>& others) {
  std::string in;
  std::string out;
  for (const auto& each : others) {
    in += drop(each, true);
    out += drop(each, false);
  }
  rules(machine, "table inet faults {\n" + chain("input", in) + chain("output", out) + "}\n");
}

void network::lose(const std::string& machine, unsigned percent) {
  const auto rule = "numgen random mod 100 < " + std::to_string(percent) + " drop\n";
  rules(machine, "table inet faults {\n" + chain("input", rule) + "}\n");
}

void network::heal(const std::string& machine) { rules(machine, ""); }

} // namespace klatch::clustered
