/// Certificates: which are refused, and how new ones are taken over.
#include "tests/sockets/child_process.hpp"
#include "tests/sockets/tls_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <thread>
#include <unistd.h>

namespace klatch::sockets {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Why `files` are refused.
std::string fault_of(const net::certificate_files& files) {
  net::tls_certificates certificates{{.certificates = {files}}};
  return certificates.reload().value_or("");
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

http_reply ask_for_challenge(const net::tcp_endpoint& at, const std::string& token,
                             const std::string& method = "GET") {
  raw_client client{at};
  client.write(method + " /.well-known/acme-challenge/" + token +
               " HTTP/1.1\r\nHost: chat.example\r\n\r\n");
  return client.read_reply(method == "HEAD");
}

} // namespace

TEST_CASE("certificates that cannot be used are refused with what to do", "[tls]") {
  certificate_folder folder;
  const auto good = make_certificate();
  CHECK(fault_of(folder.put("good", good)).empty());
  CHECK(has(fault_of(folder.put("mixed", {good.chain, make_certificate().key})),
            "do not belong together"));
  CHECK(has(fault_of(folder.put("old", make_certificate("localhost", -1h))), "has expired"));
  CHECK(has(fault_of(folder.put("garbage", {"garbage", good.key})), "garbage.pem cannot be used"));
  CHECK(has(fault_of(folder.put("empty", {"", ""})), "empty.pem cannot be used"));
  CHECK(has(fault_of(folder.put("no_key", {good.chain, "garbage"})), "no_key.key cannot be used"));
  CHECK(has(fault_of(folder.put("swapped", {good.key, good.chain})), "cannot be used"));
  CHECK(has(fault_of(folder.put("damaged", {good.chain + good.chain.substr(0, 200), good.key})),
            "damaged"));
  CHECK(has(fault_of(folder.files("missing")), "No such file"));
  CHECK(has(fault_of({folder.path(), folder.path()}), "is no file"));
  const auto open = folder.put("open", good);
  fs::permissions(open.key, fs::perms::others_read, fs::perm_options::add);
  CHECK(has(fault_of(open), "chmod o="));
  if (::geteuid() != 0) { // Root may read everything.
    fs::permissions(open.key, fs::perms::none);
    CHECK(has(fault_of(open), "chgrp klatch"));
  }
}

TEST_CASE("a new certificate is for those who come, and no connection is lost", "[tls]") {
  tls_service server;
  auto there = server.client();
  there.register_as("5");
  CHECK_FALSE(server.certificates().look().replaced);
  const auto next = make_certificate();
  server.folder().put("first", next);
  CHECK(server.certificates().look().replaced);
  CHECK(server.client().certificate() == next.chain);
  there.push(message_to("5", "still here"));
  there.expect_push(usermsg("5", "5", "still here"));
}

TEST_CASE("SIGHUP has other certificates taken over, or says why not", "[tls]") {
  certificate_folder folder;
  const auto first = make_certificate();
  const auto second = make_certificate();
  folder.put("first", first);
  folder.put("second", second);
  const auto settings = folder.path() / "klatch.toml";
  const auto use = [&](const std::string& name, const std::string& version) {
    const auto files = folder.files(name);
    folder.write("klatch.toml", "tls-cert = \"" + files.chain.string() + "\"\ntls-key = \"" +
                                    files.key.string() + "\"\ntls-min = \"" + version + "\"\n");
  };
  use("first", "1.2");
  child_process server{{"--config", settings.string(), "--listen", "127.0.0.1:0", "--listen-tls",
                        "127.0.0.1:0", "--store", "none"}};
  const auto ready = server.standard_output().wait_for_line("klatch is ready");
  const auto port = std::stoi(ready.substr(ready.rfind(':') + 1));
  const net::tcp_endpoint at{boost::asio::ip::address_v4::loopback(),
                             static_cast<std::uint16_t>(port)};
  constexpr int version_1_2 = 0x0303;
  const auto shakes_hands = [&](int version) {
    tls_client client{at, {.version = version}};
    return client.try_to_shake_hands();
  };
  const auto certificate = [&] {
    tls_client client{at};
    client.shake_hands();
    return client.certificate();
  };
  CHECK(certificate() == first.chain);
  CHECK(shakes_hands(version_1_2));
  use("second", "1.3");
  server.signal(SIGHUP);
  server.standard_error().wait_for_line("the settings were reloaded");
  CHECK(certificate() == second.chain);
  CHECK_FALSE(shakes_hands(version_1_2));
  use("missing", "1.2");
  server.signal(SIGHUP);
  const auto refusal = server.standard_error().wait_for_line("nothing has changed");
  CHECK(has(refusal, "missing.pem"));
  CHECK(certificate() == second.chain);
  CHECK_FALSE(shakes_hands(version_1_2));
}

TEST_CASE("certificates are swapped while clients come and go", "[tls]") {
  tls_service server;
  const std::array pairs{make_certificate(), make_certificate(), make_certificate()};
  std::atomic<bool> done = false;
  std::thread swapping{[&] { // Catch2 knows one thread: nothing is asserted here.
    for (std::size_t number = 0; !done; ++number) {
      server.folder().put("first", pairs[number % pairs.size()]);
      server.certificates().look();
    }
  }};
  for (int number = 0; number < 100; ++number)
    CHECK(server.client().get("/healthz").status == 200);
  done = true;
  swapping.join();
}

TEST_CASE("half of a pair leaves the old one in force until the other half is there", "[tls]") {
  tls_service server;
  const auto before = server.client().certificate();
  const auto next = make_certificate();
  server.folder().write("first.key", next.key);
  CHECK(has(server.certificates().look().fault, "do not belong together"));
  CHECK(server.certificates().look().fault.empty()); // It is told once.
  CHECK(has(server.certificates().reload().value_or(""), "do not belong together"));
  CHECK(server.client().certificate() == before);
  server.folder().write("first.pem", next.chain);
  CHECK(server.certificates().look().replaced);
  CHECK(server.client().certificate() == next.chain);
  fs::remove(server.folder().path() / "first.pem");
  CHECK(has(server.certificates().look().fault, "No such file"));
  CHECK(server.client().certificate() == next.chain);
}

TEST_CASE("a link that leads elsewhere is a new certificate", "[tls]") {
  certificate_folder folder;
  const auto one = make_certificate();
  const auto two = make_certificate();
  for (const auto& [name, pair] : {std::pair{"one", one}, std::pair{"two", two}}) {
    fs::create_directory(folder.path() / name);
    folder.put(std::string{name} + "/chat", pair);
  }
  const auto live = folder.path() / "live";
  fs::create_directory_symlink(folder.path() / "one", live);
  tls_service server{usual_options(), {.certificates = {folder.files("live/chat")}}};
  CHECK(server.client().certificate() == one.chain);
  fs::remove(live);
  fs::create_directory_symlink(folder.path() / "two", live);
  CHECK(server.certificates().look().replaced);
  CHECK(server.client().certificate() == two.chain);
}

TEST_CASE("a reload of several takes all of them or none", "[tls]") {
  certificate_folder folder;
  const auto one = folder.put("one", make_certificate("one.example"));
  const auto two = folder.put("two", make_certificate("two.example"));
  tls_service server{usual_options(), {.certificates = {one, two}}};
  const auto before = server.client({.name = "one.example"}).certificate();
  folder.put("one", make_certificate("one.example"));
  folder.write("two.pem", "garbage");
  CHECK(has(server.certificates().reload().value_or(""), "two.pem"));
  CHECK(server.client({.name = "one.example"}).certificate() == before);
  CHECK_FALSE(server.certificates().reload({.certificates = {one}}));
  CHECK(server.client({.name = "one.example"}).certificate() != before);
}

TEST_CASE("the end of a certificate is told at 14, 7, 3 and 1 days", "[tls]") {
  certificate_folder folder;
  net::tls_certificates certificates{
      {.certificates = {folder.put("one", make_certificate("one.example", 24h * 20))}}};
  REQUIRE_FALSE(certificates.reload());
  const auto end = certificates.expiries().at(0).end;
  const auto told = [&](std::chrono::system_clock::duration left) {
    return certificates.expiry_warnings(end - left).size();
  };
  CHECK(told(24h * 15) == 0);
  CHECK(told(24h * 14) == 1);
  CHECK(told(24h * 13) == 0);
  CHECK(told(24h * 7) == 1);
  CHECK(told(24h * 2) == 1);
  CHECK(told(24h * 2) == 0);
  CHECK(told(1h) == 1);
  CHECK(told(-1h) == 0);
  REQUIRE_FALSE(certificates.reload());
  CHECK(has(certificates.expiry_warnings(end - 50h).at(0), "one.example expires in 2 days"));
}

TEST_CASE("a ticket is opened by the key of its time and by the two after it", "[tls]") {
  const net::ticket_keys::time start{};
  net::ticket_keys keys{start};
  const auto first = keys.to_seal(start);
  REQUIRE(first);
  CHECK(keys.to_open(first->name, start + 11h)->newest);
  CHECK(keys.to_seal(start + 11h)->name == first->name);
  CHECK(keys.to_seal(start + 12h)->name != first->name);
  CHECK_FALSE(keys.to_open(first->name, start + 12h)->newest);
  CHECK(keys.to_open(first->name, start + 35h));
  CHECK_FALSE(keys.to_open(first->name, start + 36h));
  const auto later = keys.to_seal(start + 36h);
  CHECK_FALSE(keys.to_open(later->name, start + 1000h));
}

TEST_CASE("an ACME client gets its first certificate by way of the service", "[tls]") {
  certificate_folder folder;
  auto options = usual_options();
  options.network.acme = folder.path() / "webroot";
  options.network.certificates = std::make_shared<net::tls_certificates>(
      net::tls_settings{.certificates = {folder.files("first")}, .may_be_missing = true});
  auto& certificates = *options.network.certificates;
  REQUIRE_FALSE(certificates.reload());
  std::vector<net::bound_socket> sockets;
  sockets.emplace_back("127.0.0.1", 0);
  sockets.emplace_back("127.0.0.1", 0, net::families::one, true);
  running_service server{options, nullptr, std::move(sockets)};
  raw_client{server.endpoint(1)}.expect_end();
  CHECK(ask_for_challenge(server.endpoint(), "abc").status == 404);
  const auto challenges = *options.network.acme / ".well-known/acme-challenge";
  fs::create_directories(challenges);
  folder.write("webroot/.well-known/acme-challenge/abc", "abc.thumbprint");
  const auto reply = ask_for_challenge(server.endpoint(), "abc");
  CHECK(reply.status == 200);
  CHECK(reply.body == "abc.thumbprint");
  CHECK(reply.fields.at("content-type") == "text/plain");
  CHECK(certificates.look().fault.empty());
  folder.put("first", make_certificate());
  CHECK(certificates.look().replaced);
  tls_client client{server.endpoint(1)};
  client.shake_hands();
  CHECK(client.get("/healthz").status == 200);
}

TEST_CASE("challenges lead nowhere else", "[tls]") {
  certificate_folder folder;
  auto options = usual_options();
  options.network.acme = folder.path();
  running_service server{options};
  const auto challenges = folder.path() / ".well-known/acme-challenge";
  fs::create_directories(challenges / "folder");
  folder.write("secret", "secret");
  folder.write(".well-known/acme-challenge/dot.txt", "x");
  folder.write(".well-known/acme-challenge/largest", std::string(1024, 'x'));
  folder.write(".well-known/acme-challenge/large", std::string(1025, 'x'));
  fs::create_symlink(folder.path() / "secret", challenges / "link");
  REQUIRE(::mkfifo((challenges / "pipe").c_str(), 0600) == 0);
  const std::string longest(128, 'a');
  folder.write(".well-known/acme-challenge/" + longest, "longest");
  CHECK(ask_for_challenge(server.endpoint(), "largest").body.size() == 1024);
  CHECK(ask_for_challenge(server.endpoint(), "largest", "HEAD").status == 200);
  CHECK(ask_for_challenge(server.endpoint(), longest + "?a=b").body == "longest");
  for (const auto* token :
       {"large", "link", "folder", "pipe", "dot.txt", "", "..", "../../secret", "%2e%2e/secret",
        "..%2f..%2fsecret", "largest/", "largest%00", "folder/../largest", "larges\xc3\xa9"}) {
    INFO(token);
    CHECK(ask_for_challenge(server.endpoint(), token).status == 404);
  }
  CHECK(ask_for_challenge(server.endpoint(), longest + "a").status == 404);
  // Of a service on loopback everything else under that name is refused.
  CHECK(ask_for_challenge(server.endpoint(), "largest", "POST").status == 403);
  fs::remove_all(challenges);
  CHECK(ask_for_challenge(server.endpoint(), "largest").status == 404);
}

TEST_CASE("challenges are answered to a proxy's name in open mode, and while the service stops",
          "[tls]") {
  certificate_folder folder;
  fs::create_directories(folder.path() / ".well-known/acme-challenge");
  folder.write(".well-known/acme-challenge/abc", "abc.thumbprint");
  auto options = usual_options();
  options.network.acme = folder.path();
  options.network.only_this_machine = true;
  options.network.times.close = patience;
  running_service server{options};
  const std::string path = "/.well-known/acme-challenge/abc";
  const auto get = [](raw_client& client, const std::string& what, const std::string& fields = {}) {
    client.write("GET " + what + " HTTP/1.1\r\nHost: chat.example\r\n" + fields + "\r\n");
    return client.read_reply();
  };
  raw_client refused{server.endpoint()};
  CHECK(get(refused, "/").status == 403);
  raw_client asks{server.endpoint()};
  CHECK(get(asks, path, "X-Forwarded-For: 192.0.2.1\r\n").body == "abc.thumbprint");
  raw_client late{server.endpoint()};
  auto deaf = ws_client::registered(server.endpoint(), "7"); // keeps it from its end
  auto drained = server.drain(std::chrono::milliseconds{300});
  CHECK(deaf.raw().read_frame().payload.substr(0, 2) == close_payload(1012));
  CHECK(get(late, path).body == "abc.thumbprint");
  CHECK(drained.get() == 1);
}

TEST_CASE("the binary serves by TLS, and refuses what it cannot use", "[tls]") {
  certificate_folder folder;
  const auto good = folder.put("good", make_certificate());
  const std::vector<std::string> common{"--listen", "127.0.0.1:0",  "--store",
                                        "none",     "--listen-tls", "127.0.0.1:0"};
  const auto with = [&](std::vector<std::string> more) {
    auto all = common;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  {
    child_process server{with({"--tls-cert", good.chain, "--tls-key", good.key})};
    const auto line = server.standard_output().wait_for_line("https://127.0.0.1:");
    const auto port = line.substr(line.rfind(':') + 1);
    tls_client client{
        {boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoul(port))}};
    client.shake_hands();
    CHECK(client.get("/healthz").status == 200);
    server.signal(SIGTERM);
    CHECK(server.wait(5s) == 0);
  }
  const auto old = folder.put("old", make_certificate("localhost", -1h));
  child_process refused{with({"--tls-cert", old.chain, "--tls-key", old.key})};
  CHECK(has(refused.standard_error().rest(),
            "klatch: certificate " + old.chain.string() + " has expired"));
  CHECK(refused.wait(5s) == 2);
}

TEST_CASE("check-config looks at the certificates too", "[tls]") {
  certificate_folder folder;
  const auto status_for = [](const net::certificate_files& files,
                             const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"--tls-cert", files.chain, "--tls-key", files.key,
                                   "check-config"};
    words.insert(words.end(), more.begin(), more.end());
    return child_process{words}.wait(5s);
  };
  CHECK(status_for(folder.put("good", make_certificate())) == 0);
  CHECK(status_for(folder.put("old", make_certificate("localhost", -1h))) == 2);
  CHECK(status_for(folder.files("missing")) == 2);
  CHECK(status_for(folder.files("missing"), {"--acme", folder.path(), "--insecure"}) == 0);
}

} // namespace klatch::sockets
