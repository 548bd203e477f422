/// Every setting from each of its three sources, and which of them wins.
#include "tests/app/config_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace klatch::app {

namespace {

using addresses = std::vector<listen_address>;
using texts = std::vector<std::string>;

/// A setting with three values that it prints as they were written.
struct sample {
  std::string option; ///< without --
  std::string variable;
  std::string first;
  std::string second;
  std::string third;
};

const std::vector<sample> samples{
    {"listen", "KLATCH_LISTEN", "127.0.0.2:1", "[::1]:2", "0.0.0.0:3"},
    {"listen-api", "KLATCH_LISTEN_API", "127.0.0.2:1", "[::1]:2", "0.0.0.0:3"},
    {"threads", "KLATCH_THREADS", "1", "3", "1024"},
    {"bus", "KLATCH_BUS", "nats://a:4222,b:4222", "postgres", "none"},
    {"node", "KLATCH_NODE", "a", "b:9001", "c"},
    {"store-lanes", "KLATCH_STORE_LANES", "1", "3", "8"},
    {"store-readers", "KLATCH_STORE_READERS", "3", "4", "10"},
    {"drain-wait", "KLATCH_DRAIN_WAIT", "0", "7", "3600"},
    {"announce", "KLATCH_ANNOUNCE", "ip", "off", "name"},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://a.example", "http://b.example:8080", "*"},
    {"send-rate", "KLATCH_SEND_RATE", "0", "7", "1000000"},
    {"byte-rate", "KLATCH_BYTE_RATE", "0", "7", "1000000"},
    {"buffer-memory", "KLATCH_BUFFER_MEMORY", "0", "7", "1000000"},
    {"max-per-address", "KLATCH_MAX_PER_ADDRESS", "0", "7", "1000000"},
    {"max-http-per-address", "KLATCH_MAX_HTTP_PER_ADDRESS", "0", "7", "1000000"},
    {"tls-min", "KLATCH_TLS_MIN", "1.3", "1.2", "1.3"},
    {"acme", "KLATCH_ACME", "/var/lib/acme", "here", "some where"},
    {"max-connections", "KLATCH_MAX_CONNECTIONS", "0", "7", "1000000"},
    {"jwks", "KLATCH_JWKS", "https://a.example/keys", "https://b.example",
     "https://c.example:8443/"},
    {"audience", "KLATCH_AUDIENCE", "chat", "shop", "chat of the shop"},
    {"issuer", "KLATCH_ISSUER", "https://a.example", "b", "c"},
    {"auth-failures", "KLATCH_AUTH_FAILURES", "0", "7", "1000000"},
    {"guests", "KLATCH_GUESTS", "on", "off", "on"},
    {"guest-contact", "KLATCH_GUEST_CONTACT", "7", "anna", "*"},
    {"guest-rate", "KLATCH_GUEST_RATE", "0", "7", "1000000"},
    {"guest-days", "KLATCH_GUEST_DAYS", "1", "365", "3650"},
    {"trusted-proxy", "KLATCH_TRUSTED_PROXY", "10.0.0.0/8", "2001:db8::/32", "192.0.2.1"},
    {"proxy-header", "KLATCH_PROXY_HEADER", "X-Real-IP", "CF-Connecting-IP", "X-Client"},
    {"max-per-user", "KLATCH_MAX_PER_USER", "0", "7", "1000000"},
    {"store", "KLATCH_STORE", "none", "sqlite", "postgres://a,b/klatch?user=k"},
    {"data", "KLATCH_DATA", "/var/lib/klatch", "here", "some where"},
    {"sync", "KLATCH_SYNC", "normal", "full", "normal"},
    {"min-free", "KLATCH_MIN_FREE", "0", "100", "1000000"},
    {"retain", "KLATCH_RETAIN", "1", "365", "36500"},
    {"log-level", "KLATCH_LOG_LEVEL", "trace", "debug", "warn"},
    {"log-format", "KLATCH_LOG_FORMAT", "text", "json", "text"},
    {"log-addresses", "KLATCH_LOG_ADDRESSES", "on", "off", "on"},
    {"drain", "KLATCH_DRAIN", "0", "7", "3600"},
    {"reconnect-rate", "KLATCH_RECONNECT_RATE", "1", "7", "1000000"},
};

const setting& row_of(std::string_view name) {
  const auto& rows = all_settings();
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const auto& each) { return each.name == name; });
  REQUIRE(found != rows.end());
  return *found;
}

/// The settings whose values have to be files or folders; their tests stand apart.
bool needs_files(const setting& row) {
  return row.name == "web" || row.name == "keys" || row.name == config_option ||
         row.name == "listen-tls" || row.name == "tls-cert" || row.name == "tls-key";
}

} // namespace

TEST_CASE_METHOD(config_fixture, "without any setting the defaults hold") {
  const auto read = taken({});
  CHECK(read.listen == addresses{{"127.0.0.1", 9001}});
  CHECK(read.service.threads >= 1);
  CHECK(read.service.threads <= 1024);
  if (const auto cores = std::thread::hardware_concurrency(); cores > 1 && cores <= 1025)
    CHECK(read.service.threads == cores - 1);
  CHECK_FALSE(read.web.has_value());
  CHECK(read.service.announce == departure_notices::name);
  CHECK(read.service.network.allow_origins.empty());
  CHECK(read.service.network.allowed.send_rate == 20);
  CHECK(read.service.network.allowed.byte_rate == 256 * 1024);
  CHECK_FALSE(read.buffer_memory.has_value());
  CHECK(read.service.network.allowed.per_address == 100);
  CHECK_FALSE(read.max_http_per_address);
  CHECK(read.service.max_per_user == 50);
  CHECK(read.log_level == "info");
  CHECK(read.store.kind == store_kind::sqlite);
  CHECK(read.data == "klatch-data");
  CHECK(read.sqlite.sync == store::sync_mode::full);
  CHECK_FALSE(read.service.retain.has_value());
  CHECK(read.sqlite.min_free == 64 * 1024 * 1024);
  CHECK(read.to_do == task::serve);
}

TEST_CASE("every setting has a sample, its own variable and a decision on reloading") {
  for (const auto& row : all_settings()) {
    INFO(row.name);
    CHECK(row.reload != reloadable::undecided);
    CHECK_FALSE(row.help.empty());
    CHECK_FALSE(row.placeholder.empty());
    const auto found = std::find_if(samples.begin(), samples.end(),
                                    [&](const auto& each) { return each.option == row.name; });
    CHECK((found != samples.end()) != needs_files(row));
    if (found != samples.end())
      CHECK(found->variable == row.variable);
  }
}

TEST_CASE_METHOD(config_fixture, "the limits that are left open follow from the others") {
  const auto allowed = [](const texts& arguments) {
    return taken(arguments).service.network.allowed.http_per_address;
  };
  CHECK(allowed({}) == 200);
  CHECK(allowed({"--max-per-address", "7"}) == 14);
  CHECK(allowed({"--max-per-address", "7", "--max-http-per-address", "3"}) == 3);
  CHECK(taken({}).service.network.buffer_bytes >= 16 * 1024 * 1024);
  CHECK(taken({"--buffer-memory", "3"}).service.network.buffer_bytes == 3 * 1024 * 1024);
  CHECK(taken({"--buffer-memory", "0"}).service.network.buffer_bytes == 0);
}

TEST_CASE_METHOD(config_fixture, "a URL is shown without its password") {
  CHECK(row_of("store").value.print(taken({"--store", "postgres://me:secret@a/b"})) ==
        "postgres://me:***@a/b");
  CHECK(row_of("store").value.print(taken({"--store", "postgresql://a/b?password=x&user=me"})) ==
        "postgresql://a/b?password=***&user=me");
  CHECK(row_of("bus").value.print(taken({"--bus", "tls://me:secret@a:4222"})) ==
        "tls://me:***@a:4222");
  CHECK(taken({"--store", "postgres://me:secret@a/b"}).store.url == "postgres://me:secret@a/b");
}

TEST_CASE_METHOD(config_fixture, "values are kept in the units of the parts that use them") {
  CHECK(taken({"--byte-rate", "3"}).service.network.allowed.byte_rate == 3 * 1024);
  CHECK(taken({"--min-free", "3"}).sqlite.min_free == 3 * 1024 * 1024);
  CHECK(taken({"--retain", "3"}).service.retain == std::chrono::days{3});
}

TEST_CASE_METHOD(config_fixture, "certificates and keys come in pairs") {
  const auto& read = taken({"--listen-tls", "127.0.0.1:1", "--tls-cert", "a.pem", "--tls-key",
                            "a.key", "--tls-cert", "b.pem", "--tls-key", "b.key"});
  REQUIRE(read.tls.certificates.size() == 2);
  CHECK(read.tls.certificates[1].chain == "b.pem");
  CHECK(read.tls.certificates[1].key == "b.key");
  CHECK(refusal({"--listen-tls", "127.0.0.1:1"}).find("needs a certificate") != std::string::npos);
  CHECK(refusal({"--tls-cert", "a.pem"}).find("1 and 0") != std::string::npos);
}

TEST_CASE_METHOD(config_fixture, "--insecure stands on the command line, and nowhere else") {
  CHECK_FALSE(taken({}).insecure);
  CHECK(taken({"--insecure"}).insecure);
  CHECK(refusal({"--config", write("klatch.toml", "insecure = true\n")}).find("insecure") !=
        std::string::npos);
  const scoped_variable set{"KLATCH_INSECURE", "true"};
  CHECK(refusal({}).find("command line only") != std::string::npos);
}

TEST_CASE_METHOD(config_fixture, "--retain 0 is for ever") {
  CHECK_FALSE(taken({"--retain", "0"}).service.retain.has_value());
}

TEST_CASE_METHOD(config_fixture, "subcommands, with settings before and behind") {
  const auto move = taken({"--data", "d", "move", "--to", "postgres://db/klatch"});
  CHECK(move.to_do == task::move);
  CHECK(move.move_to == "postgres://db/klatch");
  CHECK(move.data == "d");
  const auto backup = taken({"--data", "d", "backup", "copy.db"});
  CHECK(backup.to_do == task::backup);
  CHECK(backup.backup_file == "copy.db");
  CHECK(backup.data == "d");
  const auto check = taken({"check", "--data=d"});
  CHECK(check.to_do == task::check);
  CHECK(check.data == "d");
}

TEST_CASE_METHOD(config_fixture, "a program without even a name has the defaults") {
  const char* const none = nullptr;
  const auto result = read_config(0, &none);
  REQUIRE(std::holds_alternative<config>(result));
  CHECK(std::get<config>(result).service.network.allowed.send_rate == 20);
}

TEST_CASE_METHOD(config_fixture,
                 "each setting is taken from each source, in the order of precedence") {
  for (const auto& [option, variable, first, second, third] : samples) {
    INFO(option);
    const auto& seen = row_of(option).value.print;
    const auto file = write("klatch.toml", option + " = \"" + first + "\"\n");
    const std::string dashes = "--" + option;
    CHECK(seen(taken({dashes, first})) == first);
    CHECK(seen(taken({dashes + "=" + second})) == second);
    CHECK(seen(taken({"--config", file})) == first);
    CHECK(seen(taken({"--config", file, dashes, third})) == third);
    const scoped_variable set{variable, second};
    CHECK(seen(taken({})) == second);
    CHECK(seen(taken({"--config", file})) == second);
    CHECK(seen(taken({dashes, third})) == third);
    CHECK(seen(taken({dashes, third, "--config", file})) == third);
  }
}

TEST_CASE_METHOD(config_fixture,
                 "the web folder is taken from each source, in the order of precedence") {
  const auto first = web_folder("first one");
  const auto second = web_folder("second, #2");
  const auto third = web_folder("third");
  const auto file = write("klatch.toml", "web = \"" + first + "\"\n");
  CHECK(taken({"--web", second}).web == second);
  CHECK(taken({"--config", file}).web == first);
  const scoped_variable set{"KLATCH_WEB", second};
  CHECK(taken({}).web == second);
  CHECK(taken({"--config", file}).web == second);
  CHECK(taken({"--config", file, "--web", third}).web == third);
  CHECK(taken({"--config", write("hash.toml", "web = '" + second + "' # the second")}).web ==
        second);
}

TEST_CASE_METHOD(config_fixture, "a relative web folder becomes absolute") {
  const auto target = web_folder("page");
  const auto relative = std::filesystem::relative(target, std::filesystem::current_path());
  const auto read = taken({"--web", relative.string() + "/"});
  REQUIRE(read.web.has_value());
  CHECK(read.web->is_absolute());
  CHECK(std::filesystem::equivalent(*read.web, target));
}

TEST_CASE_METHOD(config_fixture, "the file is named on the command line or in the environment") {
  const auto one = write("one.toml", "send-rate = 1");
  const auto two = write("two.toml", "send-rate = 2");
  const scoped_variable set{"KLATCH_CONFIG", one};
  CHECK(taken({}).service.network.allowed.send_rate == 1);
  CHECK(taken({"--config", two}).service.network.allowed.send_rate == 2);
}

TEST_CASE_METHOD(config_fixture, "lists are given whole, and replaced whole") {
  const auto file =
      write("klatch.toml", "listen = [\"127.0.0.1:9001\", \"[::1]:9001\"]\n"
                           "allow-origin = ['https://a.example', 'https://b.example']\n");
  const addresses both{{"127.0.0.1", 9001}, {"::1", 9001}};
  CHECK(taken({"--config", file}).listen == both);
  CHECK(taken({"--config", file}).service.network.allow_origins ==
        texts{"https://a.example", "https://b.example"});
  CHECK(taken({"--listen", "127.0.0.1:9001", "--listen", "[::1]:9001"}).listen == both);
  CHECK(taken({"--config", file, "--listen", "127.0.0.3:5"}).listen == addresses{{"127.0.0.3", 5}});
  for (const auto* text : {"127.0.0.1:9001,[::1]:9001", "127.0.0.1:9001 [::1]:9001",
                           " 127.0.0.1:9001 ,\t[::1]:9001, "}) {
    const scoped_variable set{"KLATCH_LISTEN", text};
    CHECK(taken({}).listen == both);
  }
  const scoped_variable set{"KLATCH_ALLOW_ORIGIN", "https://c.example, *"};
  CHECK(taken({"--config", file}).service.network.allow_origins == texts{"https://c.example", "*"});
  CHECK(
      taken({"--config", write("none.toml", "allow-origin = []")}).service.network.allow_origins ==
      texts{"https://c.example", "*"});
}

TEST_CASE_METHOD(config_fixture, "an empty variable counts as not set") {
  const scoped_variable threads{"KLATCH_THREADS", ""};
  const scoped_variable listen{"KLATCH_LISTEN", " , "};
  const scoped_variable web{"KLATCH_WEB", ""};
  const scoped_variable file{"KLATCH_CONFIG", ""};
  const auto read = taken({"--config", write("klatch.toml", "threads = 5")});
  CHECK(read.service.threads == 5);
  CHECK(read.listen == addresses{{"127.0.0.1", 9001}});
  CHECK_FALSE(read.web.has_value());
}

TEST_CASE_METHOD(config_fixture, "variables that a container platform sets are left alone") {
  const scoped_variable port{"KLATCH_PORT", "tcp://10.0.0.1:9001"};
  const scoped_variable host{"KLATCH_SERVICE_HOST", "10.0.0.1"};
  const scoped_variable binary{"KLATCH_BIN", "klatch"};
  const scoped_variable database{"KLATCH_DB", "chat"};
  CHECK(taken({}).service.network.allowed.send_rate == 20);
}

TEST_CASE_METHOD(config_fixture,
                 "a file may have comments, blank lines, any line ends and long arrays") {
  const auto read =
      taken({"--config", write("klatch.toml", "\xEF\xBB\xBF# first line\r\n"
                                              "\r\n"
                                              "  listen = [ # one a line\r\n"
                                              "    \"127.0.0.1:9001\" , # this machine\r\n"
                                              "\r\n"
                                              "    '[::1]:9001',\r\n"
                                              "  ] # done\r\n"
                                              "threads=2#two\r\n"
                                              "\"send-rate\" = 3\r\n"
                                              "announce = 'off'")});
  CHECK(read.listen == addresses{{"127.0.0.1", 9001}, {"::1", 9001}});
  CHECK(read.service.threads == 2);
  CHECK(read.service.network.allowed.send_rate == 3);
  CHECK(read.service.announce == departure_notices::off);
  CHECK(taken({"--config", write("empty.toml", "")}).service.threads >= 1);
  CHECK(taken({"--config", write("comment.toml", "# nothing\n#x=1\n")})
            .service.network.allowed.send_rate == 20);
  CHECK(taken({"--config", write("one.toml", "listen = \"[::1]:9001\"\n")}).listen ==
        addresses{{"::1", 9001}});
}

TEST_CASE_METHOD(config_fixture,
                 "addresses are numeric or localhost, and the system may choose the port") {
  CHECK(taken({"--listen", "localhost:80"}).listen == addresses{{"127.0.0.1", 80}});
  CHECK(taken({"--listen", "0.0.0.0:0"}).listen == addresses{{"0.0.0.0", 0}});
  CHECK(taken({"--listen", "[0:0:0::1]:65535"}).listen == addresses{{"::1", 65535}});
  CHECK(taken({"--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"}).listen.size() == 2);
  CHECK(to_string(listen_address{"127.0.0.1", 9001}) == "127.0.0.1:9001");
  CHECK(to_string(listen_address{"::1", 9001}) == "[::1]:9001");
}

TEST_CASE_METHOD(config_fixture, "origins are kept as browsers spell them") {
  const auto kept = [](const std::string& text) {
    return taken({"--allow-origin", text}).service.network.allow_origins.front();
  };
  CHECK(kept("https://WWW.Example.com") == "https://www.example.com");
  CHECK(kept("HTTPS://example.com:443") == "https://example.com");
  CHECK(kept("http://example.com:80") == "http://example.com");
  CHECK(kept("http://example.com:443") == "http://example.com:443");
  CHECK(kept("https://example.com:08443") == "https://example.com:8443");
  CHECK(kept("http://[0:0::1]:8080") == "http://[::1]:8080");
  CHECK(kept("http://192.0.2.1") == "http://192.0.2.1");
  CHECK(kept("capacitor://localhost") == "capacitor://localhost");
  CHECK(kept("moz-extension://0a1b-2c") == "moz-extension://0a1b-2c");
  CHECK(kept("https://xn--mnchen-3ya.example") == "https://xn--mnchen-3ya.example");
}

} // namespace klatch::app
