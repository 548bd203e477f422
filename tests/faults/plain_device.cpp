#include "tests/faults/plain_device.hpp"

#include <map>

namespace klatch::faults {

namespace {

constexpr std::uint64_t longest_burst = 16;

} // namespace

void plain_device::on_connect() {
  received_.emplace_back();
  awaited_.clear();
  push({{"type", "system"}, {"id", plan().user}, {"projectId", 2424}, {"name", "p"}});
}

void plain_device::on_frame(const nlohmann::json& frame) {
  if (frame.at("type") == "system") {
    if (frame.contains("error"))
      log().changed(plan().device + " was told " + frame.dump());
    return send_some();
  }
  const auto cid = cid_of(frame.at("message"));
  received_.back().push_back(cid);
  if (cid == awaited_) {
    awaited_.clear();
    send_some();
  }
}

void plain_device::send(const std::string& to) {
  awaited_ = next_cid();
  push({{"type", "user"}, {"to_id", to}, {"message", text_of(awaited_)}});
}

void plain_device::send_note() { send(plan().user); }

void plain_device::send_some() {
  if (!sending())
    return;
  for (auto left = up_to(random(), longest_burst); left > 0; --left)
    send(any_peer());
  send_note();
}

std::uint64_t plain_device::check_received() {
  std::map<std::string, std::size_t> place;
  for (const auto& cid : log().inboxes().at(plan().user))
    if (!cid.empty() && log().message(cid).to == plan().user)
      place.emplace(cid, place.size());
  std::size_t end = 0; // of what has come so far
  std::uint64_t again = 0;
  for (const auto& connection : received_) {
    for (std::size_t at = 0; at < connection.size(); ++at) {
      const auto found = place.find(connection[at]);
      if (found == place.end())
        log().lost(plan().device + " was sent " + connection[at] + ", which is not stored");
      else if (at > 0 && found->second != place[connection[at - 1]] + 1)
        log().gap(plan().device + " was sent " + connection[at] + " out of its order");
      else if (found->second > end)
        log().gap(plan().device + " was not sent what comes before " + connection[at]);
      else if (found->second < end)
        ++again;
      else
        ++end;
    }
  }
  if (end != place.size())
    log().lost(plan().device + " was not sent the last of its messages");
  return again;
}

} // namespace klatch::faults
