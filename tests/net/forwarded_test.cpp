// Who a request comes from, where proxies stand between.
#include "net/http/forwarded.hpp"
#include "tests/catch.hpp"

#include <string>
#include <utility>

namespace klatch::net {

namespace {

trusted_proxies trusting(std::initializer_list<const char*> networks) {
  trusted_proxies result;
  for (const auto* each : networks)
    result.networks.push_back(network::parse(each).value());
  return result;
}

std::string client(const char* peer, const std::string& chain, const trusted_proxies& trusted) {
  return client_address(boost::asio::ip::make_address(peer), chain, trusted).to_string();
}

} // namespace

TEST_CASE("a network has its addresses", "[proxy]") {
  const auto has = [](const char* which, const char* address) {
    return network::parse(which)->has(boost::asio::ip::make_address(address));
  };
  CHECK(has("10.0.0.0/8", "10.255.0.1"));
  CHECK(has("10.0.0.0/8", "::ffff:10.1.2.3"));
  CHECK_FALSE(has("10.0.0.0/8", "11.0.0.1"));
  CHECK(has("192.0.2.1", "192.0.2.1"));
  CHECK_FALSE(has("192.0.2.1", "192.0.2.2"));
  CHECK(has("192.0.2.0/25", "192.0.2.127"));
  CHECK_FALSE(has("192.0.2.0/25", "192.0.2.128"));
  CHECK(has("2001:db8::/32", "2001:db8:1::1"));
  CHECK_FALSE(has("2001:db8::/32", "2001:db9::1"));
  CHECK(has("0.0.0.0/0", "203.0.113.1"));
  CHECK_FALSE(has("0.0.0.0/0", "2001:db8::1"));
  for (const auto* wrong : {"", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/-1",
                            "10.0.0.0/8 ", "host", "10.0.0.0/8/8"})
    CHECK_FALSE(network::parse(wrong));
}

TEST_CASE("nobody but a trusted proxy is believed", "[proxy]") {
  CHECK(client("203.0.113.9", "192.0.2.1", trusting({})) == "203.0.113.9");
  CHECK(client("203.0.113.9", "192.0.2.1", trusting({"10.0.0.0/8"})) == "203.0.113.9");
  CHECK(client("10.0.0.1", "192.0.2.1", trusting({"10.0.0.0/8"})) == "192.0.2.1");
  CHECK(client("10.0.0.1", "", trusting({"10.0.0.0/8"})) == "10.0.0.1");
}

TEST_CASE("the chain is walked from the right as long as it is trusted", "[proxy]") {
  const auto trusted = trusting({"10.0.0.0/8"});
  CHECK(client("10.0.0.1", "192.0.2.66, 192.0.2.1", trusted) == "192.0.2.1");
  CHECK(client("10.0.0.1", "192.0.2.66, 192.0.2.1, 10.0.0.2", trusted) == "192.0.2.1");
  CHECK(client("10.0.0.1", "192.0.2.1, 198.51.100.7, 10.0.0.2", trusted) == "198.51.100.7");
  CHECK(client("10.0.0.1", "10.0.0.3,10.0.0.2", trusted) == "10.0.0.3");
  std::string hundred;
  for (int i = 0; i < 100; ++i)
    hundred += "10.0.0.2, ";
  CHECK(client("10.0.0.1", "192.0.2.1, " + hundred + "10.0.0.3", trusted) == "192.0.2.1");
}

TEST_CASE("what is no address ends the walk", "[proxy]") {
  const auto trusted = trusting({"10.0.0.0/8"});
  for (const auto* wrong : {"unknown", "_hidden", "192.0.2", "192.0.2.1.", "fe80::1%eth0", ",", " ",
                            "192.0.2.1 10.0.0.1", "[", "[2001:db8::1", "999.0.0.1"}) {
    INFO(wrong);
    CHECK(client("10.0.0.1", std::string{"192.0.2.1, "} + wrong + ", 10.0.0.2", trusted) ==
          "10.0.0.2");
  }
}

TEST_CASE("entries may have ports, brackets and quotes", "[proxy]") {
  const auto trusted = trusting({"10.0.0.0/8"});
  CHECK(client("10.0.0.1", "192.0.2.1:4711", trusted) == "192.0.2.1");
  CHECK(client("10.0.0.1", "[2001:db8::1]:4711", trusted) == "2001:db8::1");
  CHECK(client("10.0.0.1", "\"[2001:db8::1]\"", trusted) == "2001:db8::1");
  CHECK(client("10.0.0.1", "2001:db8::1", trusted) == "2001:db8::1");
  CHECK(client("10.0.0.1", "::ffff:192.0.2.1", trusted) == "192.0.2.1");
}

} // namespace klatch::net
