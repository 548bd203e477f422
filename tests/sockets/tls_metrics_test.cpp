/// What operators see of TLS.
#include "tests/sockets/scrape.hpp"
#include "tests/sockets/tls_service.hpp"

namespace klatch::sockets {

namespace {

using namespace std::chrono_literals;

double handshakes(const tls_service& server, const std::string& kind) {
  return scrape_of(server.plain()).at("klatch_tls_handshakes_total{kind=\"" + kind + "\"}");
}

std::string expiry_of(const std::string& name) {
  return "klatch_tls_certificate_expiry_timestamp_seconds{name=\"" + name + "\"}";
}

} // namespace

TEST_CASE("handshakes are counted by how they end", "[tls]") {
  tls_service server;
  auto first = server.client();
  CHECK(first.get("/healthz").status == 200);
  CHECK(server.client({.session = first.session()}).get("/healthz").status == 200);
  tls_client other{server.secure(), {.protocols = "\x02h2"}};
  CHECK_FALSE(other.try_to_shake_hands());
  CHECK(handshakes(server, "full") == 1);
  CHECK(handshakes(server, "resumed") == 1);
  CHECK(handshakes(server, "failed") == 1);
  CHECK(scrape_of(server.plain()).at("klatch_tls_handshakes_waiting") == 0);
}

TEST_CASE("when each certificate ends is in a metric, which follows a new one", "[tls]") {
  certificate_folder folder;
  const auto one = folder.put("one", make_certificate("one.example", 48h));
  const auto two = folder.put("two", make_certificate("two.example", 24h * 30));
  const auto again = folder.put("again", make_certificate("two.example", 24h * 60));
  tls_service server{usual_options(), {.certificates = {one, two, again}}};
  const auto now =
      std::chrono::duration<double>{std::chrono::system_clock::now().time_since_epoch()}.count();
  const auto days_left = [&](const std::string& name) {
    return (scrape_of(server.plain()).at(expiry_of(name)) - now) / 86'400;
  };
  CHECK(days_left("one.example") > 1.9);
  CHECK(days_left("one.example") < 2.1);
  CHECK(days_left("two.example") > 29.9); // of two the one that ends first
  CHECK(days_left("two.example") < 30.1);
  folder.put("one", make_certificate("one.example", 24h * 90));
  CHECK(server.certificates().look().replaced);
  CHECK(days_left("one.example") > 89.9);
}

} // namespace klatch::sockets
