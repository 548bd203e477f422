// klatch revoke, as a person sees it.
#include "app/key_folder.hpp"
#include "app/tools.hpp"
#include "messages/auth/key_text.hpp"
#include "store/postgres/postgres_cluster.hpp"
#include "store/postgres/postgres_control.hpp"
#include "tests/app/config_fixture.hpp"
#include "tests/app/taken_output.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/postgres_server.hpp"

#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace klatch::app {

namespace {

using store::test::key;

class revoke_fixture : public config_fixture {
protected:
  struct result {
    int status;
    std::string said;      ///< on standard output
    std::string complaint; ///< on standard error
  };

  static result revoke(const std::vector<std::string>& arguments) {
    std::vector<const char*> argv{"klatch", "revoke"};
    for (const auto& each : arguments)
      argv.push_back(each.c_str());
    const taken_output said{std::cout};
    const taken_output complained{std::cerr};
    const auto status = run_tool(static_cast<int>(argv.size()), argv.data());
    return {status.value(), said.text(), complained.text()};
  }
  /// What it complains of where it does nothing.
  static std::string complaint(const std::vector<std::string>& arguments) {
    const auto done = revoke(arguments);
    CHECK(done.status == 2);
    CHECK(done.said.empty());
    return done.complaint;
  }

  std::string keys() const {
    std::filesystem::create_directories(folder() / "keys");
    return (folder() / "keys").string();
  }
};

/// With a store in PostgreSQL where there is a server.
class revoke_in_cluster : public revoke_fixture {
protected:
  revoke_in_cluster() {
    if (!store::test::has_postgres())
      return;
    database_.emplace(store::test::apart::in_schema);
    store::open_postgres_cluster({.url = url()});
  }

  const std::string& url() const { return database_->url(); }
  std::string file() const {
    return write("klatch.toml", "store = \"" + url() + "\"\nkeys = \"" + keys() + "\"\n");
  }
  store::control_state state() const { return store::postgres_control{{.url = url()}}.read(); }

private:
  std::optional<store::test::test_database> database_;
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE_METHOD(revoke_fixture, "klatch revoke writes into the folder of the keys", "[revoke]") {
  const auto done = revoke({"--sub", "anna", "--project", "p", "--keys", keys()});
  CHECK(done.status == 0);
  CHECK(done.complaint.empty());
  CHECK(says(done.said, "klatch: tokens of anna in p from before now do not count, once the "
                        "service has looked at its keys again"));
  access_rules rules;
  read_revocations(keys(), rules);
  CHECK(rules.revoked_before(key("anna")));
}

TEST_CASE_METHOD(revoke_fixture, "klatch revoke says what it lacks", "[revoke]") {
  CHECK(says(complaint({"--keys", keys()}), "whom? --sub and --project name a user"));
  CHECK(says(complaint({"--sub", "7", "--keys", keys()}), "whom?"));
  CHECK(says(complaint({"--sub", "7", "--project", "p"}),
             "revoke: --keys DIR or, where several machines share a store, --store"));
  CHECK(says(complaint({"--guests", "--sub", "7"}), "--guests is all of them"));
  CHECK(says(complaint({"--guests"}), "delete guest.key in the folder of --data"));
  CHECK(says(complaint({"--sub", "an\u200bna", "--project", "p", "--keys", keys()}), "--sub: "));
  CHECK(says(complaint({"--sub", "7", "--project", "p", "--store", "mysql://h/d"}),
             "is not sqlite, none or postgres://HOST/DATABASE"));
  CHECK(says(complaint({"--sub", "7", "--project", "p", "--config", "nowhere.toml"}),
             "nowhere.toml"));
  CHECK(says(complaint({"--stor", "x"}), "--stor"));
}

TEST_CASE_METHOD(revoke_in_cluster, "klatch revoke writes into a store that nodes share",
                 "[revoke]") {
  if (!store::test::has_postgres())
    return;
  std::vector<std::string> arguments{"--sub", "anna", "--project", "p"};
  std::optional<scoped_variable> variable;
  SECTION("which the command line names") {
    arguments.insert(arguments.end(), {"--store", url(), "--keys", keys()});
  }
  SECTION("which the environment names") { variable.emplace("KLATCH_STORE", url()); }
  SECTION("which the file names") { arguments.insert(arguments.end(), {"--config", file()}); }
  const auto done = revoke(arguments);
  CHECK(done.complaint.empty());
  CHECK(done.status == 0);
  CHECK(says(done.said, "klatch: tokens of anna in p from before now do not count, on no machine "
                        "that uses "));
  const auto revoked = state().revoked;
  REQUIRE(revoked.size() == 1);
  CHECK(revoked.front().user == key("anna"));
  CHECK_FALSE(std::filesystem::exists(folder() / "keys" / revocation_file));
}

TEST_CASE_METHOD(revoke_in_cluster, "klatch revoke makes strangers of all guests of a cluster",
                 "[revoke][guests]") {
  if (!store::test::has_postgres())
    return;
  const auto done = revoke({"--guests", "--store", url()});
  CHECK(done.status == 0);
  CHECK(says(done.said, "klatch: tokens of all guests from before now do not count, "));
  const auto made = state().guest_secret;
  CHECK(parse_secret("guests", made).material.size() >= 32);
  CHECK(revoke({"--guests", "--config", file()}).status == 0);
  CHECK(state().guest_secret != made);
}

TEST_CASE_METHOD(revoke_fixture, "klatch revoke says that a store cannot be reached", "[revoke]") {
  const auto said = complaint({"--sub", "7", "--project", "p", "--store",
                               "postgres://klatch:secret@localhost/d?host=/nowhere"});
  CHECK(says(said, "klatch: revoke: nothing was done: "));
  CHECK_FALSE(says(said, "secret"));
}

} // namespace klatch::app
