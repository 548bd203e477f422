// klatch move, as a person sees it.
#include "app/config_error.hpp"
#include "app/guest_key.hpp"
#include "app/move_store.hpp"
#include "messages/auth/key_text.hpp"
#include "store/postgres/postgres_check.hpp"
#include "store/postgres/postgres_control.hpp"
#include "tests/app/taken_output.hpp"
#include "tests/catch.hpp"
#include "tests/store/helpers.hpp"
#include "tests/store/postgres_server.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace klatch::app {

namespace {

using store::test::note;

/// In a folder of its own; two messages.
struct small_store {
  small_store() {
    const auto store = store::open_sqlite_store(folder.path());
    const std::array batch{note("a", "b", "1"), note("b", "a", "2")};
    store->append(batch, 1'000);
  }
  store::test::temporary_folder folder;
};

config options_for(const small_store& from, const store::test::test_database& to) {
  config result;
  result.data = from.folder.path();
  result.move_to = to.url();
  return result;
}

} // namespace

TEST_CASE("klatch move says how far it is, and what to do then") {
  if (!store::test::has_postgres())
    return;
  const store::test::test_database target;
  const small_store source;
  std::string printed;
  {
    const taken_output output{std::cout};
    CHECK(move_store(options_for(source, target)) == 0);
    printed = output.text();
  }
  for (const auto& line :
       {std::string{"klatch: moving 2 messages of 2 users in 1 conversations to "},
        target.name() + "\n", std::string{"klatch: 2 of 2 messages\n"},
        std::string{"klatch: all is moved, and sound."}})
    CHECK(printed.find(line) != std::string::npos);
  CHECK(store::check_postgres({.url = target.url()}).empty());
}

TEST_CASE("klatch move has the guests' key go along") {
  if (!store::test::has_postgres())
    return;
  const store::test::test_database target;
  const small_store source;
  const auto known = make_secret_text({});
  const auto file = source.folder / guest_key_file;
  std::ofstream{file} << known;
  const auto moved = [&] {
    const taken_output output{std::cout};
    return move_store(options_for(source, target));
  };
  SECTION("to a database that has none") {
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    CHECK(moved() == 0);
    CHECK(store::postgres_control{{.url = target.url()}}.read().guest_secret == known);
  }
  SECTION("and moves nothing where it cannot be read") {
    std::filesystem::permissions(file, std::filesystem::perms::others_read);
    CHECK_THROWS_AS(moved(), config_error);
    CHECK(target.number("SELECT count(*) FROM pg_tables WHERE tablename='message'") == 0);
  }
}

TEST_CASE("klatch move says what is wrong with a store that it does not move") {
  if (!store::test::has_postgres())
    return;
  const store::test::test_database target;
  const small_store source;
  store::test::run_sql(source.folder / "klatch.db", "UPDATE log SET ts=1 WHERE pos=2");
  std::string printed;
  {
    const taken_output output{std::cout};
    CHECK(move_store(options_for(source, target)) == 1);
    printed = output.text();
  }
  for (const auto* line : {"Message 2 of conversation 3 is older than the one before it.\n",
                           "klatch: nothing is moved, since what has come is not sound\n"})
    CHECK(printed.find(line) != std::string::npos);
}

} // namespace klatch::app
