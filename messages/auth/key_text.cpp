#include "messages/auth/key_text.hpp"

#include "messages/auth/base64.hpp"
#include "messages/auth/public_key.hpp"
#include "messages/ids.hpp"
#include "messages/text/spelling.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <variant>

namespace klatch {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Calls `take` with each line.
template<class Take>
void for_each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string parse_project(std::string_view text) {
  auto found = spelling_of_id(text);
  const auto* spelled = std::get_if<std::string>(&found);
  if (spelled == nullptr || !valid_id(*spelled))
    throw bad_key("says a project that is none: an id has 1 to 64 bytes");
  return *spelled;
}

role parse_role_limit(std::string_view text) {
  const auto limit = role_named(text);
  if (!limit || *limit == role::admin || *limit == role::guest)
    throw bad_key("says a role-limit that is neither user nor moderator");
  return *limit;
}

/// `# project = shop`, `# role-limit = user`; any other line with `#` is a comment.
void take_comment(token_key& key, std::string_view line) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos)
    return;
  const auto name = trimmed(line.substr(1, equals - 1));
  const auto value = trimmed(line.substr(equals + 1));
  if (name == "project")
    key.projects.push_back(parse_project(value));
  else if (name == "role-limit")
    key.role_limit = parse_role_limit(value);
}

/// Takes the comments out; returns the other lines.
std::string take_comments(token_key& key, std::string_view text) {
  std::string rest;
  for_each_line(text, [&](std::string_view line) {
    const auto bare = trimmed(line);
    if (bare.starts_with('#'))
      take_comment(key, bare);
    else if (!bare.empty())
      rest.append(bare) += '\n';
  });
  return rest;
}

/// Secrets that stand in documents: everybody knows them.
bool is_known(std::string_view secret) {
  static constexpr std::array<std::string_view, 3> known{"change-me", "klatch-example",
                                                         "0123456789abcdef0123456789abcdef"};
  return std::any_of(known.begin(), known.end(),
                     [&](std::string_view each) { return secret.substr(0, each.size()) == each; });
}

} // namespace

token_key parse_secret(std::string kid, std::string_view text) {
  token_key key;
  key.kid = std::move(kid);
  auto line = take_comments(key, text);
  if (!line.empty())
    line.pop_back();
  const auto secret = decode_base64(line);
  if (!secret)
    throw bad_key("is not base64 in one line: klatch key new token makes one that is");
  if (secret->size() < min_secret_bytes || secret->size() > max_secret_bytes)
    throw bad_key("has " + std::to_string(secret->size()) +
                  " bytes: 32 to 128 random ones are "
                  "needed, klatch key new token makes them");
  if (std::adjacent_find(secret->begin(), secret->end(), std::not_equal_to<>{}) == secret->end() ||
      is_known(*secret))
    throw bad_key("is no secret, since everybody can guess it: make another (klatch key new "
                  "token)");
  key.material = *secret;
  return key;
}

token_key parse_public_key(std::string kid, std::string_view text) {
  token_key key;
  key.kid = std::move(kid);
  auto pem = take_comments(key, text);
  if (pem.find("PRIVATE KEY") != std::string::npos)
    throw bad_key("holds a private key, which stays with the site: only its public key belongs "
                  "here (openssl pkey -pubout)");
  auto read = public_key_of(std::move(pem));
  key.algorithm = read.algorithm;
  key.material = std::move(read.material);
  key.open = std::move(read.open);
  return key;
}

std::vector<token_key> parse_key_set(std::string_view text) {
  auto keys = public_keys_of_set(text);
  std::set<std::string_view> kids;
  for (const auto& each : keys)
    if (!kids.insert(each.kid).second)
      throw bad_key("has two keys of one kid");
  return keys;
}

std::string make_secret_text(const std::vector<std::string>& projects) {
  std::string text;
  for (const auto& each : projects)
    text += "# project = " + each + '\n';
  return text + encode_base64(random_bytes(min_secret_bytes)) + '\n';
}

} // namespace klatch
