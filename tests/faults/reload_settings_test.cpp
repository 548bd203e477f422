/// SIGHUP: each setting that a reload may change is taken over while the service runs.
#include "app/settings.hpp"
#include "tests/catch.hpp"
#include "tests/faults/configured.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/sockets/scrape.hpp"
#include "tests/sockets/ws_client.hpp"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <functional>
#include <list>
#include <map>

namespace klatch::faults {

namespace {

using sockets::raw_client;
using sockets::ws_client;

/// The status of a second WebSocket, where an address may have one, of two clients of a proxy.
int status_behind_proxy(configured& server, const std::string& header) {
  raw_client first{server.endpoint()};
  first.write(sockets::upgrade_request("/chat", header + ": 192.0.2.1\r\n"));
  CHECK(first.read_reply().status == 101);
  return upgraded(server.endpoint(), header + ": 192.0.2.2\r\n");
}

/// What shows that a setting holds.
struct proof {
  std::string before; ///< as in the file
  std::string after;
  std::function<void(configured&)> holds_before;
  std::function<void(configured&)> holds_after;
};

/// How long a stop takes while a client does not take its close.
std::chrono::milliseconds time_to_stop(configured& server) {
  auto deaf = ws_client::registered(server.endpoint(), "5");
  const auto begin = std::chrono::steady_clock::now();
  server.process().signal(SIGTERM);
  CHECK(server.process().wait(soon) == 0);
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

/// Half messages of so many connections, 300 KiB each; the answer is how many were closed for it.
std::ptrdiff_t closed_of(configured& server, int connections) {
  std::list<ws_client> all;
  const auto whole = sockets::wire_frame{.payload = std::string(300UL * 1024, 'x')}.bytes();
  for (int number = 0; number < connections; ++number) {
    all.push_back(ws_client::registered(server.endpoint(), std::to_string(number)));
    all.back().raw().write(whole.substr(0, whole.size() - 1));
  }
  return std::count_if(all.begin(), all.end(), [](ws_client& each) {
    return each.raw().readable_within(std::chrono::milliseconds{300});
  });
}

/// Somebody leaves; what the others are told.
std::string notice_of_leaving(configured& server) {
  auto stays = ws_client::registered(server.endpoint(), "1", "Anna");
  auto leaves = ws_client::registered(server.endpoint(), "2", "Boris");
  leaves.push_close(1000);
  return stays.raw().readable_within(std::chrono::seconds{7}) ? stays.raw().read_frame().payload
                                                              : "nothing";
}

/// Second devices of a user, and second connections of an address.
int second_device(configured& server) {
  auto first = ws_client::registered(server.endpoint(), "9");
  ws_client second{server.endpoint()};
  second.push(sockets::registration("9"));
  return second.raw().read_frame().payload.find("too_many_devices") == std::string::npos ? 2 : 1;
}

/// Does an HTTP connection that is idle make room for the next one?
bool makes_room(configured& server) {
  raw_client first{server.endpoint()};
  first.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(first.read_reply().status == 200);
  raw_client second{server.endpoint()};
  second.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(second.read_reply().status == 200);
  return first.readable_within(std::chrono::milliseconds{500});
}

/// When it asks a client to come back.
std::uint64_t told_to_wait(configured& server) {
  extended_client anna{server.endpoint(), "anna"};
  extended_client boris{server.endpoint(), "boris"};
  server.process().signal(SIGTERM);
  const auto waits = {anna.expect("reconnect").at("after_ms").get<std::uint64_t>(),
                      boris.expect("reconnect").at("after_ms").get<std::uint64_t>()};
  return std::max(waits);
}

/// A visitor without a token; what it is told.
nlohmann::json visit(ws_client& visitor) {
  visitor.push(R"({"type":"system","v":2,"guest":true,"projectId":"p"})");
  return nlohmann::json::parse(visitor.raw().read_frame().payload);
}
nlohmann::json visit(const configured& server) {
  ws_client visitor{server.endpoint()};
  return visit(visitor);
}

/// The code of the error that a visitor gets who writes to 7, who is not there.
std::string refusal_to_write(const configured& server) {
  ws_client visitor{server.endpoint()};
  CHECK(visit(visitor).at("type") == "welcome");
  visitor.push(R"({"type":"user","to_id":7,"message":"hi"})");
  return nlohmann::json::parse(visitor.raw().read_frame().payload).at("code");
}

/// How long a visitor's token lasts, in days.
std::int64_t days_of_guest(const configured& server) {
  const auto left = visit(server).at("exp").get<std::int64_t>() - std::time(nullptr);
  return (left + 60) / (24 * 60 * 60);
}

using proofs_by_name = std::map<std::string, proof, std::less<>>;

/// Each of the proofs below is one line of a table.
void expect(bool holds) { CHECK(holds); }
void expect_not(bool holds) { CHECK_FALSE(holds); }

/// Of who may come in.
void add_proofs_of_access(proofs_by_name& all) {
  const auto a_place_each = with_key('a') + "\nmax-per-address = 1";
  all["keys"] = {with_key('a').substr(8), with_key('b').substr(8),
                 [](configured& s) { expect(refusal_of(s.endpoint(), 'a').empty()); },
                 [](configured& s) { expect(refusal_of(s.endpoint(), 'a') == "unauthorized"); }};
  all["audience"] = {
      "\"chat\"" + with_key('a'), "\"other\"" + with_key('a'),
      [](configured& s) { expect(refusal_of(s.endpoint(), 'a', R"(,"aud":"chat")").empty()); },
      [](configured& s) { expect_not(refusal_of(s.endpoint(), 'a', R"(,"aud":"chat")").empty()); }};
  all["issuer"] = {
      "\"shop\"" + with_key('a'), "\"other\"" + with_key('a'),
      [](configured& s) { expect(refusal_of(s.endpoint(), 'a', R"(,"iss":"shop")").empty()); },
      [](configured& s) { expect_not(refusal_of(s.endpoint(), 'a', R"(,"iss":"shop")").empty()); }};
  all["jwks"] = {with_provider('a'), with_provider('b'),
                 [](configured& s) {
                   expect(refusal_by(s.endpoint(), 'a').empty());
                   expect(refusal_by(s.endpoint(), 'b') == "unavailable");
                 },
                 [](configured& s) {
                   expect(refusal_by(s.endpoint(), 'a') == "unavailable");
                   expect(refusal_by(s.endpoint(), 'b').empty());
                 }};
  const auto third_failure = [](configured& s) {
    refusal_of(s.endpoint(), 'b');
    refusal_of(s.endpoint(), 'b');
    return refusal_of(s.endpoint(), 'b');
  };
  all["auth-failures"] = {"0" + with_key('a'), "1" + with_key('a'),
                          [=](configured& s) { expect(third_failure(s) == "unauthorized"); },
                          [=](configured& s) { expect(third_failure(s) == "429"); }};
  all["trusted-proxy"] = {
      "\"10.0.0.0/8\"" + a_place_each, "\"127.0.0.0/8\"" + a_place_each,
      [](configured& s) { expect(status_behind_proxy(s, "X-Forwarded-For") == 429); },
      [](configured& s) { expect(status_behind_proxy(s, "X-Forwarded-For") == 101); }};
  const auto by_proxy = a_place_each + "\ntrusted-proxy = \"127.0.0.0/8\"";
  all["proxy-header"] = {"\"X-Forwarded-For\"" + by_proxy, "\"X-Client\"" + by_proxy,
                         [](configured& s) { expect(status_behind_proxy(s, "X-Client") == 429); },
                         [](configured& s) { expect(status_behind_proxy(s, "X-Client") == 101); }};
}

void add_proofs_of_guests(proofs_by_name& all) {
  const auto letting_in = with_key('a') + "\nguests = \"on\"";
  all["guests"] = {"\"off\"" + with_key('a'), "\"on\"" + with_key('a'),
                   [](configured& s) { expect(visit(s).at("code") == "unauthorized"); },
                   [](configured& s) { expect(visit(s).at("role") == "guest"); }};
  all["guest-contact"] = {"[]" + letting_in, "\"7\"" + letting_in,
                          [](configured& s) { expect(refusal_to_write(s) == "forbidden"); },
                          [](configured& s) { expect(refusal_to_write(s) == "not_connected"); }};
  const auto second_guest = [](configured& s) {
    visit(s);
    return visit(s);
  };
  all["guest-rate"] = {
      "0" + letting_in, "1" + letting_in,
      [=](configured& s) { expect(second_guest(s).at("type") == "welcome"); },
      [=](configured& s) { expect(second_guest(s).at("code") == "rate_limited"); }};
  all["guest-days"] = {"1" + letting_in, "365" + letting_in,
                       [](configured& s) { expect(days_of_guest(s) == 1); },
                       [](configured& s) { expect(days_of_guest(s) == 365); }};
}

void add_proofs_of_connections(proofs_by_name& all) {
  const std::string origin = "Origin: https://shop.example\r\n";
  all["allow-origin"] = {"[]", R"(["https://shop.example"])",
                         [=](configured& s) { expect(upgraded(s.endpoint(), origin) == 403); },
                         [=](configured& s) { expect(upgraded(s.endpoint(), origin) == 101); }};
  const auto second_websocket = [](configured& s) {
    const ws_client first{s.endpoint()};
    return upgraded(s.endpoint());
  };
  all["max-per-address"] = {"0", "1", [=](configured& s) { expect(second_websocket(s) == 101); },
                            [=](configured& s) { expect(second_websocket(s) == 429); }};
  all["max-http-per-address"] = {"0", "1", [](configured& s) { expect_not(makes_room(s)); },
                                 [](configured& s) { expect(makes_room(s)); }};
  all["max-per-user"] = {"0", "1", [](configured& s) { expect(second_device(s) == 2); },
                         [](configured& s) { expect(second_device(s) == 1); }};
}

void add_proofs_of_rates(proofs_by_name& all) {
  all["announce"] = {
      "\"ip\"", "\"name\"",
      [](configured& s) {
        expect(notice_of_leaving(s).find("127.0.0.1 dis") != std::string::npos);
      },
      [](configured& s) { expect(notice_of_leaving(s).find("Boris dis") != std::string::npos); }};
  all["send-rate"] = {"0", "7",
                      [](configured& s) { expect(told_limit(s.endpoint(), "send_rate") == 0); },
                      [](configured& s) { expect(told_limit(s.endpoint(), "send_rate") == 7); }};
  all["byte-rate"] = {
      "0", "7", [](configured& s) { expect(told_limit(s.endpoint(), "byte_rate") == 0); },
      [](configured& s) { expect(told_limit(s.endpoint(), "byte_rate") == 7'168); }};
}

void add_proofs_of_levels(proofs_by_name& all) {
  all["min-free"] = {"0", "1000000",
                     [](configured& s) {
                       extended_client{s.endpoint(), "anna"}.keep("boris", "hi", "c1");
                     },
                     [](configured& s) {
                       extended_client anna{s.endpoint(), "anna"};
                       anna.push_message("boris", "hi", "c2");
                       anna.expect_unavailable("c2");
                     }};
  all["log-level"] = {"\"error\"", "\"info\"", [](configured&) {}, [](configured&) {}};
  all["log-format"] = {"\"text\"", "\"json\"",
                       [](configured& s) {
                         s.process().signal(SIGHUP);
                         expect_not(s.line_with("were reloaded").starts_with("{"));
                       },
                       [](configured& s) {
                         s.process().signal(SIGHUP);
                         expect(s.line_with("were reloaded").starts_with("{"));
                       }};
}

void add_proofs_of_addresses_in_the_log(proofs_by_name& all) {
  // Refusals of each of the two kinds are logged once a minute.
  all["log-addresses"] = {"\"off\"", "\"on\"",
                          [](configured& s) {
                            upgraded(s.endpoint(), "Origin: https://evil.example\r\n");
                            s.line_with(" a client: refused with 403");
                          },
                          [](configured& s) {
                            raw_client client{s.endpoint()};
                            client.write("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
                            expect(client.read_reply().status == 403);
                            s.line_with(" 127.0.0.1: refused with 403");
                          }};
}

void add_proofs_of_the_rest(proofs_by_name& all) {
  all["buffer-memory"] = {"0", "1", [](configured& s) { expect(closed_of(s, 6) == 0); },
                          [](configured& s) { expect(closed_of(s, 6) >= 3); }};
  all["drain"] = {"60", "1", [](configured&) {},
                  [](configured& s) { expect(time_to_stop(s) < std::chrono::seconds{4}); }};
  all["drain-wait"] = {"60", "0", [](configured&) {},
                       [](configured& s) { expect(time_to_stop(s) < std::chrono::seconds{14}); }};
  all["reconnect-rate"] = {"1000000", "1", [](configured&) {},
                           [](configured& s) { expect(told_to_wait(s) > 501); }};
  // What these take is in sockets/tls_certificates_test.cpp.
  for (const auto* name : {"tls-cert", "tls-key"})
    all[name] = {"[]", "[]", [](configured&) {}, [](configured&) {}};
  all["tls-min"] = {"\"1.2\"", "\"1.3\"", [](configured&) {}, [](configured&) {}};
  // A clock has to be steady for an hour before anything is forgotten: actors/retention_test.cpp.
  all["retain"] = {"0", "1", [](configured&) {}, [](configured&) {}};
}

proofs_by_name proofs() {
  proofs_by_name all;
  for (auto* add :
       {add_proofs_of_access, add_proofs_of_guests, add_proofs_of_connections, add_proofs_of_rates,
        add_proofs_of_levels, add_proofs_of_addresses_in_the_log, add_proofs_of_the_rest})
    add(all);
  return all;
}

} // namespace

TEST_CASE("every setting that a reload may change is taken over", "[reload]") {
  const auto all = proofs();
  for (const auto& row : app::all_settings()) {
    if (row.reload != app::reloadable::yes)
      continue;
    INFO(row.name);
    const auto found = all.find(row.name);
    REQUIRE(found != all.end());
    const auto& [before, after, holds_before, holds_after] = found->second;
    const auto assigned = std::string{row.name} + " = ";
    configured server{assigned + before, row.name == "min-free" ? "sqlite" : "none"};
    holds_before(server);
    server.take(assigned + after);
    holds_after(server);
  }
}

} // namespace klatch::faults
