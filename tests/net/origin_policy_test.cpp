// Which pages may open a WebSocket.
#include "net/origin_policy.hpp"
#include "tests/catch.hpp"

#include <optional>
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
};

std::ostream& operator<<(std::ostream& out, const row& asked) {
  return out << asked.origin.value_or("(none)") << " at " << asked.host
             << (asked.from_loopback ? " from loopback" : "");
}

constexpr std::string_view here = "chat.example:9001";

} // namespace

TEST_CASE("with nothing allowed besides", "[origin]") {
  const auto asked = GENERATE(
      // No browser.
      row{std::nullopt, here, false, true}, row{std::nullopt, "", false, true},
      // The service's own page.
      row{"http://chat.example:9001", here, false, true},
      row{"https://chat.example", "chat.example", false, true},
      row{"https://Chat.Example", "chat.EXAMPLE", false, true},
      row{"http://192.0.2.1:9001", "192.0.2.1:9001", false, true},
      row{"http://[2001:db8::1]:9001", "[2001:db8::1]:9001", false, true},
      // Another port, host, or part of a host.
      row{"http://chat.example:9002", here, false, false},
      row{"http://chat.example", here, false, false}, row{"http://example", here, false, false},
      row{"http://evil.example", here, false, false}, row{"http://evil.example", here, true, false},
      row{"http://chat.example.evil.example:9001", here, false, false},
      row{"http://evilchat.example:9001", here, false, false},
      row{"http://chat.example:90011", here, false, false},
      row{"http://[2001:db8::2]:9001", "[2001:db8::1]:9001", false, false},
      // Loopback.
      row{"http://localhost", here, false, true}, row{"http://localhost:3000", here, false, true},
      row{"https://LOCALHOST:3000", here, false, true},
      row{"http://127.0.0.1:8080", here, false, true}, row{"http://127.1.2.3", here, false, true},
      row{"http://[::1]", here, false, true}, row{"http://[::1]:8080", here, false, true},
      // What only looks like it.
      row{"http://localhost.evil.example", here, false, false},
      row{"http://evil.example/localhost", here, false, false},
      row{"http://notlocalhost", here, false, false},
      row{"http://127.0.0.1.evil.example", here, false, false},
      row{"http://128.0.0.1", here, false, false}, row{"http://[::2]", here, false, false},
      row{"http://[::1", here, false, false}, row{"http://[::1].evil.example", here, false, false},
      row{"http://[]", here, false, false},
      // A file opened from disk.
      row{"null", here, true, true}, row{"null", here, false, false},
      row{"NULL", here, true, false},
      // What no browser sends.
      row{"", here, true, false}, row{"", "", true, false}, row{"http://", "", true, false},
      row{"://", "", true, false}, row{"file://", here, true, false},
      row{"chat.example:9001", here, false, false}, row{"localhost", here, true, false},
      row{"*", here, true, false});
  CAPTURE(asked);
  const origin_policy policy{{}};
  CHECK(policy.admits(asked.origin, asked.host, asked.from_loopback) == asked.admitted);
}

TEST_CASE("with origins allowed besides", "[origin]") {
  const origin_policy policy{{"https://example.org", "http://app.example:8080"}};
  const auto asked = GENERATE(
      row{"https://example.org", here, false, true}, row{"https://EXAMPLE.org", here, false, true},
      row{"http://app.example:8080", here, false, true},
      row{"http://chat.example:9001", here, false, true},
      row{"http://localhost", here, false, true}, row{std::nullopt, here, false, true},
      row{"http://example.org", here, false, false},
      row{"https://example.org:8443", here, false, false},
      row{"https://example.org.evil.example", here, false, false},
      row{"https://sub.example.org", here, false, false},
      row{"http://app.example", here, false, false}, row{"null", here, false, false},
      row{"null", here, true, true}, row{"", here, true, false});
  CAPTURE(asked);
  CHECK(policy.admits(asked.origin, asked.host, asked.from_loopback) == asked.admitted);
}

TEST_CASE("a star lets everybody in", "[origin]") {
  const auto allowed =
      GENERATE(std::vector<std::string>{"*"}, std::vector<std::string>{"https://example.org", "*"});
  const origin_policy policy{allowed};
  for (const auto* origin : {"http://evil.example", "null", "", "nonsense"})
    CHECK(policy.admits(origin, here, false));
  CHECK(policy.admits(std::nullopt, here, false));
}

} // namespace klatch::net
