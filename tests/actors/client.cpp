#include "tests/actors/client.hpp"

#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace klatch::test {

using nlohmann::json;

namespace {

/// From the upgrade on, as the sockets have it.
constexpr std::chrono::seconds registration_time{10};

std::string line_of(const place& at) {
  return std::string{at.file} + ':' + std::to_string(at.line);
}

actors::connection& actor_of(const connection_actor& handle) {
  return *static_cast<actors::connection*>(caf::actor_cast<caf::abstract_actor*>(handle));
}

} // namespace

client::client(world& around, connection_actor connection,
               std::shared_ptr<fake_transport> transport)
    : world_(around), connection_(std::move(connection)), transport_(std::move(transport)),
      registration_due_(around.system().clock().now() + registration_time) {
  transport_->attach(actor_of(connection_));
}

void client::push(std::string text) {
  pushed_.emplace_back(std::move(text));
  while (hand_on()) {
  }
}

void client::push_close() {
  pushed_.emplace_back();
  while (hand_on()) {
  }
}

void client::push_registration(std::string_view id, std::string_view project,
                               std::string_view name) {
  json text{{"type", "system"}, {"id", id}, {"projectId", project}};
  if (!name.empty())
    text["name"] = name;
  push(text.dump());
}

void client::push_message(std::string_view to, std::string_view text) {
  push(json{{"type", "user"}, {"to_id", to}, {"message", text}}.dump());
}

void client::push_message(std::string_view to, std::string_view text, std::string_view cid) {
  push(json{{"type", "user"}, {"to_id", to}, {"message", text}, {"cid", cid}}.dump());
}

bool client::hand_on() {
  if (pushed_.empty() || transport_->paused() || transport_->closing())
    return false;
  const auto text = std::move(pushed_.front());
  pushed_.pop_front();
  if (text)
    actor_of(connection_).on_text(*text);
  else
    transport_->lose();
  return true;
}

bool client::tend() {
  if (transport_->answer_ping())
    return true;
  if (transport_->closing() && !transport_->gone() && !keeps_socket_) {
    transport_->lose();
    return true;
  }
  if (const auto asked = std::exchange(transport_->token_due(), std::nullopt))
    token_due_ = world_.system().clock().now() + *asked;
  if (!transport_->closing() && token_due_ && world_.system().clock().now() >= *token_due_) {
    token_due_.reset();
    actor_of(connection_).on_token_due();
    return true;
  }
  if (!transport_->closing() && !told_of_due_ &&
      world_.system().clock().now() >= registration_due_) {
    told_of_due_ = true;
    actor_of(connection_).on_registration_due();
    return true;
  }
  return hand_on();
}

std::string client::next(const place& at) {
  INFO("asked for at " << line_of(at));
  world_.run();
  REQUIRE_FALSE(transport_->waiting().empty());
  auto text = std::move(transport_->waiting().front());
  transport_->waiting().pop_front();
  return text;
}

void client::expect_push(std::string_view text, const place& at) {
  const auto came = next(at);
  INFO("expected at " << line_of(at));
  CHECK(came == text);
}

void client::expect_acknowledgement(const place& at) {
  expect_push(R"({"type":"system","message":"Initial message received"})", at);
}

void client::expect_message(std::string_view from, std::string_view text, const place& at) {
  const auto came = json::parse(next(at));
  INFO("expected at " << line_of(at) << ": " << came);
  REQUIRE(came.value("type", "") == "usermsg");
  CHECK(came.at("from") == from);
  CHECK(came.at("message") == text);
}

void client::expect_not_connected(std::string_view to, const place& at) {
  const auto came = json::parse(next(at));
  INFO("expected at " << line_of(at) << ": " << came);
  CHECK(came == json{{"type", "system"},
                     {"message", std::string{to} + " is not connected"},
                     {"error", "not_connected"},
                     {"to", to}});
}

void client::expect_error(error_code code, const place& at) {
  const auto came = json::parse(next(at));
  INFO("expected at " << line_of(at) << ": " << came);
  CHECK(came.value("type", "") == "system");
  CHECK(came.value("error", "") == describe(code).name);
}

void client::expect_members(std::string_view members, const place& at) {
  const auto came = json::parse(next(at));
  const auto expected = json::parse(members);
  INFO("expected at " << line_of(at) << ": " << came);
  auto found = json::object();
  for (const auto& [key, value] : expected.items())
    found[key] = came.contains(key) ? came.at(key) : json(nullptr);
  CHECK(found == expected);
}

void client::expect_notice(std::string_view text, std::string_view id, const place& at) {
  const auto came = json::parse(next(at));
  INFO("expected at " << line_of(at) << ": " << came);
  CHECK(came == json{{"type", "system"}, {"message", text}, {"id", id}});
}

void client::expect_close(close_code code, const place& at) {
  INFO("expected at " << line_of(at));
  world_.run();
  CHECK(transport_->waiting() == std::deque<std::string>{});
  REQUIRE(transport_->closed_with().has_value());
  CHECK(static_cast<int>(*transport_->closed_with()) == static_cast<int>(code));
}

void client::expect_nothing(const place& at) {
  INFO("expected at " << line_of(at));
  world_.run();
  CHECK(transport_->waiting() == std::deque<std::string>{});
  CHECK_FALSE(transport_->closing());
}

} // namespace klatch::test
