// Which pages may open a WebSocket, and by which names the service may be reached.
#include "net/http/origin_policy.hpp"
#include "tests/catch.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::net {

namespace {

struct row {
  std::optional<std::string_view> origin;
  std::string_view host;
  bool from_loopback;
  bool admitted;
  bool forwarded = false;
};

std::ostream& operator<<(std::ostream& out, const row& asked) {
  return out << asked.origin.value_or("(none)") << " at " << asked.host
             << (asked.from_loopback ? " from loopback" : "")
             << (asked.forwarded ? ", forwarded" : "");
}

bool admits(const origin_policy& policy, const row& asked) {
  return policy.admits(
      {asked.origin, parse_authority(asked.host), asked.from_loopback, asked.forwarded});
}

constexpr std::string_view own_host = "chat.example:9001";
constexpr std::string_view at_home = "localhost:9001";

} // namespace

TEST_CASE("an origin policy without allowed origins", "[origin]") {
  const auto asked = GENERATE(
      // No browser.
      row{std::nullopt, own_host, false, true}, row{std::nullopt, "", false, true},
      // The service's own page.
      row{"http://chat.example:9001", own_host, false, true},
      row{"https://chat.example", "chat.example", false, true},
      row{"https://Chat.Example", "chat.EXAMPLE", false, true},
      row{"http://192.0.2.1:9001", "192.0.2.1:9001", false, true},
      row{"http://[2001:db8::1]:9001", "[2001:db8::1]:9001", false, true},
      row{"http://[2001:DB8:0::1]:9001", "[2001:db8::1]:9001", false, true},
      row{"http://chat.example:9001", own_host, true, true, true},
      // The default port, or a trailing dot, on one side only.
      row{"https://chat.example", "chat.example:443", false, true},
      row{"https://chat.example:443", "chat.example", false, true},
      row{"http://chat.example", "chat.example:80", false, true},
      row{"http://chat.example.", "chat.example", false, true},
      row{"http://chat.example", "chat.example.", false, true},
      row{"http://chat.example:", "chat.example", false, false},
      // Another port, host, or part of a host.
      row{"http://chat.example:8080", "chat.example", false, false},
      row{"https://chat.example", "chat.example:80", false, false},
      row{"http://chat.example", "chat.example:443", false, false},
      row{"http://chat.example:9002", own_host, false, false},
      row{"http://chat.example", own_host, false, false},
      row{"http://example", own_host, false, false},
      row{"http://evil.example", own_host, false, false},
      row{"http://evil.example", own_host, true, false},
      row{"http://chat.example.evil.example:9001", own_host, false, false},
      row{"http://evilchat.example:9001", own_host, false, false},
      row{"http://chat.example:90011", own_host, false, false},
      row{"http://[2001:db8::2]:9001", "[2001:db8::1]:9001", false, false},
      // Another scheme, or a user.
      row{"evil://chat.example:9001", own_host, false, false},
      row{"ws://chat.example:9001", own_host, false, false},
      row{"http://me@chat.example:9001", own_host, false, false},
      row{"http://me:secret@chat.example:9001", own_host, false, false},
      // Loopback.
      row{"http://localhost", own_host, false, true},
      row{"http://localhost:3000", own_host, false, true},
      row{"https://LOCALHOST:3000", own_host, false, true},
      row{"http://127.0.0.1:8080", own_host, false, true},
      row{"http://127.1.2.3", own_host, false, true}, row{"http://[::1]", own_host, false, true},
      row{"http://[::1]:8080", own_host, false, true},
      row{"http://[::ffff:127.0.0.1]", at_home, true, true},
      row{"http://localhost:3000", at_home, true, true},
      // Not behind a proxy, whether that says so or is seen by the name that it passes on.
      row{"http://localhost:3000", at_home, true, false, true},
      row{"http://localhost:3000", own_host, false, false, true},
      row{"http://localhost:3000", own_host, true, false},
      // What only looks like it.
      row{"http://localhost.evil.example", own_host, false, false},
      row{"http://evil.example/localhost", own_host, false, false},
      row{"http://notlocalhost", own_host, false, false},
      row{"http://127.0.0.1.evil.example", own_host, false, false},
      row{"http://128.0.0.1", own_host, false, false}, row{"http://[::2]", own_host, false, false},
      row{"http://[::1", own_host, false, false},
      row{"http://[::1].evil.example", own_host, false, false},
      row{"http://[]", own_host, false, false}, row{"evil://localhost", at_home, true, false},
      row{"ws://localhost", at_home, true, false}, row{"http://me@localhost", at_home, true, false},
      row{"http://localhost/", at_home, true, false},
      row{"http://localhost?a", at_home, true, false},
      // A file opened from disk.
      row{"null", at_home, true, true}, row{"null", "127.0.0.1:9001", true, true},
      row{"null", own_host, false, false}, row{"null", own_host, true, false},
      row{"null", at_home, false, false}, row{"null", at_home, true, false, true},
      row{"NULL", at_home, true, false},
      // What no browser sends.
      row{"", at_home, true, false}, row{"", "", true, false}, row{"http://", "", true, false},
      row{"://", "", true, false}, row{"file://", at_home, true, false},
      row{"chat.example:9001", own_host, false, false}, row{"localhost", at_home, true, false},
      row{"*", at_home, true, false});
  CAPTURE(asked);
  CHECK(admits(origin_policy{{}}, asked) == asked.admitted);
}

TEST_CASE("an origin policy with allowed origins", "[origin]") {
  const origin_policy policy{{"https://example.org", "http://app.example:8080", "app://desk"}};
  const auto asked = GENERATE(
      row{"https://example.org", own_host, false, true},
      row{"https://EXAMPLE.org", own_host, false, true},
      row{"https://example.org:443", own_host, false, true},
      row{"https://example.org.", own_host, false, true},
      row{"https://example.org", own_host, true, true, true},
      row{"http://app.example:8080", own_host, false, true},
      row{"app://desk", own_host, false, true},
      row{"http://chat.example:9001", own_host, false, true},
      row{"http://localhost", own_host, false, true}, row{std::nullopt, own_host, false, true},
      row{"http://example.org", own_host, false, false},
      row{"https://example.org:8443", own_host, false, false},
      row{"https://example.org.evil.example", own_host, false, false},
      row{"https://sub.example.org", own_host, false, false},
      row{"http://desk", own_host, false, false}, row{"http://app.example", own_host, false, false},
      row{"null", own_host, false, false}, row{"null", at_home, true, true},
      row{"", at_home, true, false});
  CAPTURE(asked);
  CHECK(admits(policy, asked) == asked.admitted);
}

TEST_CASE("an allowed origin of * lets everybody in", "[origin]") {
  const auto allowed =
      GENERATE(std::vector<std::string>{"*"}, std::vector<std::string>{"https://example.org", "*"});
  const origin_policy policy{allowed};
  for (const auto* origin : {"http://evil.example", "null", "", "nonsense"})
    CHECK(admits(policy, {origin, own_host, false, true}));
  CHECK(admits(policy, {std::nullopt, own_host, false, true}));
  CHECK(policy.admits_on_loopback({"evil.example", std::nullopt}));
}

TEST_CASE("on loopback the service has the names of loopback and of what is allowed", "[origin]") {
  const origin_policy policy{{"https://chat.example"}};
  for (const auto* name : {"localhost", "localhost.:1", "127.0.0.1", "127.9.9.9:80", "[::1]:9001",
                           "[::ffff:7f00:1]", "chat.example", "CHAT.example.:8080"}) {
    CAPTURE(name);
    CHECK(policy.admits_on_loopback(parse_authority(name).value()));
  }
  for (const auto* name : {"evil.example", "localhost.evil.example", "0.0.0.0", "[::]", "127.1",
                           "10.0.0.1", "[::2]", "sub.chat.example", "notlocalhost"}) {
    CAPTURE(name);
    CHECK_FALSE(policy.admits_on_loopback(parse_authority(name).value()));
  }
}

TEST_CASE("a text that is no origin cannot be allowed", "[origin]") {
  CHECK_THROWS_AS(origin_policy{{"chat.example"}}, std::invalid_argument);
}

TEST_CASE("a host is a name or an address, and perhaps a port", "[origin]") {
  const auto read = [](std::string_view text) {
    const auto found = parse_authority(text);
    return found ? found->host + '|' + (found->port ? std::to_string(*found->port) : "-") : "none";
  };
  CHECK(read("Chat.Example") == "chat.example|-");
  CHECK(read("chat.example.:0080") == "chat.example|80");
  CHECK(read("chat.example:") == "chat.example|-");
  CHECK(read("[2001:DB8:0::1]:9001") == "[2001:db8::1]|9001");
  CHECK(read("under_score-x.example") == "under_score-x.example|-");
  for (const auto* text : {"",
                           ".",
                           ":80",
                           "a:0",
                           "a:65536",
                           "a:-1",
                           "a:+1",
                           "a: 1",
                           "a:1:2",
                           "a b",
                           "a/b",
                           "a@b",
                           "a:b@c",
                           "a..",
                           "[::1",
                           "::1",
                           "[::1]x",
                           "[fe80::1%eth0]",
                           "[]",
                           "[127.0.0.1]",
                           "a,b",
                           "a%62",
                           "m\xC3\xBCnchen.example",
                           "a?b",
                           "a#b",
                           "a\\b"}) {
    CAPTURE(text);
    CHECK(read(text) == "none");
  }
  CHECK(read(std::string(256, 'a')) == "none");
}

} // namespace klatch::net
