// Messages that are not stored: straight to the recipient's connections, by handles cached from the
// directory.
#include "actors/connection/connection.hpp"
#include "messages/wire/encode_error.hpp"
#include "messages/wire/encode_message.hpp"

#include <chrono>
#include <utility>

namespace klatch::actors {

namespace {

/// Most users a connection follows; beyond, another one is looked up anew when it is written to
/// next.
constexpr std::size_t max_routes = 256;

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

} // namespace

void connection::route_message(const user_message& asked, const frame_key& key) {
  const auto text = encode(usermsg{.name = name_for(asked),
                                   .message = asked.message,
                                   .color = color_for(asked),
                                   .from = me_.user(),
                                   .to = asked.to});
  if (asked.to == me_.user()) {
    client_->send(text);
    deliver_to_siblings(text);
    return confirm_handed_on(key);
  }
  if (const auto receivers = routes_.find(asked.to); !receivers.empty()) {
    deliver(receivers, text);
    return confirm_handed_on(key);
  }
  if (auto to = user_id::parse(asked.to))
    return find_then_deliver(*std::move(to), text, key);
  refuse(error_code::bad_frame, "to_id is not a user's id", key);
}

void connection::confirm_handed_on(const frame_key& of) {
  if (speaks() == dialect::extended)
    client_->send(encode_ack(of, now_ms()));
}

void connection::find_then_deliver(user_id to, frame text, const frame_key& key) {
  hold();
  user_key wanted{me_.project_as_id(), to};
  const auto& shard = directory_->shard_of(wanted);
  rare().looked_up =
      look_up{std::move(to), std::move(text), {std::string{key.cid}, std::string{key.ref}}};
  send(shard, lookup{std::move(wanted), self()});
}

void connection::on(const lookup_result& answered) {
  if (cold_ == nullptr || !cold_->looked_up)
    return;
  const auto asked = *std::exchange(cold_->looked_up, std::nullopt);
  free_cold_state();
  if (answered.devices.empty()) {
    client_->send(encode_not_connected(speaks(), asked.to.str(), asked.key.view()));
  } else {
    deliver(answered.devices, asked.text);
    remember(asked.to.str(), answered.devices);
    confirm_handed_on(asked.key.view());
  }
  release();
}

void connection::give_up_look_up() {
  const auto asked = std::exchange(cold_->looked_up, std::nullopt);
  free_cold_state();
  refuse(error_code::unavailable, {}, asked->key.view());
  release();
}

void connection::deliver(devices_view receivers, const frame& text) {
  for (const auto& device : receivers)
    send(device, delivery{text});
  deliver_to_siblings(text);
}

void connection::deliver_to_siblings(const frame& text) {
  if (cold_ == nullptr)
    return;
  for (const auto& device : cold_->siblings)
    send(device, delivery{text});
}

void connection::set_siblings(devices others) {
  if (cold_ != nullptr || !others.empty())
    rare().siblings = std::move(others);
  free_cold_state();
}

void connection::on(const sibling_changed& changed) {
  if (stage_ == stage::leaving)
    return;
  if (changed.present)
    rare().siblings.push_back(changed.device);
  else if (cold_ != nullptr)
    std::erase(cold_->siblings, changed.device);
  free_cold_state();
}

void connection::remember(std::string_view to, devices_view receivers) {
  if (routes_.size() >= max_routes) {
    const auto evicted = routes_.any();
    stop_following(evicted);
    routes_.set(evicted, {});
  }
  routes_.set(to, receivers);
}

void connection::stop_following(std::string_view user) {
  const user_key followed{me_.project_as_id(), user_id::parse(user).value()};
  send(directory_->shard_of(followed), unfollow{followed, self()});
}

void connection::drop_routes() {
  routes_.for_each([this](std::string_view user) { stop_following(user); });
  routes_ = {};
  if (cold_ != nullptr && cold_->looked_up)
    stop_following(cold_->looked_up->to.str());
  cold_.reset();
}

void connection::on(const delivery& arrived) {
  if (!input_closed_ && stage_ != stage::leaving)
    return client_->send(arrived.text);
  give_back(*current_mailbox_element());
}

void connection::give_back(const caf::mailbox_element& element) {
  if (element.sender != nullptr && element.content().match_elements<delivery>())
    anon_send(caf::actor_cast<connection_actor>(element.sender),
              undelivered{me_.user_as_id(), self()});
}

void connection::on(const undelivered& returned) {
  if (stage_ == stage::leaving)
    return;
  if (returned.to.str() == me_.user()) {
    if (cold_ != nullptr)
      std::erase(cold_->siblings, returned.device);
    return free_cold_state();
  }
  // The directory tells of the change too, before or after this.
  if (!routes_.remove(returned.to.str(), returned.device))
    return;
  client_->send(encode_not_connected(speaks(), returned.to.str()));
}

void connection::on(const route_changed& changed) {
  if (stage_ == stage::leaving || changed.user.project.str() != me_.project())
    return;
  const auto& user = changed.user.user.str();
  if (changed.gone == nullptr)
    routes_.set(user, {});
  else
    routes_.remove(user, changed.gone);
}

} // namespace klatch::actors
