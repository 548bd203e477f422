#include "messages/auth/token.hpp"

#include "messages/auth/base64.hpp"
#include "messages/auth/signature.hpp"
#include "messages/limits.hpp"
#include "messages/text/color.hpp"
#include "messages/text/spelling.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace klatch {

namespace {

using ground = token_refusal::reason;
using simdjson::dom::element;

/// Thrown and caught in this file only: most of `verify` is a row of conditions.
struct refused {
  token_refusal why;
};

[[noreturn]] void refuse(ground why, std::string text) { throw refused{{why, std::move(text)}}; }

struct three_parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
};

three_parts split(std::string_view token) {
  if (token.size() > max_token_bytes)
    refuse(ground::malformed, "it is longer than " + std::to_string(max_token_bytes) + " bytes");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    refuse(ground::malformed, "it has not three parts with dots between them");
  return {token.substr(0, first), token.substr(first + 1, second - first - 1),
          token.substr(second + 1)};
}

std::string decode_part(std::string_view part, std::string_view name) {
  auto bytes = decode_base64url(part);
  if (!bytes || bytes->empty())
    refuse(ground::malformed, "its " + std::string{name} + " is not base64url without padding");
  return *std::move(bytes);
}

/// The members of a JSON object, each there once.
class members {
public:
  members(const std::string& json, std::string_view name) {
    if (parser_.parse(json).get(root_) != simdjson::SUCCESS || !root_.is_object())
      refuse(ground::malformed, "its " + std::string{name} + " is no JSON object");
    std::vector<std::string_view> keys;
    for (const auto member : simdjson::dom::object{root_})
      keys.push_back(member.key);
    std::sort(keys.begin(), keys.end());
    if (const auto twice = std::adjacent_find(keys.begin(), keys.end()); twice != keys.end())
      refuse(ground::malformed, "its " + std::string{name} + " has a member twice");
  }
  // The elements refer to the parser.
  members(const members&) = delete;
  members& operator=(const members&) = delete;

  std::optional<element> find(std::string_view key) const {
    for (const auto member : simdjson::dom::object{root_})
      if (member.key == key)
        return member.value;
    return std::nullopt;
  }

  /// Nothing: it is not there. Refuses what is no string.
  std::optional<std::string_view> string(std::string_view key) const {
    const auto found = find(key);
    if (!found)
      return std::nullopt;
    std::string_view text;
    if (found->get(text) != simdjson::SUCCESS)
      refuse(ground::claim, std::string{key} + " is no string");
    return text;
  }

private:
  simdjson::dom::parser parser_;
  element root_;
};

// -- header ---------------------------------------------------------------------------------------

struct token_header {
  std::string algorithm;
  std::optional<std::string> kid;
};

/// In any case (RFC 7515 section 4.1.9); the second is an access token's (RFC 9068 section 2.1).
bool is_token_type(std::string_view text) {
  const auto is = [text](std::string_view wanted) {
    return std::equal(text.begin(), text.end(), wanted.begin(), wanted.end(), [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
  };
  return is("jwt") || is("at+jwt");
}

token_header read_header(std::string_view part) {
  const auto json = decode_part(part, "header");
  const members header{json, "header"};
  for (const std::string_view critical : {"crit", "b64"})
    if (header.find(critical))
      refuse(ground::malformed, "its header has " + std::string{critical});
  if (const auto type = header.string("typ"); type && !is_token_type(*type))
    refuse(ground::malformed, "its typ is not JWT");
  const auto algorithm = header.string("alg");
  if (!algorithm)
    refuse(ground::malformed, "its header has no alg");
  const auto kid = header.string("kid");
  if (kid && kid->size() > max_kid_bytes)
    refuse(ground::unknown_key,
           "its kid is longer than " + std::to_string(max_kid_bytes) + " bytes");
  return {std::string{*algorithm}, kid ? std::optional{std::string{*kid}} : std::nullopt};
}

// -- key ------------------------------------------------------------------------------------------

[[noreturn]] void refuse_key(const token_header& header, const std::vector<token_key>& keys) {
  const auto named = std::find_if(keys.begin(), keys.end(), [&](const token_key& each) {
    return header.kid && each.kid == *header.kid;
  });
  if (named != keys.end())
    refuse(ground::unknown_key, "its alg is not " + std::string{name_of(named->algorithm)} +
                                    ", which is that of the key " + named->kid);
  token_refusal why{ground::unknown_key,
                    header.kid ? "there is no key of its kid" : "there is no key of its alg"};
  if (header.algorithm == name_of(signature_algorithm::rs256) ||
      header.algorithm == name_of(signature_algorithm::es256))
    why.missing_key = header.kid.value_or("");
  throw refused{std::move(why)};
}

/// The service's own key for its guests.
const token_key& guest_signer(std::string_view token, const token_header& header,
                              const access_rules& rules) {
  if (!rules.guests)
    refuse(ground::no_guests, "it is a guest's, and guests are not let in");
  const auto& key = rules.guests->key;
  if (header.algorithm != name_of(key.algorithm))
    refuse_key(header, {key});
  if (!is_signed_by(token, key))
    refuse(ground::signature, "its signature is not that of this service's guests");
  return key;
}

const token_key& find_signer(std::string_view token, const token_header& header,
                             const access_rules& rules) {
  if (header.kid == guest_kid)
    return guest_signer(token, header, rules);
  const auto& keys = rules.keys;
  std::size_t tried = 0;
  for (const auto& each : keys) {
    const bool may_be =
        header.algorithm == name_of(each.algorithm) && (!header.kid || *header.kid == each.kid);
    if (!may_be || tried == max_tried_keys)
      continue;
    ++tried;
    if (is_signed_by(token, each))
      return each;
  }
  if (tried == 0)
    refuse_key(header, keys);
  refuse(ground::signature, tried == 1 ? "its signature is not the key's"
                                       : "its signature is of none of the keys that were tried");
}

// -- claims ---------------------------------------------------------------------------------------

/// Seconds since 1970 (RFC 7519 section 2, NumericDate); nothing: it is not there.
std::optional<std::int64_t> seconds(const members& claims, std::string_view key) {
  const auto found = claims.find(key);
  if (!found)
    return std::nullopt;
  constexpr auto latest = std::numeric_limits<std::int64_t>::max() / 4096; // in ms it is a number
  std::int64_t whole = 0;
  if (found->get(whole) == simdjson::SUCCESS)
    return std::clamp(whole, -latest, latest);
  double real = 0;
  if (found->get(real) != simdjson::SUCCESS || !std::isfinite(real))
    refuse(ground::claim, std::string{key} + " is no number of seconds");
  constexpr double out_of_range = 0x1p63;
  if (real >= out_of_range || real <= -out_of_range)
    refuse(ground::claim, std::string{key} + " is no time that there will be");
  constexpr auto bound = static_cast<double>(latest);
  return static_cast<std::int64_t>(std::floor(std::clamp(real, -bound, bound)));
}

/// A string, or an integer as its digits.
std::optional<std::string> id_text(const members& claims, std::string_view key) {
  const auto found = claims.find(key);
  if (!found)
    return std::nullopt;
  std::string_view text;
  if (found->get(text) == simdjson::SUCCESS)
    return std::string{text};
  std::int64_t number = 0;
  if (found->get(number) == simdjson::SUCCESS)
    return std::to_string(number);
  refuse(ground::claim, std::string{key} + " is neither a string nor an integer");
}

std::string spelled_id(const std::string& written, std::string_view key) {
  if (is_ascii_id(written) && written.size() <= max_id_bytes)
    return written;
  auto found = spelling_of_id(written);
  if (const auto* wrong = std::get_if<misspelling>(&found))
    refuse(ground::claim, std::string{key} + ' ' + wrong->why);
  auto spelled = std::get<std::string>(std::move(found));
  if (spelled.empty() || spelled.size() > max_id_bytes)
    refuse(ground::claim,
           std::string{key} + " has not 1 to " + std::to_string(max_id_bytes) + " bytes");
  return spelled;
}

bool names(const element& audience, std::string_view wanted) {
  std::string_view text;
  if (audience.get(text) == simdjson::SUCCESS)
    return text == wanted;
  simdjson::dom::array all;
  if (audience.get(all) != simdjson::SUCCESS)
    refuse(ground::claim, "aud is neither a string nor an array");
  return std::any_of(all.begin(), all.end(), [&](const element& each) {
    return each.get(text) == simdjson::SUCCESS && text == wanted;
  });
}

void check_for_whom(const members& claims, const access_rules& rules) {
  if (!rules.audience.empty()) {
    const auto audience = claims.find("aud");
    if (!audience || !names(*audience, rules.audience))
      refuse(ground::claim, "aud does not name " + rules.audience);
  }
  if (!rules.issuer.empty() && claims.string("iss") != rules.issuer)
    refuse(ground::claim, "iss is not " + rules.issuer);
}

std::string project_of(const members& claims, const token_key& key) {
  const auto claimed = id_text(claims, "project");
  if (!claimed) {
    if (key.projects.size() != 1)
      refuse(ground::claim,
             "project is missing: the key " + key.kid + " does not name exactly one");
    return key.projects.front();
  }
  auto project = spelled_id(*claimed, "project");
  if (!key.projects.empty() &&
      std::find(key.projects.begin(), key.projects.end(), project) == key.projects.end())
    refuse(ground::claim, "project is none of the key " + key.kid);
  return project;
}

role role_of(const members& claims, const token_key& key) {
  const auto text = claims.string("role");
  const auto claimed = role_named(text.value_or(name_of(key.of_guests ? role::guest : role::user)));
  if (!claimed || (*claimed == role::guest) != key.of_guests)
    refuse(ground::claim, "role is none of user, moderator and admin");
  if (*claimed > key.role_limit)
    refuse(ground::claim, "role is more than the key " + key.kid + " may give, which is " +
                              std::string{name_of(key.role_limit)});
  return *claimed;
}

std::optional<std::string> display_name(const members& claims) {
  const auto text = claims.string("name");
  if (!text || text->empty())
    return std::nullopt;
  auto found = spelling_of_name(*text);
  if (const auto* wrong = std::get_if<misspelling>(&found))
    refuse(ground::claim, "name " + wrong->why);
  auto name = std::get<std::string>(std::move(found));
  if (name.size() > limits{}.name_bytes)
    refuse(ground::claim, "name is longer than " + std::to_string(limits{}.name_bytes) + " bytes");
  return name;
}

std::optional<std::string> color_of(const members& claims) {
  const auto text = claims.string("color");
  if (!text || text->empty())
    return std::nullopt;
  if (text->size() > limits{}.color_bytes || !is_color(*text))
    refuse(ground::claim, "color is none that a page may be given");
  return std::string{*text};
}

void check_user(const token_claims& of, const token_key& key) {
  if (of.user.starts_with(guest_prefix) != key.of_guests)
    refuse(ground::claim, "sub begins with " + std::string{guest_prefix} +
                              ", which only guests of this service do");
}

void check_times(const token_claims& of, std::optional<std::int64_t> not_before,
                 const access_rules& rules, std::int64_t now) {
  if (now > of.expires + token_leeway)
    refuse(ground::expired, "exp was " + std::to_string(now - of.expires) + " s ago");
  if (not_before && now < *not_before - token_leeway)
    refuse(ground::not_yet, "nbf is in " + std::to_string(*not_before - now) + " s");
  if (of.issued && now < *of.issued - token_leeway)
    refuse(ground::not_yet, "iat is in " + std::to_string(*of.issued - now) + " s");
  const auto since = rules.revoked_before(
      {project_id::parse(of.project).value(), user_id::parse(of.user).value()});
  if (since && (!of.issued || *of.issued < *since))
    refuse(ground::revoked, of.issued ? "iat is before the user's tokens were revoked"
                                      : "iat is missing, and the user's tokens were revoked");
}

token_claims read_claims(const members& claims, const token_key& key, const access_rules& rules,
                         std::int64_t now) {
  const auto user = id_text(claims, "sub");
  if (!user)
    refuse(ground::claim, "sub is missing");
  const auto expires = seconds(claims, "exp");
  if (!expires)
    refuse(ground::claim, "exp is missing: a token without an end is not taken");
  if (!key.of_guests)
    check_for_whom(claims, rules);
  token_claims result{.user = spelled_id(*user, "sub"),
                      .user_written = *user,
                      .project = project_of(claims, key),
                      .name = display_name(claims),
                      .color = color_of(claims),
                      .as = role_of(claims, key),
                      .expires = *expires,
                      .issued = seconds(claims, "iat")};
  check_user(result, key);
  check_times(result, seconds(claims, "nbf"), rules, now);
  return result;
}

} // namespace

std::variant<token_claims, token_refusal> verify(std::string_view token, const access_rules& rules,
                                                 std::int64_t now) {
  try {
    const auto parts = split(token);
    const auto header = read_header(parts.header);
    const auto json = decode_part(parts.claims, "claims");
    const members claims{json, "claims"};
    decode_part(parts.signature, "signature");
    return read_claims(claims, find_signer(token, header, rules), rules, now);
  } catch (refused& caught) {
    return std::move(caught.why);
  }
}

} // namespace klatch
