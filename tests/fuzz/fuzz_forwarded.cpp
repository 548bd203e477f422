// What proxies write of clients, as any bytes: nobody who is not trusted is believed.
#include "net/http/forwarded.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace klatch::net {

namespace {

using boost::asio::ip::make_address;
using fuzz::require;

const trusted_proxies& proxies() {
  static const trusted_proxies made{
      {network::parse("10.0.0.0/8").value(), network::parse("2001:db8::/32").value()}};
  return made;
}

void check(std::string_view chain) {
  const auto stranger = make_address("192.0.2.1");
  require(client_address(stranger, chain, proxies()) == stranger, "a stranger is who it is");
  const auto proxy = make_address("10.0.0.1");
  const auto client = client_address(proxy, chain, proxies());
  const auto longer = "192.0.2.66, " + std::string{chain};
  const auto again = client_address(proxy, longer, proxies());
  require(proxies().has(client) || again == client,
          "what a client has written before a proxy changes nothing");
  if (const auto found = network::parse(chain))
    require(network::parse(found->to_string()) == found, "a network is what it is written as");
}

} // namespace

} // namespace klatch::net

// libFuzzer's name. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  klatch::net::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
