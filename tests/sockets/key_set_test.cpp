// The JWK set that --jwks names: fetched from a provider that the test owns.
#include "app/access_watch.hpp"
#include "app/config_error.hpp"
#include "tests/messages/signed_tokens.hpp"
#include "tests/sockets/child_process.hpp"
#include "tests/sockets/https_server.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <csignal>
#include <ctime>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace klatch::sockets {

namespace {

using namespace std::chrono_literals;
using test::key_pair;

std::string set_of(const std::vector<std::string>& keys) {
  std::string list;
  for (const auto& each : keys)
    list += (list.empty() ? "" : ",") + each;
  return R"({"keys":[)" + list + "]}";
}

std::string set_of(const key_pair& key, const std::string& kid) {
  return http_answer(set_of({test::jwk_of(key, kid)}));
}

constexpr const char* issuer = "https://idp.example";

std::string token_of(const key_pair& key, const std::string& kid,
                     const std::string& from = issuer) {
  return test::signed_with(key,
                           R"({"sub":"7","project":2424,"iss":")" + from + R"(","exp":)" +
                               std::to_string(std::time(nullptr) + 3600) + '}',
                           kid);
}

/// The code of the error that a token gets, and that the connection is closed with; empty: it is
/// accepted.
std::string refusal_of(const net::tcp_endpoint& server, const std::string& token) {
  ws_client client{server};
  client.push(R"({"type":"system","token":")" + token + "\"}");
  const auto answer = nlohmann::json::parse(client.raw().read_frame().payload);
  auto error = answer.value("error", "");
  if (!error.empty())
    client.expect_close(error == "unavailable" ? 1011 : 4401);
  return error;
}

/// A service in this process whose keys are a provider's. Its loop runs where the test waits.
class provided_service {
public:
  explicit provided_service(const https_server& provider, wanted_keys::times when = {})
      : access_{loop_, options_, {provider.authority(), {}}, when} {
    options_.jwks = provider.address();
    options_.issuer = issuer;
    auto begun = access_.begin(options_);
    auto chosen = usual_options();
    chosen.network.access = begun.whole;
    chosen.network.allowed.token_failures = 0;
    access_.take(std::move(begun));
    service_ = std::make_unique<running_service>(chosen);
    access_.on_change([this](access_rules_ptr rules, const std::function<void()>& in_force) {
      ++changes_;
      std::promise<void> done;
      service_->service().use_access(std::move(rules), [&] {
        in_force();
        done.set_value();
      });
      done.get_future().wait();
    });
  }

  std::string refusal_of(const std::string& token) const {
    return sockets::refusal_of(service_->endpoint(), token);
  }
  /// The same, once it is not "unavailable" any more.
  std::string last_refusal_of(const std::string& token) const {
    const auto limit = std::chrono::steady_clock::now() + patience;
    auto found = refusal_of(token);
    while (found == "unavailable" && std::chrono::steady_clock::now() < limit)
      found = refusal_of(token);
    return found;
  }
  /// Waits until other keys than before are in force.
  void wait_for_change() {
    const auto before = changes_;
    while (changes_ == before)
      REQUIRE(loop_.run_one_for(patience) == 1);
  }
  /// What a reload does.
  void reload() { access_.take(access_.prepare(options_)); }
  app::access_watch& access() { return access_; }
  app::config& options() { return options_; }
  std::uint64_t fetches(app::fetch_outcome which) const {
    return access_.counters().fetches.all()[static_cast<std::size_t>(which)].value();
  }
  /// Waits until so many fetches are counted.
  void wait_for_fetches(app::fetch_outcome which, std::uint64_t count) const {
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (fetches(which) < count && std::chrono::steady_clock::now() < limit)
      std::this_thread::sleep_for(5ms);
    REQUIRE(fetches(which) == count);
  }

private:
  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      loop_.get_executor()};
  app::config options_;
  app::access_watch access_;
  std::unique_ptr<running_service> service_;
  int changes_ = 0;
};

/// What is wrong with the set of `provider`, or with the way to it.
class one_fetch {
public:
  explicit one_fetch(app::trusted_authorities trusted)
      : watch_{std::move(trusted), {}, [](const std::function<void()>&) {}} {}

  std::string fault_of(const std::string& address) {
    const auto begin = std::chrono::steady_clock::now();
    auto found = watch_.open(address);
    took_ = std::chrono::steady_clock::now() - begin;
    CHECK((found.keys == nullptr) == !found.fault.empty());
    return found.fault;
  }
  std::chrono::steady_clock::duration took() const { return took_; }

private:
  app::key_set_watch watch_;
  std::chrono::steady_clock::duration took_{};
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The keys are made once: RSA takes its time.
const key_pair& first_key() {
  static const auto made = test::make_rsa_key();
  return made;
}
const key_pair& second_key() {
  static const auto made = test::make_ec_key();
  return made;
}

} // namespace

TEST_CASE("a provider's keys count from the start", "[jwks]") {
  https_server provider;
  provider.answer(set_of(first_key(), "a"));
  provided_service server{provider};
  CHECK(server.refusal_of(token_of(first_key(), "a")).empty());
  CHECK(server.refusal_of(token_of(first_key(), "a", "https://other.example")) == "unauthorized");
  CHECK(server.refusal_of(token_of(second_key(), "a")) == "unauthorized");
  CHECK(server.refusal_of("x.y.z") == "unauthorized");
  CHECK(provider.requests() == 1);
  CHECK(server.access().counters().keys.value() == 1);
}

TEST_CASE("a key that is new there is fetched when its first token comes", "[jwks]") {
  https_server provider;
  provider.answer(set_of(first_key(), "a"));
  provided_service server{provider, {10min, 50ms}};
  provider.answer(
      http_answer(set_of({test::jwk_of(first_key(), "a"), test::jwk_of(second_key(), "b")})));
  CHECK(server.refusal_of(token_of(second_key(), "b")) == "unavailable");
  server.wait_for_change();
  CHECK(server.refusal_of(token_of(second_key(), "b")).empty());
  CHECK(server.refusal_of(token_of(first_key(), "a")).empty());
  CHECK(provider.requests() == 2);
}

TEST_CASE("a key that has gone there does not count", "[jwks]") {
  https_server provider;
  provider.answer(set_of(first_key(), "a"));
  provided_service server{provider, {50ms, 50ms}};
  CHECK(server.refusal_of(token_of(first_key(), "a")).empty());
  provider.answer(set_of(second_key(), "b"));
  server.wait_for_change();
  CHECK_FALSE(server.refusal_of(token_of(first_key(), "a")).empty());
  CHECK(server.refusal_of(token_of(second_key(), "b")).empty());
}

TEST_CASE("a thousand unknown keys of all connections are one request", "[jwks]") {
  https_server provider;
  provider.answer(set_of(first_key(), "a"));
  provided_service server{provider, {10min, 1h}};
  const auto unknown = [&](int number) {
    return token_of(second_key(), "k" + std::to_string(number));
  };
  for (int number = 0; number < 1'000; ++number)
    REQUIRE(server.refusal_of(unknown(number)) == "unavailable");
  CHECK(provider.requests() == 1);
  server.reload(); // Which fetches them at once.
  server.wait_for_fetches(app::fetch_outcome::fetched, 2);
  for (int number = 0; number < 1'000; number += 100)
    CHECK(server.last_refusal_of(unknown(number)) == "unauthorized");
  CHECK(provider.requests() == 2);
}

namespace {

/// A provider of which nothing can be used.
struct bad_provider {
  std::string fault; ///< a part of what is said of it
  std::string answer;
  app::fetch_outcome outcome = app::fetch_outcome::refused;
  std::chrono::milliseconds pause{}; ///< after each byte
};

std::vector<bad_provider> bad_providers() {
  const std::string large(1024UL * 1024, ' ');
  const auto small_key = test::jwk_of(test::make_rsa_key(1024), "a");
  const auto first = test::jwk_of(first_key(), "a");
  const auto second = test::jwk_of(second_key(), "a");
  const std::string too_large = "answers with more than 64 KiB";
  const std::string is_private = "has a secret or private key";
  return {
      {"answers with status 301, and is not followed to another address",
       http_answer("", "301 Moved Permanently", "Location: /keys\r\n")},
      {"answers with status 503", http_answer("", "503 Service Unavailable")},
      {too_large, http_answer(large)},
      // Without a length, and with header fields alone.
      {too_large, "HTTP/1.1 200 OK\r\n\r\n" + large},
      {too_large, http_answer("", "200 OK", "X: " + std::string(80'000, 'x') + "\r\n")},
      {"is no JWK set", http_answer("<html>")},
      {"is no JWK set", http_answer("[]")},
      {"is no JWK set", http_answer("{}")},
      {"has no key that tokens are signed with", http_answer(R"({"keys":[]})")},
      {"has two keys of one kid", http_answer(set_of({first, second}))},
      {is_private, http_answer(set_of({second, R"({"kty":"oct","k":"AAAA","kid":"b"})"}))},
      {is_private, http_answer(set_of({second, R"({"kty":"RSA","use":"enc","d":"AQAB"})"}))},
      {"2048 are the least", http_answer(set_of({small_key}))},
      {"does not answer as HTTP has it", "nonsense\r\n\r\n"},
      {"has not answered within 2 s", set_of(second_key(), "a"), app::fetch_outcome::unreachable,
       20ms},
  };
}

} // namespace

TEST_CASE("what is wrong with a provider is said", "[jwks]") {
  https_server provider;
  one_fetch fetch{{provider.authority(), {}}};
  provider.answer(set_of(first_key(), "a"));
  CHECK(fetch.fault_of(provider.address()).empty());
  for (const auto& each : bad_providers()) {
    INFO(each.fault);
    provider.answer(each.answer, each.pause);
    CHECK(contains(fetch.fault_of(provider.address()), each.fault));
  }
  provider.hang_up();
  CHECK(contains(fetch.fault_of(provider.address()), "cannot be reached"));
}

TEST_CASE("the last good set goes on counting whatever the provider does", "[jwks]") {
  https_server provider;
  provider.answer(set_of(first_key(), "a"));
  provided_service server{provider};
  std::map<app::fetch_outcome, std::uint64_t> counted;
  for (const auto& each : bad_providers()) {
    INFO(each.fault);
    provider.answer(each.answer, each.pause);
    server.reload();
    server.wait_for_fetches(each.outcome, ++counted[each.outcome]);
    CHECK(server.refusal_of(token_of(first_key(), "a")).empty());
  }
  CHECK(server.access().counters().keys.value() == 1);
  provider.answer(set_of(second_key(), "b"));
  server.reload();
  server.wait_for_change();
  CHECK(server.refusal_of(token_of(second_key(), "b")).empty());
}

TEST_CASE("a provider has 2 s in all", "[jwks]") {
  https_server provider;
  one_fetch fetch{{provider.authority(), {}}};
  provider.answer(set_of(first_key(), "a"), 20ms);
  CHECK(fetch.fault_of(provider.address()) == "has not answered within 2 s");
  CHECK(fetch.took() < 3s);
}

TEST_CASE("a provider is who its certificate says, by an authority that is trusted", "[jwks]") {
  https_server provider;
  const https_server other;
  provider.answer(set_of(first_key(), "a"));
  CHECK(contains(one_fetch{{}}.fault_of(provider.address()), "is not who it has to be"));
  CHECK(contains(one_fetch{{other.authority(), {}}}.fault_of(provider.address()),
                 "is not who it has to be"));
  one_fetch fetch{{provider.authority(), {}}};
  CHECK(contains(fetch.fault_of(provider.address("127.0.0.1")), "is not who it has to be"));
  CHECK(fetch.fault_of(provider.address()).empty());
  const https_server expired{make_certificate("localhost", -1h)};
  CHECK(contains(one_fetch{{expired.authority(), {}}}.fault_of(expired.address()),
                 "is not who it has to be"));
}

TEST_CASE("an address of a set of keys is one of https alone", "[jwks]") {
  for (const auto* good : {"https://idp.example/keys", "https://idp.example:8443/keys?tenant=7",
                           "https://[::1]/keys", "https://idp.example"})
    CHECK(app::parse_https_address(good) == good);
  for (const auto* bad :
       {"http://idp.example/keys", "idp.example/keys", "file:///etc/passwd", "https://",
        "https:///x", "https://a b/keys", "https://idp.example/\nkeys", "HTTPS//idp.example",
        "https://user:secret@idp.example/keys", "https://user@idp.example/", "https://a/keys#x"})
    CHECK_THROWS_AS(app::parse_https_address(bad), app::config_error);
}

TEST_CASE("another address is taken over with its keys, or not at all", "[jwks]") {
  https_server provider;
  provider.answer(set_of(first_key(), "a"));
  provided_service server{provider};
  auto next = server.options();
  next.jwks = "https://localhost:1/keys";
  CHECK_THROWS_AS(server.access().prepare(next), app::config_error);
  CHECK(server.refusal_of(token_of(first_key(), "a")).empty());
  next.jwks = provider.address() + "/other";
  provider.answer(set_of(second_key(), "b"));
  const auto prepared = server.access().prepare(next);
  REQUIRE(prepared.whole->keys.size() == 1);
  CHECK(prepared.whole->keys.front().kid == "b"); // Nothing of the other address.
  CHECK(server.refusal_of(token_of(first_key(), "a")).empty());
}

namespace {

/// The binary with a provider, and with whatever its environment has to say.
class provided_process {
public:
  explicit provided_process(const std::string& address, const std::vector<std::string>& environment,
                            const std::vector<std::string>& more = {})
      : process_{arguments(address, more), {}, from_manager{environment}} {}

  child_process& process() noexcept { return process_; }

private:
  static std::vector<std::string> arguments(const std::string& address,
                                            const std::vector<std::string>& more) {
    std::vector<std::string> all{"--listen", "127.0.0.1:0", "--store", "none",     "--drain",
                                 "0",        "--jwks",      address,   "--issuer", issuer};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  child_process process_;
};

} // namespace

TEST_CASE("klatch is ready where the provider is down, and asks for tokens", "[jwks]") {
  https_server provider;
  provider.hang_up();
  provided_process server{provider.address(), {"SSL_CERT_FILE=" + provider.authority()}};
  auto& process = server.process();
  const auto endpoint = process.wait_until_ready();
  CHECK(contains(process.standard_error().wait_for_line(provider.address()),
                 "cannot be reached: SSL connect error; until it has keys, tokens of its keys are "
                 "answered with unavailable, and it is asked again every 30 s"));
  ws_client nobody{endpoint};
  nobody.push(registration("7"));
  nobody.expect_error("unauthorized");
  CHECK(refusal_of(endpoint, token_of(first_key(), "a")) == "unavailable");
  process.signal(SIGHUP); // It is asked again, which is the same.
  provider.wait_for_requests(2);
  provider.answer(set_of(first_key(), "a"));
  process.signal(SIGHUP);
  CHECK(contains(process.standard_error().wait_for_line(provider.address()),
                 "has the keys of tokens: 1 of them"));
  std::string refusal = "unavailable";
  for (int times = 0; times < 100 && refusal == "unavailable"; ++times)
    refusal = refusal_of(endpoint, token_of(first_key(), "a"));
  CHECK(refusal.empty());
  process.signal(SIGTERM);
  CHECK(process.wait(10s) == 0);
}

TEST_CASE("one line says that a provider is down, and one that it is not", "[jwks]") {
  https_server provider;
  provider.answer(set_of(first_key(), "a"));
  provided_process server{provider.address(), {"SSL_CERT_FILE=" + provider.authority()}};
  auto& process = server.process();
  process.wait_until_ready();
  auto ask = [&, asked = std::size_t{1}](int times) mutable {
    for (int each = 0; each < times; ++each) {
      process.signal(SIGHUP);
      provider.wait_for_requests(++asked);
    }
  };
  ask(3);
  provider.answer(http_answer("", "503 Service Unavailable"));
  ask(3);
  provider.answer(set_of(first_key(), "a"));
  ask(3);
  process.signal(SIGTERM);
  CHECK(process.wait(10s) == 0);
  const auto log = process.standard_error().rest();
  const auto lines = [&](const std::string& part) {
    std::size_t count = 0;
    for (auto at = log.find(part); at != std::string::npos; at = log.find(part, at + 1))
      ++count;
    return count;
  };
  INFO(log);
  CHECK(lines("answers with status 503; the keys that it had before stay in force") == 1);
  CHECK(lines("has the keys of tokens: 1 of them") == 2);
}

TEST_CASE("an authority that nothing names is not trusted", "[jwks]") {
  https_server provider;
  provider.answer(set_of(first_key(), "a"));
  provided_process server{provider.address(), {}};
  server.process().wait_until_ready();
  CHECK(contains(server.process().standard_error().wait_for_line(provider.address()),
                 "is not who it has to be: SSL certificate problem"));
}

TEST_CASE("--jwks needs --issuer, and lets nobody in by their own word", "[jwks]") {
  const auto refusal = [](const std::vector<std::string>& arguments) {
    child_process process{arguments};
    auto said = process.standard_error().rest();
    CHECK(process.wait(10s) == 2);
    return said;
  };
  const std::string address = "https://localhost:1/keys";
  CHECK(contains(refusal({"--listen", "127.0.0.1:0", "--store", "none", "--jwks", address}),
                 "klatch: --jwks needs --issuer"));
  CHECK(contains(refusal({"--jwks", "http://localhost:1/keys", "--issuer", issuer}),
                 "--jwks: \"http://localhost:1/keys\" is no address that begins with https://"));
  // With it, addresses that others reach are no mistake.
  provided_process server{address, {}, {"--listen", "0.0.0.0:0"}};
  server.process().standard_error().wait_for_line("cannot be reached");
}

} // namespace klatch::sockets
