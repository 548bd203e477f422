#include "bench/load/plain_dialect.hpp"

#include "bench/load/failure.hpp"

#include <array>
#include <string>

namespace load {

namespace {

constexpr std::size_t number_width = 12;

/// Puts `number` at both ends of the text that starts at `at`.
void put_number(std::string& text, std::size_t at, std::size_t size, std::uint64_t number) {
  std::array<char, number_width> digits{};
  for (auto i = number_width; i-- > 0; number /= 10)
    digits[i] = static_cast<char>('0' + number % 10);
  text.replace(at, number_width, digits.data(), digits.size());
  text.replace(at + size - number_width, number_width, digits.data(), digits.size());
}

std::string text_without_number(std::size_t from, std::size_t to, std::size_t size) {
  constexpr std::string_view words =
      " and then she said that it would be fine by noon. They met at the old bridge, as agreed,";
  std::string text(number_width, '0');
  text.append(" from ").append(user_name(from)).append(" to ").append(user_name(to)).append(".");
  for (std::size_t i = from; text.size() + number_width + 1 < size; ++i)
    text += words[i % words.size()];
  text += ' ';
  text.append(number_width, '0');
  return text;
}

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

std::string shortened(std::string_view text) {
  constexpr std::size_t shown = 200;
  return std::string(text.substr(0, shown)) + (text.size() > shown ? "…" : "");
}

} // namespace

std::string user_name(std::size_t client) {
  return std::string("u").append(std::to_string(client + 1));
}

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

message_lane::message_lane(std::size_t from, std::size_t to, std::size_t text_bytes)
    : json_(R"({"type":"user","to_id":")"), expected_(text_without_number(from, to, text_bytes)) {
  const auto sender = user_name(from);
  json_.append(user_name(to)).append(R"(","message":")");
  text_at_ = json_.size();
  json_.append(expected_).append(R"(","name":")").append(sender);
  json_.append(R"(","id":")").append(sender).append(R"(","projectId":"bench","color":"#F00"})");
}

std::string_view message_lane::next() {
  put_number(json_, text_at_, expected_.size(), ++sent_);
  return json_;
}

void message_lane::take(std::string_view json) {
  put_number(expected_, 0, expected_.size(), ++taken_);
  if (string_field(json, "type") != "usermsg" || string_field(json, "message") != expected_)
    throw failure("expected the message \"" + shortened(expected_) + "\", got: " + shortened(json));
}

} // namespace load
