// Who a connection is, and the texts that it is packed into.
#include "actors/connection/identity.hpp"
#include "tests/catch.hpp"

#include <string>
#include <string_view>

namespace klatch::actors {

namespace {

person as(const char* user, const char* project, const char* name, const char* color) {
  return {{project_id::parse(project).value(), user_id::parse(user).value()}, name, color};
}

} // namespace

TEST_CASE("packed texts come out as they went in", "[identity]") {
  const std::string longest(4095, 'x');
  const packed_strings<4> packed{{"", longest, std::string_view{"\0y", 2}, "ä"}};
  CHECK(packed[0].empty());
  CHECK(packed[1] == longest);
  CHECK(packed[2] == std::string_view{"\0y", 2});
  CHECK(packed[3] == "ä");
  CHECK(packed.number() == 0);
}

TEST_CASE("a number packed with texts changes none of them", "[identity]") {
  const std::string longest(4095, 'x');
  for (unsigned number = 0; number < 16; ++number) {
    const packed_strings<2> packed{{longest, "y"}, number};
    CHECK(packed.number() == number);
    CHECK(packed[0] == longest);
    CHECK(packed[1] == "y");
  }
  CHECK(packed_strings<2>{}.number() == 0);
}

TEST_CASE("packed texts are one pointer, and empty ones no more", "[identity]") {
  STATIC_REQUIRE(sizeof(packed_strings<4>) == sizeof(void*));
  const packed_strings<2> none;
  const packed_strings<2> empty{{"", ""}};
  for (const auto* each : {&none, &empty})
    for (std::size_t index = 0; index < 2; ++index)
      CHECK(each->operator[](index).empty());
}

TEST_CASE("an identity is nobody until it is somebody", "[identity]") {
  identity me;
  CHECK_FALSE(me);
  const auto anna = as("anna", "p", "Anna K.", "#F00");
  me = identity{anna};
  REQUIRE(me);
  CHECK(me.user() == "anna");
  CHECK(me.project() == "p");
  CHECK(me.name() == "Anna K.");
  CHECK(me.color() == "#F00");
  CHECK(me.key() == anna.key);
  CHECK(me.is(anna.key));
  CHECK_FALSE(me.is(as("anna", "q", "", "").key));
  CHECK_FALSE(me.is(as("ann", "p", "", "").key));
  CHECK_FALSE(me.is(as("p", "anna", "", "").key));
}

TEST_CASE("an identity knows its role, and what of it a token has said", "[identity]") {
  auto anna = as("anna", "p", "Anna K.", "");
  const identity usual{anna};
  CHECK(usual.as() == role::user);
  CHECK_FALSE(usual.name_is_signed());
  anna.as = role::guest;
  CHECK(identity{anna}.as() == role::guest);
  anna.as = role::moderator;
  anna.name_is_signed = true;
  const identity signed_in{anna};
  CHECK(signed_in.as() == role::moderator);
  CHECK(signed_in.name_is_signed());
  CHECK_FALSE(signed_in.color_is_signed());
  CHECK(signed_in.name() == "Anna K.");
}

} // namespace klatch::actors
