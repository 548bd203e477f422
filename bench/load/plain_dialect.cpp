#include "bench/load/plain_dialect.hpp"

#include "bench/load/failure.hpp"

#include <string>

namespace load {

namespace {

/// How long the JSON string is that `json` starts with, up to its closing quote.
std::size_t string_size(std::string_view json) {
  auto end = json.find('"');
  while (end != std::string_view::npos) {
    auto before = json.substr(0, end);
    auto content = before.find_last_not_of('\\') + 1; // npos + 1 is 0
    if ((before.size() - content) % 2 == 0)
      return end;
    end = json.find('"', end + 1);
  }
  return json.size();
}

} // namespace

std::string registration(std::size_t client) {
  std::string json = R"({"type":"system","id":")";
  json.append(user_name(client)).append(R"(","projectId":"bench","name":")");
  return json.append(user_name(client)).append(R"("})");
}

std::string_view string_field(std::string_view json, std::string_view name) {
  constexpr std::string_view space = " \t\r\n";
  for (auto at = json.find(name); at != std::string_view::npos; at = json.find(name, at + 1)) {
    auto after = at + name.size();
    if (at == 0 || json[at - 1] != '"' || after == json.size() || json[after] != '"')
      continue;
    auto colon = json.find_first_not_of(space, after + 1);
    if (colon == std::string_view::npos || json[colon] != ':')
      continue;
    auto quote = json.find_first_not_of(space, colon + 1);
    if (quote == std::string_view::npos || json[quote] != '"')
      return {};
    return json.substr(quote + 1, string_size(json.substr(quote + 1)));
  }
  return {};
}

void check_acknowledgement(std::string_view json) {
  if (string_field(json, "type") != "system" ||
      string_field(json, "message") != "Initial message received")
    throw failure("a registration was answered with: " + shortened(json));
}

void check_notice(std::string_view json) {
  if (string_field(json, "type") != "system" || !string_field(json, "error").empty())
    throw failure("the server sent: " + shortened(json));
}

greeting plain_greeting() {
  return {registration,
          [](std::size_t, std::string_view answer) { check_acknowledgement(answer); }};
}

plain_stream::plain_stream(std::size_t from, std::size_t to, std::size_t text_bytes)
    : json_(R"({"type":"user","to_id":")"), expected_(from, to, text_bytes),
      text_bytes_(text_bytes) {
  const auto sender = user_name(from);
  json_.append(user_name(to)).append(R"(","message":")");
  text_at_ = json_.size();
  json_.append(expected_.with(0)).append(R"(","name":")").append(sender);
  json_.append(R"(","id":")").append(sender).append(R"(","projectId":"bench","color":"#F00"})");
}

std::string_view plain_stream::next() {
  put_number(json_, text_at_, text_bytes_, ++sent_);
  return json_;
}

void plain_stream::take(std::string_view json) {
  const auto& text = expected_.with(++taken_);
  if (string_field(json, "type") != "usermsg" || string_field(json, "message") != text)
    throw failure("expected the message \"" + shortened(text) + "\", got: " + shortened(json));
}

} // namespace load
