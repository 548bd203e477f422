// Tokens: what is accepted, and every way in which one is not.
#include "messages/auth/base64.hpp"
#include "messages/auth/key_text.hpp"
#include "messages/auth/public_key.hpp"
#include "messages/auth/signature.hpp"
#include "messages/auth/token.hpp"
#include "tests/catch.hpp"
#include "tests/messages/signed_tokens.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace klatch {

namespace {

using test::header_of;
using test::token_time;
constexpr auto now = token_time;
using test::rules_with_guests;
using test::secret_key;
using test::signed_by;
using test::site_rules;
using reason = token_refusal::reason;

constexpr const char* usual_claims =
    R"({"sub":"7","project":"shop","name":"Mia","iat":1763800000,"exp":1763803600})";

std::string refused_with(const std::variant<token_claims, token_refusal>& found) {
  const auto* why = std::get_if<token_refusal>(&found);
  return why == nullptr ? "accepted" : why->text;
}

void expect_refusal(const std::string& token, reason why, const access_rules& rules) {
  const auto found = verify(token, rules, now);
  INFO(token << ": " << refused_with(found));
  REQUIRE(std::holds_alternative<token_refusal>(found));
  CHECK(static_cast<int>(std::get<token_refusal>(found).why) == static_cast<int>(why));
}

token_claims accepted(const std::string& token, const access_rules& rules = site_rules()) {
  const auto found = verify(token, rules, now);
  INFO(refused_with(found));
  REQUIRE(std::holds_alternative<token_claims>(found));
  return std::get<token_claims>(found);
}

/// A token of these claims, signed as the site does.
std::string claiming(const std::string& claims) { return signed_by(secret_key(), claims); }

/// The claims of a token that is accepted but for what `members` says.
std::string with(const std::string& members) {
  return claiming(R"({"sub":"7","project":"shop","exp":1763803600,)" + members + '}');
}

} // namespace

TEST_CASE("a token says who somebody is", "[token]") {
  const auto claims = accepted(claiming(usual_claims));
  CHECK(claims.user == "7");
  CHECK(claims.project == "shop");
  CHECK(claims.name == "Mia");
  CHECK_FALSE(claims.color);
  CHECK(claims.as == role::user);
  CHECK(claims.expires == 1763803600);
  CHECK(claims.issued == 1763800000);
}

TEST_CASE("integers are ids as their digits", "[token]") {
  const auto claims = accepted(claiming(R"({"sub":7,"project":2424,"exp":1763803600})"));
  CHECK(claims.user == "7");
  CHECK(claims.project == "2424");
}

TEST_CASE("what libjwt makes is accepted", "[token]") {
  CHECK(accepted(sign_token(secret_key(), usual_claims)).user == "7");
}

TEST_CASE("the key decides the algorithm", "[token]") {
  const auto* algorithm = GENERATE(R"("none")", R"("None")", R"("nOnE")", "256", R"(["HS256"])",
                                   R"("HS512")", R"("RS256")", R"("hs256")", R"("")", "null");
  const auto header = std::string{R"({"typ":"JWT","alg":)"} + algorithm + '}';
  const auto found = verify(signed_by(secret_key(), usual_claims, header), site_rules(), now);
  INFO(header);
  CHECK(std::holds_alternative<token_refusal>(found));
}

TEST_CASE("secrets of every length are told apart, in whatever order they come", "[token]") {
  std::vector<token_key> keys;
  for (auto bytes = min_secret_bytes; bytes <= max_secret_bytes; ++bytes) {
    token_key key;
    key.material = std::string(bytes - 1, 'k') + '!';
    keys.push_back(std::move(key));
  }
  for (const auto& mine : keys) {
    const auto token = signed_by(mine, usual_claims, header_of("HS256"));
    for (const auto& each : keys)
      CHECK(is_signed_by(token, each) == (&each == &mine));
    CHECK(is_signed_by(token, mine));
  }
}

TEST_CASE("a header without an algorithm is none", "[token]") {
  expect_refusal(signed_by(secret_key(), usual_claims, R"({"typ":"JWT"})"), reason::malformed,
                 site_rules());
}

TEST_CASE("a public key is no secret", "[token]") {
  // Whoever knows the public key signs with it as if it were a secret.
  access_rules rules;
  rules.keys.push_back(parse_public_key("site", test::make_rsa_key().public_pem));
  auto confused = secret_key();
  confused.material = rules.keys.front().material;
  expect_refusal(signed_by(confused, usual_claims, header_of("HS256")), reason::unknown_key, rules);
  expect_refusal(signed_by(confused, usual_claims, header_of("RS256")), reason::signature, rules);
}

TEST_CASE("a token of a public key's owner is accepted", "[token]") {
  const auto made = GENERATE(0, 1) == 0 ? test::make_rsa_key() : test::make_ec_key();
  access_rules rules;
  rules.keys.push_back(parse_public_key("site", made.public_pem));
  const auto token = test::signed_with(made, usual_claims);
  CHECK(accepted(token, rules).user == "7");
  expect_refusal(test::with_claims_of(token, claiming(R"({"sub":"8"})")), reason::signature, rules);
}

TEST_CASE("a signature is the whole signature and nothing but it", "[token]") {
  const auto token = claiming(usual_claims);
  const auto dot = token.rfind('.') + 1;
  const auto body = token.substr(0, dot);
  const auto signature = token.substr(dot);
  expect_refusal(body, reason::malformed, site_rules());
  expect_refusal(body + signature + "=", reason::malformed, site_rules());
  expect_refusal(body + signature.substr(0, signature.size() - 2), reason::malformed, site_rules());
  expect_refusal(body + encode_base64url(decode_base64url(signature)->substr(1)), reason::signature,
                 site_rules());
  expect_refusal(body + '+' + signature.substr(1), reason::malformed, site_rules());
  // The last letter has two bits that belong to no byte.
  auto left_over = signature;
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  left_over.back() = letters[letters.find(signature.back()) + 1];
  expect_refusal(body + left_over, reason::malformed, site_rules());
  const auto other = claiming(R"({"sub":"8","project":"shop","exp":1763803600})");
  expect_refusal(body + other.substr(other.rfind('.') + 1), reason::signature, site_rules());
}

TEST_CASE("no bit of a token may be another", "[token]") {
  const auto token = claiming(usual_claims);
  for (std::size_t at = 0; at < token.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto changed = token;
      changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1U << bit));
      const auto found = verify(changed, site_rules(), now);
      INFO(at << ' ' << bit);
      REQUIRE(std::holds_alternative<token_refusal>(found));
    }
}

TEST_CASE("no bit of a public key's signature may be another", "[token]") {
  const auto made = GENERATE(0, 1) == 0 ? test::make_rsa_key() : test::make_ec_key();
  access_rules rules;
  rules.keys.push_back(parse_public_key("site", made.public_pem));
  const auto token = test::signed_with(made, usual_claims);
  const auto body = token.substr(0, token.rfind('.') + 1);
  const auto signature = decode_base64url(token.substr(body.size())).value();
  for (std::size_t at = 0; at < signature.size(); ++at) {
    auto changed = signature;
    changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1U << (at % 8)));
    INFO(at);
    expect_refusal(body + encode_base64url(changed), reason::signature, rules);
  }
  for (const auto& wrong : {signature.substr(1), signature + '\0',
                            std::string(signature.size(), '\0'), std::string(1, '\xFF')})
    expect_refusal(body + encode_base64url(wrong), reason::signature, rules);
}

TEST_CASE("an algorithm is that of one kind of key", "[token]") {
  const auto rsa = test::make_rsa_key();
  const auto ec = test::make_ec_key();
  access_rules rules;
  rules.keys.push_back(secret_key());
  rules.keys.push_back(parse_public_key("rsa", rsa.public_pem));
  rules.keys.push_back(parse_public_key("ec", ec.public_pem));
  const auto named = [](std::string_view algorithm, std::string_view kid) {
    return R"({"alg":")" + std::string{algorithm} + R"(","kid":")" + std::string{kid} + "\"}";
  };
  for (const auto& [algorithm, kid] :
       {std::pair{"RS256", "site"}, std::pair{"ES256", "site"}, std::pair{"HS256", "rsa"},
        std::pair{"ES256", "rsa"}, std::pair{"HS256", "ec"}, std::pair{"RS256", "ec"}})
    expect_refusal(signed_by(secret_key(), usual_claims, named(algorithm, kid)),
                   reason::unknown_key, rules);
  expect_refusal(test::signed_with(rsa, usual_claims, "ec"), reason::unknown_key, rules);
  expect_refusal(test::signed_with(ec, usual_claims, "rsa"), reason::unknown_key, rules);
  CHECK(accepted(test::signed_with(ec, usual_claims, "ec"), rules).user == "7");
}

TEST_CASE("a header is an object with each member once", "[token]") {
  const auto* header = GENERATE("[]", R"("HS256")", "{", "null", R"({"alg":"HS256","alg":"HS256"})",
                                R"({"alg":"HS256","kid":"site","kid":"site"})",
                                R"({"alg":"HS256","\u0061lg":"HS256"})", "{\"alg\":\"HS256\xFF\"}",
                                R"({"alg":"HS256"}{})");
  expect_refusal(signed_by(secret_key(), usual_claims, header), reason::malformed, site_rules());
}

TEST_CASE("a token has three parts", "[token]") {
  const auto token = claiming(usual_claims);
  const auto first = token.find('.');
  expect_refusal("", reason::malformed, site_rules());
  expect_refusal("..", reason::malformed, site_rules());
  expect_refusal(token.substr(0, token.rfind('.')), reason::malformed, site_rules());
  expect_refusal(token + ".eyJ9", reason::malformed, site_rules());
  expect_refusal(token.substr(first), reason::malformed, site_rules());
  expect_refusal(token.substr(0, first + 1) + token.substr(token.rfind('.')), reason::malformed,
                 site_rules());
}

TEST_CASE("claims are an object with each claim once", "[token]") {
  const auto nested = std::string(1'400, '[') + std::string(1'400, ']');
  const auto* claims = GENERATE(R"([])", R"("sub")", "7", "", R"({"sub":"7",)",
                                R"({"sub":"7","sub":"8","project":"shop","exp":1763803600})",
                                R"({"sub":"7","\u0073ub":"8","project":"shop","exp":1763803600})",
                                "{\"sub\":\"\xFF\",\"project\":\"shop\",\"exp\":1763803600}");
  expect_refusal(claiming(claims), reason::malformed, site_rules());
  expect_refusal(with(R"("more":)" + nested), reason::malformed, site_rules());
  expect_refusal(with(R"("more":)" + std::string(10'000, '[')), reason::malformed, site_rules());
}

TEST_CASE("a token has 4 KiB at most", "[token]") {
  const auto longest = [](std::size_t bytes) {
    for (std::size_t filling = bytes * 3 / 4 - 200;; ++filling) {
      auto token = with(R"("more":")" + std::string(filling, 'x') + '"');
      if (token.size() >= bytes)
        return token;
    }
  };
  CHECK(accepted(longest(4090)).user == "7");
  expect_refusal(longest(4097), reason::malformed, site_rules());
  expect_refusal(std::string(100'000, '.'), reason::malformed, site_rules());
}

TEST_CASE("sub, exp and a project are needed", "[token]") {
  expect_refusal(claiming(R"({"project":"shop","exp":1763803600})"), reason::claim, site_rules());
  expect_refusal(claiming(R"({"sub":"7","project":"shop"})"), reason::claim, site_rules());
  expect_refusal(claiming(R"({"sub":"7","exp":1763803600})"), reason::claim, site_rules());
  SECTION("but for the one of a key that names one") {
    auto rules = site_rules();
    rules.keys.front().projects = {"shop"};
    CHECK(accepted(claiming(R"({"sub":"7","exp":1763803600})"), rules).project == "shop");
    expect_refusal(claiming(R"({"sub":"7","project":"other","exp":1763803600})"), reason::claim,
                   rules);
  }
}

TEST_CASE("a user is an id", "[token]") {
  const auto* sub = GENERATE(R"("")", R"("a\u0001")", R"("an\u200bna")", "7.5", "true", "null",
                             "[7]", R"("g-4Zt0")");
  expect_refusal(claiming(std::string{R"({"project":"shop","exp":1763803600,"sub":)"} + sub + '}'),
                 reason::claim, site_rules());
  expect_refusal(
      claiming(R"({"project":"shop","exp":1763803600,"sub":")" + std::string(65, 'x') + "\"}"),
      reason::claim, site_rules());
}

TEST_CASE("a user has no NUL", "[token]") {
  const auto token = claiming(R"({"sub":"a\u0000","project":"shop","exp":1763803600})");
  CHECK(std::holds_alternative<token_refusal>(verify(token, site_rules(), now)));
}

TEST_CASE("times are numbers with some leeway", "[token]") {
  const auto expiring = [](const std::string& exp) {
    return claiming(R"({"sub":"7","project":"shop","exp":)" + exp + '}');
  };
  CHECK(accepted(expiring(std::to_string(now - 29))).user == "7");
  expect_refusal(expiring(std::to_string(now - 31)), reason::expired, site_rules());
  expect_refusal(expiring("-1"), reason::expired, site_rules());
  for (const auto* wrong : {"9223372036854775808", "18446744073709551616"})
    CHECK(std::holds_alternative<token_refusal>(verify(expiring(wrong), site_rules(), now)));
  CHECK(accepted(expiring("1763803600.5")).expires == 1763803600);
  for (const auto* wrong : {R"("1763803600")", "true", "null", "[]"})
    expect_refusal(expiring(wrong), reason::claim, site_rules());
  for (const auto* wrong : {"1e400", "NaN", "Infinity"})
    expect_refusal(expiring(wrong), reason::malformed, site_rules());
  CHECK(accepted(with(R"("nbf":)" + std::to_string(now + 29))).user == "7");
  expect_refusal(with(R"("nbf":)" + std::to_string(now + 31)), reason::not_yet, site_rules());
  expect_refusal(with(R"("iat":)" + std::to_string(now + 31)), reason::not_yet, site_rules());
}

TEST_CASE("a token is for whom the settings say, where they say so", "[token]") {
  CHECK(accepted(with(R"("aud":"elsewhere","iss":"anybody")")).user == "7");
  auto rules = site_rules();
  rules.audience = "chat";
  expect_refusal(claiming(usual_claims), reason::claim, rules);
  expect_refusal(with(R"("aud":"chats")"), reason::claim, rules);
  expect_refusal(with(R"("aud":[7,"chats"])"), reason::claim, rules);
  expect_refusal(with(R"("aud":7)"), reason::claim, rules);
  CHECK(accepted(with(R"("aud":"chat")"), rules).user == "7");
  CHECK(accepted(with(R"("aud":["shop","chat"])"), rules).user == "7");
  rules.issuer = "https://www.example.com";
  expect_refusal(with(R"("aud":"chat")"), reason::claim, rules);
  CHECK(accepted(with(R"("aud":"chat","iss":"https://www.example.com")"), rules).user == "7");
}

TEST_CASE("a role is at most the key's", "[token]") {
  CHECK(accepted(with(R"("role":"moderator")")).as == role::moderator);
  expect_refusal(with(R"("role":"admin")"), reason::claim, site_rules());
  expect_refusal(with(R"("role":"king")"), reason::claim, site_rules());
  auto rules = site_rules();
  rules.keys.front().role_limit = role::user;
  expect_refusal(with(R"("role":"moderator")"), reason::claim, rules);
}

TEST_CASE("a kid names a key", "[token]") {
  auto rules = site_rules();
  rules.keys.push_back(secret_key("other", 'o'));
  const auto by = [](const token_key& key, const std::string& kid) {
    return signed_by(key, usual_claims, R"({"alg":"HS256","kid":")" + kid + "\"}");
  };
  CHECK(accepted(by(rules.keys[1], "other"), rules).user == "7");
  expect_refusal(by(rules.keys[1], "site"), reason::signature, rules);
  expect_refusal(by(rules.keys[1], "../other"), reason::unknown_key, rules);
  expect_refusal(by(rules.keys[1], std::string(2'000, 'k')), reason::unknown_key, rules);
  expect_refusal(by(rules.keys[1], std::string(10'000, 'k')), reason::malformed, rules);
  SECTION("without one, eight are tried") {
    CHECK(accepted(signed_by(rules.keys[1], usual_claims), rules).user == "7");
    for (char each = 'a'; each < 'h'; ++each)
      rules.keys.push_back(secret_key(std::string{each}, each));
    REQUIRE(rules.keys.size() == 9);
    CHECK(accepted(signed_by(rules.keys[7], usual_claims), rules).user == "7");
    expect_refusal(signed_by(rules.keys[8], usual_claims), reason::signature, rules);
  }
}

TEST_CASE("what a header may not have", "[token]") {
  for (const auto* more : {R"("crit":["exp"])", R"("b64":false)", R"("typ":"JWE")", R"("typ":7)"})
    CHECK(std::holds_alternative<token_refusal>(verify(
        signed_by(secret_key(), usual_claims, std::string{R"({"alg":"HS256",)"} + more + '}'),
        site_rules(), now)));
  for (const auto* more :
       {R"("typ":"JWT")", R"("typ":"jwt")", R"("typ":"at+jwt")", R"("typ":"AT+JWT")", R"("x":1)"})
    CHECK(accepted(
              signed_by(secret_key(), usual_claims, std::string{R"({"alg":"HS256",)"} + more + '}'))
              .user == "7");
}

TEST_CASE("tokens from before they were revoked do not count", "[token]") {
  auto rules = site_rules();
  rules.not_before[{project_id::parse("shop").value(), user_id::parse("7").value()}] = now;
  const auto issued = [](std::int64_t at) { return with(R"("iat":)" + std::to_string(at)); };
  expect_refusal(issued(now - 1), reason::revoked, rules);
  expect_refusal(claiming(R"({"sub":"7","project":"shop","exp":1763803600})"), reason::revoked,
                 rules);
  CHECK(accepted(issued(now), rules).user == "7");
  CHECK(accepted(claiming(R"({"sub":"8","project":"shop","exp":1763803600})"), rules).user == "8");
}

TEST_CASE("only the service names guests", "[token]") {
  const auto rules = rules_with_guests();
  const auto by_guest_key = [&](const std::string& sub, const std::string& more = {}) {
    return signed_by(rules.guests->key,
                     R"({"project":"shop","exp":1763803600,"sub":")" + sub + '"' + more + '}',
                     R"({"alg":"HS256","kid":"klatch/guest"})");
  };
  const std::string guest = "g-0123456789abcdefghij_-";
  CHECK(accepted(by_guest_key(guest), rules).as == role::guest);
  CHECK(accepted(by_guest_key(guest, R"(,"role":"guest")"), rules).as == role::guest);
  expect_refusal(by_guest_key("7"), reason::claim, rules);
  expect_refusal(by_guest_key(guest, R"(,"role":"user")"), reason::claim, rules);
  expect_refusal(by_guest_key(guest) + "x", reason::signature, rules);
  expect_refusal(by_guest_key(guest), reason::no_guests, site_rules());
  const auto of_site = [&](const std::string& claims) {
    expect_refusal(claiming(claims), reason::claim, rules);
  };
  of_site(R"({"sub":"g-4Zt0","project":"shop","exp":1763803600})");
  of_site(R"({"sub":"7","project":"shop","exp":1763803600,"role":"guest"})");
}

TEST_CASE("the key of guests signs nobody else's tokens, and no other key theirs", "[token]") {
  const auto rules = rules_with_guests();
  const std::string claims =
      R"({"sub":"g-0123456789abcdefghij_-","project":"shop","exp":1763803600})";
  const auto by_site = signed_by(secret_key(), claims, R"({"alg":"HS256","kid":"klatch/guest"})");
  expect_refusal(by_site, reason::signature, rules);
  expect_refusal(signed_by(rules.guests->key, claims), reason::signature, rules); // without its kid
  expect_refusal(signed_by(rules.guests->key, claims, R"({"alg":"RS256","kid":"klatch/guest"})"),
                 reason::unknown_key, rules);
}

TEST_CASE("only what the server gives has the form of a guest's id", "[ids]") {
  CHECK(is_guest_id("g-0123456789abcdefghij_-"));
  for (const auto* other : {"", "g-", "7", "g-0123456789abcdefghij_", "g-0123456789abcdefghij_-x",
                            "h-0123456789abcdefghij_-", "g-0123456789abcdefghij +"})
    CHECK_FALSE(is_guest_id(other));
}

// -- vectors --------------------------------------------------------------------------------------

namespace {

/// The claims of all three: expired, and without `sub`.
constexpr const char* rfc_claims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc1"
    "9yb290Ijp0cnVlfQ";

void expect_refused_for_its_claims(const std::string& token, const token_key& key) {
  CHECK(is_signed_by(token, key));
  access_rules rules;
  rules.keys.push_back(key);
  const auto found = verify(token, rules, now);
  REQUIRE(std::holds_alternative<token_refusal>(found));
  CHECK(std::get<token_refusal>(found).text == "sub is missing");
  auto changed = token;
  changed[token.size() - 4] = token[token.size() - 4] == 'A' ? 'B' : 'A';
  CHECK_FALSE(is_signed_by(changed, key));
  expect_refusal(changed, reason::signature, rules);
}

} // namespace

TEST_CASE("RFC 7515, A.1: HS256", "[token][rfc]") {
  token_key key;
  key.material =
      decode_base64url(
          "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZ"
          "r1Z9CAow")
          .value();
  expect_refused_for_its_claims(std::string{"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."} +
                                    rfc_claims + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                                key);
}

TEST_CASE("RFC 7515, A.2: RS256", "[token][rfc]") {
  const std::string set =
      R"({"keys":[{"kty":"RSA","kid":"a","e":"AQAB","n":")"
      "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2"
      "mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7"
      "OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMT"
      "BQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkM"
      "Ls91kzk2PAcDTW9gb54h4FRWyuXpoQ"
      "\"}]}";
  const auto signature =
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_"
      "lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO7"
      "5vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOk"
      "HWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy"
      "wlVmtVrBp0igcN_IoypGlUPQGe77Rw";
  expect_refused_for_its_claims(std::string{"eyJhbGciOiJSUzI1NiJ9."} + rfc_claims + '.' + signature,
                                parse_key_set(set).front());
}

TEST_CASE("RFC 7515, A.3: ES256", "[token][rfc]") {
  const std::string set = R"({"keys":[{"kty":"EC","kid":"a","crv":"P-256",)"
                          R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                          R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
  expect_refused_for_its_claims(
      std::string{"eyJhbGciOiJFUzI1NiJ9."} + rfc_claims +
          ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
      parse_key_set(set).front());
}

} // namespace klatch
