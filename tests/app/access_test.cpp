// The folder of keys, and who may come in by it.
#include "app/access.hpp"
#include "app/config_error.hpp"
#include "app/key_folder.hpp"
#include "messages/auth/key_text.hpp"
#include "tests/app/config_fixture.hpp"
#include "tests/messages/signed_tokens.hpp"

#include <filesystem>
#include <string>

namespace klatch::app {

namespace {

class access_fixture : public config_fixture {
protected:
  /// Writes a file of the keys' folder, which its owner alone may read.
  void add(const std::string& name, const std::string& text) const {
    std::filesystem::permissions(write("keys/" + name, text),
                                 std::filesystem::perms::owner_read |
                                     std::filesystem::perms::owner_write);
  }
  std::string keys() const { return (folder() / "keys").string(); }

  /// What is said of the folder.
  std::string complaint(const std::vector<std::string>& more = {}) const {
    auto arguments = more;
    arguments.insert(arguments.end(), {"--keys", keys()});
    try {
      read_access(taken(arguments));
    } catch (const config_error& error) {
      return error.what();
    }
    return {};
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
};

} // namespace

TEST_CASE_METHOD(access_fixture, "a folder has keys of every kind", "[access]") {
  add("site.token", make_secret_text({"shop"}));
  add("other.pem", test::make_ec_key().public_pem);
  add("set.jwks", R"({"keys":[)" + test::jwk_of(test::make_rsa_key(), "theirs") + "]}");
  add("README", "not a key");
  add("old.token.bak", "nor this");
  const auto rules =
      read_access(taken({"--keys", keys(), "--audience", "chat", "--issuer", "shop"}));
  REQUIRE(rules->keys.size() == 3);
  CHECK(rules->keys[0].kid == "other");
  CHECK(rules->keys[1].kid == "theirs");
  CHECK(rules->keys[2].kid == "site");
  CHECK(rules->keys[2].projects.front() == "shop");
  CHECK(rules->audience == "chat");
  CHECK(rules->issuer == "shop");
  CHECK_FALSE(rules->open());
}

TEST_CASE_METHOD(access_fixture, "a key that is wrong is named, with what to do", "[access]") {
  add("site.token", make_secret_text({}));
  CHECK(complaint().empty());
  SECTION("others can read it") {
    std::filesystem::permissions(folder() / "keys/site.token", std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    CHECK(has(complaint(), "site.token is a secret that every user of this machine can read"));
  }
  SECTION("two of one name") {
    add("site.pem", test::make_ec_key().public_pem);
    CHECK(has(complaint(), "which another file has too"));
  }
  SECTION("a private key") {
    add("mine.pem", test::make_ec_key().private_pem);
    CHECK(has(complaint(), "mine.pem holds a private key"));
  }
  SECTION("too short") {
    add("short.token", "AAECAwQFBgcICQoLDA0ODw==");
    CHECK(has(complaint(), "short.token has 16 bytes"));
  }
}

TEST_CASE_METHOD(access_fixture, "a folder without a key is a mistake, not open mode", "[access]") {
  add("README", "nothing");
  CHECK(has(complaint(), "has no key of tokens"));
  CHECK(has(refusal({"--keys", (folder() / "nowhere").string()}), "is not a folder"));
}

TEST_CASE_METHOD(access_fixture, "systemd hands keys out under names of its own", "[access]") {
  write("handed/keys_site.token", make_secret_text({}));
  std::filesystem::permissions(folder() / "handed/keys_site.token",
                               std::filesystem::perms::owner_read);
  const scoped_variable set{"CREDENTIALS_DIRECTORY", (folder() / "handed").string()};
  const auto rules = read_access(taken({}));
  REQUIRE(rules->keys.size() == 1);
  CHECK(rules->keys.front().kid == "site");
}

TEST_CASE_METHOD(access_fixture, "who was revoked stands in the folder", "[access]") {
  add("site.token", make_secret_text({}));
  const user_key anna{project_id::parse("shop").value(), user_id::parse("Anna K.").value()};
  add_revocation(keys(), anna, 10);
  add_revocation(keys(), anna, 30);
  add_revocation(keys(), anna, 20);
  CHECK(read_access(taken({"--keys", keys()}))->revoked_before(anna) == 30);
  write("keys/revoked", "ten\tshop\t7\n");
  CHECK(has(complaint(), "revoked, line 1"));
}

TEST_CASE_METHOD(access_fixture, "a provider's keys are asked for with an issuer alone",
                 "[access]") {
  const std::string address = "https://idp.example/keys";
  add("site.token", make_secret_text({}));
  CHECK(has(complaint({"--jwks", address}), "--jwks needs --issuer"));
  const auto rules =
      read_access(taken({"--jwks", address, "--issuer", "x", "--listen", "0.0.0.0:1"}));
  CHECK_FALSE(rules->open());
  CHECK(rules->keys.empty());
}

TEST_CASE_METHOD(access_fixture, "without a key only this machine is listened to", "[access]") {
  CHECK(read_access(taken({}))->open());
  CHECK(read_access(taken({"--listen", "[::1]:0"}))->open());
  for (const auto* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    CHECK_THROWS_AS(read_access(taken({"--listen", address})), config_error);
    CHECK(read_access(taken({"--listen", address, "--insecure"}))->open());
  }
  CHECK_THROWS_AS(read_access(taken({"--trusted-proxy", "10.0.0.0/8"})), config_error);
  add("site.token", make_secret_text({}));
  CHECK(complaint({"--listen", "0.0.0.0:0", "--trusted-proxy", "10.0.0.0/8"}).empty());
}

} // namespace klatch::app
