#include "tests/faults/configured.hpp"

#include "messages/auth/base64.hpp"
#include "tests/faults/extended_client.hpp"
#include "tests/messages/signed_tokens.hpp"
#include "tests/sockets/https_server.hpp"
#include "tests/sockets/raw_client.hpp"
#include "tests/sockets/test_certificate.hpp"
#include "tests/sockets/wire_frame.hpp"

#include <csignal>
#include <ctime>
#include <fstream>
#include <map>
#include <memory>

namespace klatch::faults {

using sockets::raw_client;

namespace {

/// An identity provider with one key, as long as the program runs. All have the same certificate.
struct provider {
  explicit provider(const std::string& kid) {
    server.answer(sockets::http_answer(R"({"keys":[)" + test::jwk_of(key, kid) + "]}"));
  }

  static const sockets::test_certificate& certificate() {
    static const auto made = sockets::make_certificate();
    return made;
  }
  static provider& named(char letter) {
    certificate(); // So that OpenSSL ends after all of them.
    static std::map<char, std::unique_ptr<provider>> all;
    auto& found = all[letter];
    if (!found)
      found = std::make_unique<provider>(std::string{letter});
    return *found;
  }

  test::key_pair key = test::make_ec_key();
  sockets::https_server server{certificate()};
};

/// Claims for ten minutes; `more` as it stands in the JSON, with a comma before it.
std::string claims_with(const std::string& more) {
  return R"({"sub":"7","project":"p","exp":)" + std::to_string(std::time(nullptr) + 600) + more +
         '}';
}

} // namespace

configured::configured(const std::string& text, const std::string& store)
    : file_(written(text)), process_{arguments(store),
                                     {},
                                     {{"SSL_CERT_FILE=" +
                                       provider::named('a').server.authority()}}},
      endpoint_(process_.wait_until_ready()) {}

std::string configured::change(const std::string& text, std::string_view part) {
  written(text);
  process_.signal(SIGHUP);
  return line_with(part);
}

fs::path configured::written(const std::string& text) const {
  std::ofstream{folder_ / "klatch.toml"} << text << '\n';
  return folder_ / "klatch.toml";
}

std::vector<std::string> configured::arguments(const std::string& store) const {
  return {"--config",    file_.string(), "--listen",
          "127.0.0.1:0", "--data",       (folder_ / "data").string(),
          "--store",     store};
}

int upgraded(const net::tcp_endpoint& server, std::string_view more) {
  raw_client client{server};
  client.write(sockets::upgrade_request("/chat", more));
  return client.read_reply().status;
}

int told_limit(const net::tcp_endpoint& server, const char* name) {
  return extended_client{server, "new"}.welcome().at("limits").at(name).get<int>();
}

std::string with_key(char letter) {
  static std::map<char, scratch_folder> folders;
  const fs::path folder = folders[letter] / "keys";
  fs::create_directories(folder);
  const auto key = test::secret_key("site", letter);
  std::ofstream{folder / "site.token"} << encode_base64(key.material) << '\n';
  fs::permissions(folder / "site.token", fs::perms::owner_read | fs::perms::owner_write);
  return "\nkeys = \"" + folder.string() + '"';
}

std::string refusal_of(const net::tcp_endpoint& server, const std::string& token) {
  raw_client client{server};
  client.write(sockets::upgrade_request("/chat", {}));
  if (client.read_reply().status != 101)
    return "429";
  client.write(
      sockets::wire_frame{.payload = R"({"type":"system","token":")" + token + "\"}"}.bytes());
  return nlohmann::json::parse(client.read_frame().payload).value("error", "");
}

std::string refusal_of(const net::tcp_endpoint& server, char key, const std::string& more) {
  return refusal_of(server, test::signed_by(test::secret_key("site", key), claims_with(more)));
}

std::string refusal_by(const net::tcp_endpoint& server, char letter) {
  return refusal_of(server,
                    test::signed_with(provider::named(letter).key, claims_with(R"(,"iss":"shop")"),
                                      std::string{letter}));
}

std::string with_provider(char letter) {
  return '"' + provider::named(letter).server.address() + "\"\nissuer = \"shop\"";
}

} // namespace klatch::faults
