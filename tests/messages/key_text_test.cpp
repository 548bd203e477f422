// Keys as they stand in files and sets, and the base64 that they are written in.
#include "messages/auth/base64.hpp"
#include "messages/auth/key_text.hpp"
#include "messages/auth/public_key.hpp"
#include "messages/auth/token.hpp"
#include "tests/catch.hpp"
#include "tests/messages/signed_tokens.hpp"

#include <string>
#include <variant>
#include <vector>

namespace klatch {

TEST_CASE("a secret is random bytes in base64", "[key]") {
  const auto text = make_secret_text({"shop", "blog"});
  const auto key = parse_secret("site", text);
  CHECK(key.kid == "site");
  CHECK(key.material.size() == min_secret_bytes);
  CHECK(key.projects == std::vector<std::string>{"shop", "blog"});
  CHECK(parse_secret("site", make_secret_text({})).material != key.material);
  CHECK(parse_secret("site", "# role-limit = user\n" + make_secret_text({})).role_limit ==
        role::user);
  CHECK_THROWS_AS(parse_secret("site", ""), bad_key);
  CHECK_THROWS_AS(parse_secret("site", "not base64!"), bad_key);
  CHECK_THROWS_AS(parse_secret("site", encode_base64(std::string(31, 'a') + 'b').substr(0, 40)),
                  bad_key);
  CHECK_THROWS_AS(parse_secret("site", encode_base64(std::string(32, 'a'))), bad_key);
  CHECK_THROWS_AS(parse_secret("site", encode_base64("0123456789abcdef0123456789abcdef")), bad_key);
  CHECK_THROWS_AS(parse_secret("site", "# role-limit = admin\n" + make_secret_text({})), bad_key);
}

TEST_CASE("a public key is RSA of 2048 bits or P-256, and no private key", "[key]") {
  const auto rsa = test::make_rsa_key();
  CHECK(parse_public_key("k", "# project = shop\n" + rsa.public_pem).projects.front() == "shop");
  CHECK(parse_public_key("k", rsa.public_pem).algorithm == signature_algorithm::rs256);
  CHECK(parse_public_key("k", test::make_ec_key().public_pem).algorithm ==
        signature_algorithm::es256);
  CHECK_THROWS_AS(parse_public_key("k", rsa.private_pem), bad_key);
  CHECK_THROWS_AS(parse_public_key("k", test::make_rsa_key(1024).public_pem), bad_key);
  CHECK_THROWS_AS(parse_public_key("k", "-----BEGIN PUBLIC KEY-----\nAAAA\n"), bad_key);
}

TEST_CASE("a JWK set has public keys", "[key]") {
  const auto rsa = test::make_rsa_key();
  const auto ec = test::make_ec_key();
  const auto set = [](const std::string& keys) { return R"({"keys":[)" + keys + "]}"; };
  const auto keys = parse_key_set(set(test::jwk_of(rsa, "a") + ',' + test::jwk_of(ec, "b") +
                                      R"(,{"kty":"OKP","crv":"Ed25519","kid":"c","x":"AA"})"));
  REQUIRE(keys.size() == 2);
  access_rules rules;
  rules.keys = keys;
  for (const auto* pair : {&rsa, &ec}) {
    const auto token = test::signed_with(*pair, R"({"sub":"7","project":"shop","exp":1763803600})");
    CHECK(std::holds_alternative<token_claims>(verify(token, rules, test::token_time)));
  }
  CHECK_THROWS_AS(parse_key_set("[]"), bad_key);
  CHECK_THROWS_AS(parse_key_set(set(test::jwk_of(ec, "a") + ',' + test::jwk_of(rsa, "a"))),
                  bad_key);
  CHECK_THROWS_AS(parse_key_set(set(R"({"kty":"oct","k":"AAAA","kid":"a"})")), bad_key);
  CHECK_THROWS_AS(parse_key_set(set(R"({"kty":"EC","crv":"P-256","d":"AAAA","kid":"a"})")),
                  bad_key);
  CHECK_THROWS_AS(parse_key_set(set(R"({"kty":"RSA","n":"AQAB","e":"AQAB","kid":"a"})")), bad_key);
}

TEST_CASE("base64 has one spelling", "[base64]") {
  for (std::size_t size = 0; size < 40; ++size) {
    const auto bytes = random_bytes(size);
    CHECK(decode_base64(encode_base64(bytes)) == bytes);
    CHECK(decode_base64url(encode_base64url(bytes)) == bytes);
  }
  for (const auto* wrong : {"A", "AB", "A===", "AA==", "AA=", "A+", "A/AA", "AA A", "\n"})
    CHECK_FALSE(decode_base64url(wrong));
  CHECK(decode_base64("AAA=") == std::string(2, '\0'));
  CHECK_FALSE(decode_base64("AA=A"));
  CHECK_FALSE(decode_base64("AAA=="));
}

} // namespace klatch
