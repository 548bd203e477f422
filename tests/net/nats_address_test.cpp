// How a setting names NATS servers.
#include "net/bus/nats_address.hpp"
#include "tests/catch.hpp"

#include <stdexcept>
#include <string>

namespace klatch::net {

using addresses = std::vector<std::string>;

TEST_CASE("servers have a port, 4222 if none is given", "[nats][address]") {
  CHECK(parse_nats_address("nats://a") == nats_address{.servers = {"a:4222"}});
  CHECK(parse_nats_address("nats://a:1,b,[::1],[fe80::1]:65535").servers ==
        addresses{"a:1", "b:4222", "[::1]:4222", "[fe80::1]:65535"});
  CHECK(parse_nats_address("nats://a,nats://b").servers == addresses{"a:4222", "b:4222"});
}

TEST_CASE("tls:// is TLS, with the system's certificates or others", "[nats][address]") {
  CHECK(parse_nats_address("tls://a").tls);
  CHECK_FALSE(parse_nats_address("nats://a").tls);
  const auto found = parse_nats_address("tls://a,b?ca=/etc/my%20ca.pem&creds=/etc/n.creds");
  CHECK(found == nats_address{.servers = {"a:4222", "b:4222"},
                              .tls = true,
                              .credentials_file = "/etc/n.creds",
                              .ca_file = "/etc/my ca.pem"});
}

TEST_CASE("a cluster has a name", "[nats][address]") {
  CHECK(parse_nats_address("nats://a").cluster == "live");
  CHECK(parse_nats_address("nats://a?cluster=shop").cluster == "shop");
}

TEST_CASE("users have a password, or are a token", "[nats][address]") {
  const auto user = parse_nats_address("nats://klatch:a%40b%3Ac%2C@a,b:1");
  CHECK(user == nats_address{.servers = {"a:4222", "b:1"}, .user = "klatch", .password = "a@b:c,"});
  CHECK(parse_nats_address("nats://s3cret@a").user == "s3cret");
  CHECK(parse_nats_address("nats://u:p@ss@a").password == "p@ss");
}

TEST_CASE("what is no address is refused, and nothing secret is said", "[nats][address]") {
  const std::string text = GENERATE(
      "", "a:4222", "http://a", "nats:/a", "nats://", "nats://,a", "nats://a,,b",
      "nats://a:", "nats://a:0", "nats://a:65536", "nats://a:4222x", "nats://a b", "nats://::1",
      "nats://[]", "nats://[::1", "nats://a/klatch", "nats://:hush@a", "nats://u:hu%sh@a",
      "nats://u:hush%4@a", "nats://u:hush@a,v:hush@b", "nats://u:hush@a:x", "nats://a,tls://b",
      "nats://a?creds", "nats://a?creds=", "nats://a?cluster=", "nats://a?creds=%",
      "nats://a?password=x", "nats://a?ca=/x");
  INFO(text);
  try {
    parse_nats_address(text);
    FAIL("was taken");
  } catch (const std::invalid_argument& error) {
    CHECK(std::string{error.what()}.find("hush") == std::string::npos);
  }
}

} // namespace klatch::net
