#include "actors/connection.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace klatch::actors {

namespace {

/// Most users a connection follows; beyond, another one is looked up anew when it is written to
/// next.
constexpr std::size_t max_routes = 256;

/// Calls `Visit` with each element of a mailbox, whose queues hand it on with their keys before it.
template<class Visit>
struct each_element {
  Visit visit;

  void operator()(const caf::mailbox_element& element) const { visit(element); }

  template<class Key, class Queue, class... Rest>
  caf::intrusive::task_result operator()(const Key& /*key*/, const Queue& /*queue*/,
                                         const Rest&... rest) const {
    (*this)(rest...);
    return caf::intrusive::task_result::resume;
  }
};

template<class Visit>
each_element(Visit) -> each_element<Visit>;

} // namespace

connection::connection(caf::actor_config& cfg, caf::execution_unit& home,
                       const connection_scope& scope, std::shared_ptr<transport> client,
                       directory_table_ptr directory)
    : pinned(cfg, home), scope_(scope), client_(std::move(client)),
      directory_(std::move(directory)), sends_(scope.allowed.send_rate),
      refusals_(scope.allowed.send_rate) {}

connection_actor connection::self() { return connection_actor{this}; }

connection::behavior_type connection::make_behavior() {
  send(scope_.supervisor, watch{self(), directory_->version});
  return {
      [this](delivery& arrived) { on_delivery(arrived); },
      [this](const undelivered& returned) { on_undelivered(returned); },
      [this](route_changed& changed) { on_route_changed(changed); },
      [this](const notice& told) { client_->send(told.text); },
      [this](directory_changed& changed) { on_directory_changed(changed); },
      [this](const going_away&) { close(close_code::going_away); },
      [this](const transport_closing&) { leave(); },
      [this](const transport_closed&) {
        socket_gone_ = true;
        leave();
        quit_when_done();
      },
  };
}

// -- from the transport ---------------------------------------------------------------------------

void connection::on_text(std::string_view text) {
  enter();
  if (stage_ == stage::leaving || client_ == nullptr || !within_rate())
    return;
  std::visit([this](const auto& said) { handle(said); }, scope_.frames.decode(text));
}

void connection::on_registration_due() {
  enter();
  if (stage_ == stage::waiting)
    refuse(error_code::not_registered, "no registration came within the time allowed");
}

void connection::on_closing() {
  enter();
  deaf_ = true;
  anon_send(this, transport_closing{});
}

void connection::on_closed() {
  enter();
  anon_send(this, transport_closed{});
}

bool connection::within_rate() {
  const auto now = clock().now();
  const auto wait = sends_.take(now);
  if (wait == rate_limit::clock::duration::zero())
    return true;
  client_->send(encode_rate_limited(std::chrono::ceil<std::chrono::milliseconds>(wait)));
  if (refusals_.take(now) != rate_limit::clock::duration::zero())
    close(close_code::rate_limited);
  return false;
}

// -- registration ---------------------------------------------------------------------------------

void connection::handle(const registration& asked) {
  if (me_ != nullptr && asked.key != me_->key)
    return refuse(error_code::forbidden,
                  "This connection is registered with another id or project");
  if (me_ == nullptr) // What came before is not held against who has registered.
    sends_ = rate_limit{scope_.allowed.send_rate};
  me_ = std::make_unique<const registration>(asked);
  client_->pause();
  stage_ = stage::registering;
  register_at_directory();
}

void connection::register_at_directory() {
  forgotten_ = false;
  // Where the shard dies before it answers, its successor is asked: see on_directory_changed.
  request(directory_->shard_of(me_->key), caf::infinite,
          register_device{me_->key, me_->name, client_->peer(), self()})
      .then([this](route& own) { on_registered(std::move(own)); }, [](const caf::error&) {});
}

void connection::on_registered(route own) {
  if (stage_ == stage::leaving)
    return;
  std::erase(own.devices, self());
  siblings_ = std::move(own.devices);
  if (std::exchange(stage_, stage::registered) == stage::registered)
    return;
  client_->send(acknowledgement());
  client_->resume();
}

// -- messages of this client ----------------------------------------------------------------------

void connection::handle(const user_message& asked) {
  if (me_ == nullptr)
    return refuse(error_code::not_registered);
  if (asked.id && *asked.id != me_->key.user.str())
    return refuse(error_code::forbidden,
                  "id is not the one that this connection is registered with");
  if (asked.project && *asked.project != me_->key.project.str())
    return refuse(error_code::forbidden,
                  "projectId is not the one that this connection is registered with");
  route_message(asked);
}

void connection::handle(const fault& found) {
  const bool not_a_registration =
      found.type == frame_type::user || found.type == frame_type::unknown;
  if (me_ == nullptr && not_a_registration)
    return refuse(error_code::not_registered);
  refuse(found.code, found.text);
}

void connection::route_message(const user_message& asked) {
  const auto text = encode(usermsg{.name = asked.name.value_or(me_->name),
                                   .message = asked.message,
                                   .color = asked.color.value_or(me_->color),
                                   .from = me_->key.user.str(),
                                   .to = asked.to});
  if (asked.to == me_->key.user.str()) {
    client_->send(text);
    return deliver_to_siblings(text);
  }
  if (const auto known = routes_.find(asked.to); known != routes_.end())
    return deliver(known->second, text);
  if (auto to = user_id::parse(asked.to))
    return find_then_deliver(*std::move(to), text);
  refuse(error_code::bad_frame, "to_id is not a user's id");
}

void connection::find_then_deliver(user_id to, frame text) {
  client_->pause();
  const user_key wanted{me_->key.project, to};
  looked_up_ = std::move(to);
  request(directory_->shard_of(wanted), caf::infinite, lookup{wanted, self()})
      .then(
          [this, to = wanted.user, text](route& found) {
            if (stage_ == stage::leaving)
              return;
            looked_up_.reset();
            if (found.devices.empty()) {
              client_->send(encode_not_connected(to.str()));
            } else {
              deliver(found.devices, text);
              remember(to, std::move(found.devices));
            }
            client_->resume();
          },
          [this](const caf::error&) {
            if (stage_ == stage::leaving)
              return;
            looked_up_.reset();
            refuse(error_code::unavailable);
            client_->resume();
          });
}

void connection::deliver(const devices& receivers, const frame& text) {
  for (const auto& device : receivers)
    send(device, delivery{text});
  deliver_to_siblings(text);
}

void connection::deliver_to_siblings(const frame& text) {
  for (const auto& device : siblings_)
    send(device, delivery{text});
}

void connection::remember(const user_id& to, devices receivers) {
  if (routes_.size() >= max_routes) {
    const auto evicted = routes_.begin();
    stop_following(evicted->first);
    routes_.erase(evicted);
  }
  routes_.insert_or_assign(to, std::move(receivers));
}

void connection::stop_following(const user_id& user) {
  const user_key followed{me_->key.project, user};
  send(directory_->shard_of(followed), unfollow{followed, self()});
}

void connection::drop_routes() {
  for (const auto& [user, receivers] : routes_)
    stop_following(user);
  if (looked_up_)
    stop_following(*looked_up_);
  looked_up_.reset();
  routes_.clear();
  siblings_.clear();
}

// -- from other actors ----------------------------------------------------------------------------

void connection::on_delivery(delivery& arrived) {
  if (!deaf_ && stage_ != stage::leaving)
    return client_->send(arrived.text);
  give_back(*current_mailbox_element());
}

void connection::give_back(const caf::mailbox_element& element) {
  if (element.sender != nullptr && element.content().match_elements<delivery>())
    anon_send(caf::actor_cast<connection_actor>(element.sender),
              undelivered{me_->key.user, self()});
}

void connection::on_undelivered(const undelivered& returned) {
  if (stage_ == stage::leaving)
    return;
  if (returned.to == me_->key.user) {
    std::erase(siblings_, returned.device);
    return;
  }
  // The directory tells of the change too, before or after this.
  if (const auto known = routes_.find(returned.to); known != routes_.end()) {
    std::erase(known->second, returned.device);
    if (!known->second.empty())
      return;
    routes_.erase(known);
  }
  client_->send(encode_not_connected(returned.to.str()));
}

void connection::on_route_changed(route_changed& changed) {
  if (stage_ == stage::leaving || changed.user.project != me_->key.project)
    return;
  if (changed.user == me_->key) {
    std::erase(changed.devices, self());
    siblings_ = std::move(changed.devices);
    return;
  }
  const auto known = routes_.find(changed.user.user);
  if (known == routes_.end())
    return;
  if (changed.devices.empty())
    routes_.erase(known);
  else
    known->second = std::move(changed.devices);
}

void connection::on_directory_changed(directory_changed& changed) {
  const auto before = std::exchange(directory_, std::move(changed.table));
  if (me_ == nullptr || stage_ == stage::leaving)
    return;
  const auto replaced = [&](const user_key& user) {
    return before->shard_of(user) != directory_->shard_of(user);
  };
  std::erase_if(routes_, [&](const auto& known) {
    return replaced({me_->key.project, known.first});
  });
  if (replaced(me_->key))
    register_at_directory();
}

// -- the end --------------------------------------------------------------------------------------

void connection::refuse(error_code code, std::string_view text) {
  if (stage_ == stage::leaving)
    return;
  client_->send(encode_error(code, text));
  if (const auto closes_with = describe(code).closes_with)
    close(*closes_with);
}

void connection::close(close_code code) {
  client_->close(code);
  leave();
}

void connection::leave() {
  if (std::exchange(stage_, stage::leaving) == stage::leaving)
    return;
  drop_routes();
  if (forgotten_)
    return;
  const auto on_forgotten = [this] {
    forgotten_ = true;
    quit_when_done();
  };
  request(directory_->shard_of(me_->key), caf::infinite, unregister_device{me_->key, self()})
      .then([on_forgotten](caf::unit_t) { on_forgotten(); },
            [on_forgotten](const caf::error&) { on_forgotten(); });
}

void connection::quit_when_done() {
  if (forgotten_ && socket_gone_)
    quit();
}

void connection::enqueue(caf::mailbox_element_ptr element, caf::execution_unit* from) {
  // me_ does not change any more once the mailbox is closed.
  if (mailbox().closed())
    return give_back(*element);
  pinned::enqueue(std::move(element), from);
}

bool connection::cleanup(caf::error&& reason, caf::execution_unit* host) {
  if (!mailbox().closed()) {
    mailbox().close();
    const each_element give_back_each{[this](const auto& element) { give_back(element); }};
    while (mailbox().queue().new_round(1000, give_back_each).consumed_items > 0) {
    }
  }
  return pinned::cleanup(std::move(reason), host);
}

void connection::on_exit() {
  drop_routes();
  if (!forgotten_)
    anon_send(directory_->shard_of(me_->key), unregister_device{me_->key, self()});
  if (client_ != nullptr)
    client_->close(close_code::internal_error);
  client_.reset();
}

} // namespace klatch::actors
