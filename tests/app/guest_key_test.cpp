// The key of guests: made once, for its owner alone.
#include "app/access.hpp"
#include "app/config_error.hpp"
#include "app/guest_access.hpp"
#include "app/guest_key.hpp"
#include "messages/auth/key_text.hpp"
#include "tests/app/config_fixture.hpp"
#include "tests/messages/signed_tokens.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>

namespace klatch::app {

namespace {

namespace fs = std::filesystem;

class guest_fixture : public config_fixture {
protected:
  guest_fixture() { fs::create_directories(data()); }

  fs::path data() const { return folder() / "data"; }
  fs::path file() const { return data() / guest_key_file; }

  /// Settings that let guests in, and more.
  config letting_in(std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--guests", "on", "--data", data().string()});
    return taken(more);
  }
  static access_rules_ptr site_rules() {
    return std::make_shared<const access_rules>(test::site_rules());
  }
  static std::string key_in(const access_rules_ptr& rules) { return rules->guests->key.material; }

  /// What is said of the key.
  std::string complaint() const {
    try {
      const auto options = letting_in();
      guest_access{options}.add(site_rules(), options);
    } catch (const config_error& error) {
      return error.what();
    }
    return {};
  }
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE_METHOD(guest_fixture, "the key of guests is made once, for its owner alone", "[guests]") {
  const auto options = letting_in();
  const auto made = guest_access{options}.add(site_rules(), options);
  struct stat found {};
  REQUIRE(::stat(file().c_str(), &found) == 0);
  CHECK((found.st_mode & 0777U) == 0600U);
  CHECK(made->guests->key.of_guests);
  CHECK(made->guests->key.kid == guest_kid);
  CHECK(key_in(made).size() == min_secret_bytes);
  CHECK(std::distance(fs::directory_iterator{data()}, {}) == 1); // nothing is left beside it
  CHECK(key_in(guest_access{options}.add(site_rules(), options)) == key_in(made));
  fs::remove(file());
  CHECK(key_in(guest_access{options}.add(site_rules(), options)) != key_in(made));
}

TEST_CASE_METHOD(guest_fixture, "a start that was cut off leaves no half key", "[guests]") {
  std::ofstream{fs::path{file()} += ".new"} << "half";
  CHECK(complaint().empty());
  CHECK(read_guest_secret(data()).has_value());
}

TEST_CASE_METHOD(guest_fixture, "without a store the key is as old as the service", "[guests]") {
  const auto options = letting_in({"--store", "none"});
  guest_access guests{options};
  const auto first = key_in(guests.add(site_rules(), options));
  CHECK(key_in(guests.add(site_rules(), options)) == first); // a reload
  CHECK(key_in(guest_access{options}.add(site_rules(), options)) != first);
  CHECK_FALSE(fs::exists(file()));
}

TEST_CASE_METHOD(guest_fixture, "where guests are not let in no key is made", "[guests]") {
  const auto options = taken({"--data", data().string()});
  const auto rules = site_rules();
  CHECK(guest_access{options}.add(rules, options) == rules);
  CHECK_FALSE(fs::exists(file()));
}

TEST_CASE_METHOD(guest_fixture, "a key of guests that is wrong is named, with what to do",
                 "[guests]") {
  std::ofstream{file()} << make_secret_text({});
  SECTION("others can read it") {
    fs::permissions(file(), fs::perms::owner_read | fs::perms::others_read);
    CHECK(holds(complaint(), "guest.key is a secret that every user of this machine can read"));
    CHECK(holds(complaint(), "chmod 0600"));
  }
  SECTION("it is none") {
    std::ofstream{file()} << "!";
    fs::permissions(file(), fs::perms::owner_read | fs::perms::owner_write);
    CHECK(holds(complaint(), "guest.key is not base64"));
    CHECK(holds(complaint(), "delete it"));
  }
  SECTION("it is large") {
    std::ofstream{file()} << std::string(2000, 'A');
    fs::permissions(file(), fs::perms::owner_read | fs::perms::owner_write);
    CHECK(holds(complaint(), "larger than a key"));
  }
}

TEST_CASE_METHOD(guest_fixture, "the settings say to whom guests write, and how long they live",
                 "[guests]") {
  const auto options =
      letting_in({"--guest-contact", "7", "--guest-contact", "anna", "--guest-days", "2"});
  const auto rules = guest_access{options}.add(site_rules(), options);
  CHECK(rules->guests->may_write_to("anna"));
  CHECK(rules->guests->may_write_to("7"));
  CHECK_FALSE(rules->guests->may_write_to("boris"));
  CHECK(rules->guests->lifetime == 2L * 24 * 60 * 60);
  const auto open = letting_in({"--guest-contact", "*"});
  CHECK(guest_access{open}.add(site_rules(), open)->guests->may_write_to("boris"));
  CHECK(holds(refusal({"--guest-contact", "an\u200bna"}), "cannot be the id of a user"));
}

TEST_CASE_METHOD(guest_fixture, "guests without keys are refused", "[guests]") {
  for (const auto& more : {std::vector<std::string>{}, {"--insecure"}})
    try {
      read_access(letting_in(more));
      CHECK(false);
    } catch (const config_error& error) {
      CHECK(holds(error.what(), "--guests on needs keys"));
      CHECK(holds(error.what(), "klatch key new token"));
    }
}

} // namespace klatch::app
