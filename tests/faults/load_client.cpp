#include "tests/faults/load_client.hpp"

namespace klatch::faults {

std::uint64_t up_to(random_source& random, std::uint64_t most) {
  return std::uniform_int_distribution<std::uint64_t>{0, most}(random);
}

void load_client::connect(const net::tcp_endpoint& to) {
  stream_.emplace(to);
  on_connect();
}

void load_client::step() {
  came_.clear();
  const bool open = stream_->step(came_);
  for (const auto& each : came_)
    on_frame(nlohmann::json::parse(each));
  if (!open)
    stream_.reset();
}

const std::string& load_client::any_peer() {
  return plan_.peers[up_to(random_, plan_.peers.size() - 1)];
}

} // namespace klatch::faults
