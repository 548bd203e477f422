#include "bench/load/extended_dialect.hpp"

#include "bench/load/failure.hpp"
#include "bench/load/numbered_text.hpp"

#include <numeric>

namespace load {

namespace {

std::vector<std::size_t> first_users(std::size_t count) {
  std::vector<std::size_t> users(count);
  std::iota(users.begin(), users.end(), std::size_t{0});
  return users;
}

} // namespace

void inbox_cursor::take(const frame_fields& frame) {
  if (frame.number("seq") != ++seen)
    throw failure("expected entry " + std::to_string(seen) +
                  " of an inbox, got: " + shortened(frame.json()));
}

extended_clients::extended_clients(std::vector<std::size_t> users)
    : users_(std::move(users)), inboxes_(users_.size()), resumes_(users_.size()) {}

extended_clients::extended_clients(std::size_t clients) : extended_clients(first_users(clients)) {}

void extended_clients::resume(std::size_t client, const std::string& epoch, std::uint64_t since) {
  inboxes_[client] = {epoch, 0, since};
  resumes_[client] = true;
}

greeting extended_clients::words() {
  return {[this](std::size_t client) { return registration(client); },
          [this](std::size_t client, std::string_view text) { take_welcome(client, text); }};
}

std::string extended_clients::registration(std::size_t client) const {
  const auto name = user_name(users_[client]);
  std::string json = R"({"type":"system","v":2,"id":")";
  json.append(name).append(R"(","projectId":"bench","name":")").append(name);
  json.append(R"(","color":"#F00")");
  if (resumes_[client]) {
    json.append(R"(,"resume":{"epoch":")").append(inboxes_[client].epoch);
    json.append(R"(","since":)").append(std::to_string(inboxes_[client].seen)).append("}");
  }
  return json.append("}");
}

void extended_clients::take_welcome(std::size_t client, std::string_view text) {
  const frame_fields frame(text);
  const auto wrong = [&] {
    return failure("a registration was answered with: " + shortened(text));
  };
  auto& inbox = inboxes_[client];
  if (frame.text("type") != "welcome" || frame.number("v") != 2 ||
      frame.text("id") != user_name(users_[client]) || frame.number("floor") == 0 ||
      frame.is_true("recovered") != resumes_[client])
    throw wrong();
  inbox.head = frame.number("head");
  inbox.epoch = frame.text("epoch");
  if (!resumes_[client])
    inbox.seen = inbox.head;
  else if (inbox.head < inbox.seen)
    throw wrong();
}

void check_extended_notice(const frame_fields& frame) {
  const auto type = frame.text("type");
  if (type != "receipt" && (type != "system" || !frame.text("error").empty()))
    throw failure("the server sent: " + shortened(frame.json()));
}

} // namespace load
