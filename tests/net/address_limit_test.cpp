// How many connections an address may have.
#include "net/stream/address_limit.hpp"
#include "tests/catch.hpp"

namespace klatch::net {

using boost::asio::ip::make_address;

TEST_CASE("an address has so many places and no more", "[address limit]") {
  address_limit places{3};
  const auto address = make_address("192.0.2.1");
  for (int number = 0; number < 3; ++number)
    CHECK(places.take(address));
  CHECK_FALSE(places.take(address));
  CHECK_FALSE(places.take(address));

  SECTION("one that is given back can be taken again") {
    places.give_back(address);
    CHECK(places.take(address));
    CHECK_FALSE(places.take(address));
  }
  SECTION("all can be given back, over and over") {
    for (int round = 0; round < 3; ++round) {
      for (int number = 0; number < 3; ++number)
        places.give_back(address);
      for (int number = 0; number < 3; ++number)
        CHECK(places.take(address));
      CHECK_FALSE(places.take(address));
    }
  }
  SECTION("others have their own") {
    CHECK(places.take(make_address("192.0.2.2")));
    CHECK(places.take(make_address("2001:db8::1")));
    CHECK_FALSE(places.take(address));
  }
}

TEST_CASE("giving back what was not taken gives nobody more", "[address limit]") {
  address_limit places{1};
  const auto address = make_address("2001:db8::1");
  places.give_back(address);
  CHECK(places.take(address));
  CHECK_FALSE(places.take(address));
  places.give_back(make_address("2001:db8:0:1::2"));
  CHECK_FALSE(places.take(address));
}

TEST_CASE("a /64 of IPv6 is one address, and a mapped IPv4 address is itself", "[address limit]") {
  address_limit places{1};
  CHECK(places.take(make_address("2001:db8::1")));
  CHECK_FALSE(places.take(make_address("2001:db8::ffff:2")));
  CHECK_FALSE(places.take(make_address("2001:db8:0:0:1:2:3:4")));
  CHECK(places.take(make_address("2001:db8:0:1::1")));
  places.give_back(make_address("2001:db8::5"));
  CHECK(places.take(make_address("2001:db8::6")));
  CHECK(places.take(make_address("::ffff:192.0.2.1")));
  CHECK_FALSE(places.take(make_address("192.0.2.1")));
  CHECK(places.take(make_address("::ffff:192.0.2.2")));
}

TEST_CASE("a limit of 0 is none", "[address limit]") {
  address_limit places{0};
  const auto address = make_address("192.0.2.1");
  for (int number = 0; number < 10'000; ++number)
    REQUIRE(places.take(address));
  places.give_back(address);
  CHECK(places.take(address));
}

} // namespace klatch::net
