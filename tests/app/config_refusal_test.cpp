/// What is refused, and the sentence that says so.
#include "app/config_error.hpp"
#include "tests/app/config_fixture.hpp"

namespace klatch::app {

namespace {

struct bad_value {
  std::string option; ///< without --
  std::string variable;
  std::string value;
  std::string sentence; ///< after the value in quotes
};

const std::string no_address =
    " is not an address and a port, such as 127.0.0.1:9001 (this machine only), "
    "0.0.0.0:9001 or [::]:9001 (every address)";
const std::string no_port = ": the port is not a number from 0 to 65535";
const std::string no_brackets =
    " lacks the brackets of an IPv6 address with a port: write [::1]:9001";
const std::string no_origin =
    " is not * or scheme://host[:port] without a path, such as https://www.example.com";
const std::string null_origin = " is what browsers send for a file or a sandboxed page, whoever "
                                "made it, so it names no site: serve the page from "
                                "a site and allow that, or allow * for all";
const std::string no_folder = " is not a folder; expected is one with an index.html";

const std::string no_https = " is no address that begins with https://";

const std::vector<bad_value> bad_values{
    {"listen", "KLATCH_LISTEN", "9001", no_address},
    {"listen", "KLATCH_LISTEN", ":9001", no_address},
    {"listen", "KLATCH_LISTEN", "*:9001", no_address},
    {"listen", "KLATCH_LISTEN", "chat.example.com:9001", no_address},
    {"listen", "KLATCH_LISTEN", "127.0.0.1", no_address},
    {"listen", "KLATCH_LISTEN", "127.1:9001", no_address},
    {"listen", "KLATCH_LISTEN", "[127.0.0.1]:9001", no_address},
    {"listen", "KLATCH_LISTEN", "[fe80::1%eth0]:9001", no_address},
    {"listen", "KLATCH_LISTEN", "[::1]", no_address},
    {"listen", "KLATCH_LISTEN", "::1:9001", no_brackets},
    {"listen", "KLATCH_LISTEN", "::", no_brackets},
    {"listen", "KLATCH_LISTEN", "127.0.0.1:", no_port},
    {"listen", "KLATCH_LISTEN", "127.0.0.1:65536", no_port},
    {"listen", "KLATCH_LISTEN", "127.0.0.1:http", no_port},
    {"listen", "KLATCH_LISTEN", "[::1]:-1", no_port},
    {"jwks", "KLATCH_JWKS", "http://a.example/keys", no_https},
    {"jwks", "KLATCH_JWKS", "a.example", no_https},
    {"threads", "KLATCH_THREADS", "0", " is not a number from 1 to 1024"},
    {"threads", "KLATCH_THREADS", "1025", " is not a number from 1 to 1024"},
    {"threads", "KLATCH_THREADS", "-1", " is not a number from 1 to 1024"},
    {"threads", "KLATCH_THREADS", "4.5", " is not a number from 1 to 1024"},
    {"threads", "KLATCH_THREADS", "four", " is not a number from 1 to 1024"},
    {"threads", "KLATCH_THREADS", "99999999999999999999", " is not a number from 1 to 1024"},
    {"threads", "KLATCH_THREADS", "true", " is not a number from 1 to 1024"},
    {"web", "KLATCH_WEB", "/nonexistent/page", no_folder},
    {"announce", "KLATCH_ANNOUNCE", "Name", " is not name, ip or off"},
    {"store", "KLATCH_STORE", "memory", " is not sqlite, none or postgres://HOST/DATABASE"},
    {"data", "KLATCH_DATA", "/dev/null", " is not a folder"},
    {"sync", "KLATCH_SYNC", "off", " is not full or normal"},
    {"retain", "KLATCH_RETAIN", "36501", " is not a number from 0 to 36500"},
    {"retain", "KLATCH_RETAIN", "1w", " is not a number from 0 to 36500"},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "null", null_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "www.example.com", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://www.example.com/", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://www.example.com/chat", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://*.example.com", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://mks@example.com", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://example.com:", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://example.com:0", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://example.com:65536", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://[::1", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://[::1]x", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://m\xC3\xBCnchen.example", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "https://", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "://example.com", no_origin},
    {"allow-origin", "KLATCH_ALLOW_ORIGIN", "1http://example.com", no_origin},
    {"byte-rate", "KLATCH_BYTE_RATE", "1000001", " is not a number from 0 to 1000000"},
    {"buffer-memory", "KLATCH_BUFFER_MEMORY", "1000001", " is not a number from 0 to 1000000"},
    {"send-rate", "KLATCH_SEND_RATE", "1000001", " is not a number from 0 to 1000000"},
    {"send-rate", "KLATCH_SEND_RATE", "20/s", " is not a number from 0 to 1000000"},
    {"max-per-address", "KLATCH_MAX_PER_ADDRESS", "1000001", " is not a number from 0 to 1000000"},
    {"max-per-address", "KLATCH_MAX_PER_ADDRESS", "none", " is not a number from 0 to 1000000"},
    {"max-http-per-address", "KLATCH_MAX_HTTP_PER_ADDRESS", "-1",
     " is not a number from 0 to 1000000"},
    {"max-per-user", "KLATCH_MAX_PER_USER", "-1", " is not a number from 0 to 1000000"},
    {"log-level", "KLATCH_LOG_LEVEL", "verbose", " is not trace, debug, info, warn, error or off"},
};

} // namespace

TEST_CASE_METHOD(config_fixture, "a bad value is named with its source and with what is expected") {
  for (const auto& [option, variable, value, sentence] : bad_values) {
    const auto said = ": \"" + value + '"' + sentence;
    CHECK(refusal({"--" + option, value}) == "klatch: --" + option + said);
    const auto file = write("klatch.toml", "# settings\n\n" + option + " = \"" + value + "\"\n");
    CHECK(refusal({"--config", file}) == "klatch: " + file + ", line 3: " + option + said);
    const scoped_variable set{variable, value};
    CHECK(refusal({}) == "klatch: " + variable + " in the environment" + said);
  }
}

TEST_CASE_METHOD(config_fixture, "a value is checked even where another source replaces it") {
  const auto file = write("klatch.toml", "threads = 0");
  CHECK(refusal({"--config", file, "--threads", "2"}) ==
        "klatch: " + file + ", line 1: threads: \"0\" is not a number from 1 to 1024");
  const scoped_variable set{"KLATCH_SEND_RATE", "x"};
  CHECK(refusal({"--send-rate", "2"}) ==
        "klatch: KLATCH_SEND_RATE in the environment: \"x\" is not a number from 0 to 1000000");
}

TEST_CASE_METHOD(config_fixture, "a web folder has an index.html that can be read") {
  const auto empty = (folder() / "empty").string();
  std::filesystem::create_directory(empty);
  const std::string sentence = "\" is not a folder with an index.html that can be read";
  CHECK(refusal({"--web", empty}) == "klatch: --web: \"" + empty + sentence);
  std::filesystem::create_directories(folder() / "odd" / "index.html");
  const auto odd = (folder() / "odd").string();
  CHECK(refusal({"--web", odd}) == "klatch: --web: \"" + odd + sentence);
  const auto file = write("file", "");
  CHECK(refusal({"--web", file}) == "klatch: --web: \"" + file + '"' + no_folder);
  CHECK(refusal({"--web", ""}) == "klatch: --web: \"\"" + no_folder);
}

TEST_CASE_METHOD(config_fixture, "an address can be listened on once") {
  CHECK(refusal({"--listen", "127.0.0.1:5", "--listen", "localhost:5"}) ==
        "klatch: --listen: \"localhost:5\" is there twice: each address can be listened on once");
}

TEST_CASE_METHOD(config_fixture, "what is no option of ours is refused") {
  CHECK(refusal({"--colour"}) ==
        "klatch: unknown option \"--colour\": klatch --help lists them all");
  CHECK(refusal({"--colour=red"}) ==
        "klatch: unknown option \"--colour\": klatch --help lists them all");
  CHECK(refusal({"-x"}) == "klatch: unknown option \"-x\": klatch --help lists them all");
  CHECK(refusal({"--thread", "4"}) ==
        "klatch: unknown option \"--thread\": did you mean --threads?");
  CHECK(refusal({"--lisetn=[::1]:5"}) ==
        "klatch: unknown option \"--lisetn\": did you mean --listen?");
  CHECK(refusal({"-config", "x"}) == "klatch: unknown option \"-config\": did you mean --config?");
  CHECK(refusal({"9001"}) ==
        "klatch: unexpected argument \"9001\": options begin with --, see klatch --help");
  CHECK(refusal({"--listen", "[::1]:1", "[::1]:2"}) ==
        "klatch: unexpected argument \"[::1]:2\": options begin with --, see klatch --help");
}

TEST_CASE_METHOD(config_fixture, "an option has one value, lists apart") {
  for (const auto& row : all_settings()) {
    const auto option = "--" + std::string{row.name};
    CHECK(refusal({"--send-rate", "1", option}) ==
          "klatch: " + option + ": the value is missing, see klatch --help");
  }
  CHECK(refusal({"--threads="}) == "klatch: --threads: the value is missing, see klatch --help");
  CHECK(refusal({"--threads", "2", "--threads", "3"}) ==
        "klatch: --threads: \"2\" and \"3\" are given, where one value is expected");
  CHECK(refusal({"--config", "a", "--config", "b"}) ==
        "klatch: --config: \"a\" and \"b\" are given, where one value is expected");
  CHECK(refusal({"--threads", "--send-rate", "3"}) ==
        "klatch: --threads: the value is missing, see klatch --help");
}

TEST_CASE_METHOD(config_fixture, "a misspelt variable is refused") {
  {
    const scoped_variable set{"KLATCH_LISTN", "127.0.0.1:1"};
    CHECK(refusal({}) ==
          "klatch: unknown variable KLATCH_LISTN in the environment: did you mean KLATCH_LISTEN?");
  }
  {
    const scoped_variable set{"KLATCH_ALLOWED_ORIGIN", "*"};
    CHECK(refusal({}) ==
          "klatch: unknown variable KLATCH_ALLOWED_ORIGIN in the environment: did you "
          "mean KLATCH_ALLOW_ORIGIN?");
  }
  const scoped_variable set{"KLATCH_CONFIGS", "x"};
  CHECK(refusal({}) ==
        "klatch: unknown variable KLATCH_CONFIGS in the environment: did you mean KLATCH_CONFIG?");
}

TEST_CASE_METHOD(config_fixture, "a file that cannot be read is refused, with who named it") {
  const auto missing = (folder() / "missing.toml").string();
  CHECK(refusal({"--config", missing}) ==
        "klatch: --config: cannot read \"" + missing + "\": No such file or directory");
  CHECK(refusal({"--config", folder().string()}) ==
        "klatch: --config: cannot read \"" + folder().string() + "\": Is a directory");
  const scoped_variable set{"KLATCH_CONFIG", missing};
  CHECK(refusal({}) == "klatch: KLATCH_CONFIG in the environment: cannot read \"" + missing +
                           "\": No such file or directory");
}

TEST_CASE_METHOD(config_fixture, "a file is read up to a bound") {
  const std::string line = "threads = 2\n";
  const auto comment = [&](std::size_t bytes) { return line + '#' + std::string(bytes, 'x'); };
  const auto most = 1024UL * 1024 - line.size() - 1;
  CHECK(taken({"--config", write("full.toml", comment(most))}).service.threads == 2);
  const auto large = write("large.toml", comment(most + 1));
  CHECK(refusal({"--config", large}) ==
        "klatch: --config: cannot read \"" + large +
            "\": it is larger than 1 MiB, which no configuration is");
  CHECK(refusal({"--config", "/dev/zero"}).find("larger than 1 MiB") != std::string::npos);
}

TEST_CASE_METHOD(config_fixture, "a malformed file is refused, with the line") {
  const auto said = [this](const std::string& text) {
    const auto file = write("klatch.toml", text);
    const auto sentence = refusal({"--config", file});
    const auto prefix = "klatch: " + file + ", line ";
    REQUIRE(sentence.substr(0, prefix.size()) == prefix);
    return sentence.substr(prefix.size());
  };
  const std::string shape = " is not of the form key = value";
  CHECK(said("threads = 2\nthreads") == "2: \"threads\"" + shape);
  CHECK(said("threads =") == "1: \"threads =\"" + shape);
  CHECK(said("= 2") == "1: \"= 2\"" + shape);
  CHECK(said("; threads = 2") == "1: \"; threads = 2\"" + shape);
  CHECK(said("x") == "1: \"x\"" + shape);
  CHECK(said("[server]\nthreads = 2") == "1: sections such as \"[server]\" are not used here");
  CHECK(said("web = \"/srv") == "1: a string is not closed with \"");
  CHECK(said("web = '/srv\"") == "1: a string is not closed with '");
  CHECK(said("\nlisten = [\n'[::1]:1',\n\nthreads = 2\n") == "2: the array is never closed with ]");
  CHECK(said("listen = ]") == "1: a ] has no [ before it");
  CHECK(said("listen = [['[::1]:1']]") == "1: an array cannot hold another one");
  const std::string loose = "strings stand in one line, with commas between them";
  CHECK(said("listen = ['[::1]:1' '[::1]:2']") == "1: " + loose);
  CHECK(said("listen = ['[::1]:1'\n'[::1]:2']") == "1: " + loose);
  CHECK(said("listen = ['[::1]:1'x, '[::1]:2']") == "1: " + loose);
  CHECK(said("web = \"\"\"/srv\"\"\"") == "1: " + loose);
  CHECK(said("listen = [::1]:9001") ==
        "1: something follows the array: text has to stand in quotes");
  CHECK(said("web = \"/srv\\tpage\"") == "1: a backslash cannot stand in a value");
  CHECK(said("web = '/srv\x01'") == "1: a control character cannot stand in this file");
  CHECK(said(std::string{"web = '/srv\0'", 13}) ==
        "1: a control character cannot stand in this file");
  CHECK(said("threads = [1\n2]") == "1: threads: \"1 2\" is not a number from 1 to 1024");
  CHECK(said("threads = 1 2") ==
        "1: threads: \"1\" and \"2\" are given, where one value is expected");
  CHECK(said("threads = [1, 2]") ==
        "1: threads: \"1\" and \"2\" are given, where one value is expected");
  CHECK(said("threads = []") == "1: threads: an empty list is given, where one value is expected");
  CHECK(said("listen = [ ]") ==
        "1: listen: an empty list leaves nothing to listen on: at least one "
        "address is needed");
}

TEST_CASE_METHOD(config_fixture, "an unknown key is refused, and one that is there twice") {
  const auto said = [this](const std::string& text) {
    const auto file = write("klatch.toml", text);
    return refusal({"--config", file}).substr(("klatch: " + file + ", ").size());
  };
  CHECK(said("threads = 2\nsend-rates = 1") ==
        "line 2: unknown key \"send-rates\": did you mean send-rate?");
  CHECK(said("send_rate = 1") == "line 1: unknown key \"send_rate\": did you mean send-rate?");
  CHECK(said("colour = 'red'") == "line 1: unknown key \"colour\": klatch --help lists them all");
  CHECK(said("--threads = 2") == "line 1: unknown key \"--threads\": did you mean threads?");
  CHECK(said("server.threads = 2") ==
        "line 1: unknown key \"server.threads\": klatch --help lists them all");
  CHECK(said("config = 'x'") == "line 1: unknown key \"config\": klatch --help lists them all");
  CHECK(said("help = true") == "line 1: unknown key \"help\": klatch --help lists them all");
  CHECK(said("++ = 2") == "line 1: unknown key \"++\": klatch --help lists them all");
  CHECK(said("threads = 2\nsend-rate = 1\nthreads = 3") ==
        "line 3: threads is there already in line 1");
  CHECK(said("listen = '[::1]:1'\nlisten = '[::1]:2'") ==
        "line 2: listen is there already in line 1");
}

TEST_CASE("a refusal is one line, whatever the value holds") {
  CHECK(in_quotes("a\nb\x1B[31m\x7F") == "\"a?b?[31m?\"");
  CHECK(in_quotes("M\xC3\xBCnchen") == "\"M\xC3\xBCnchen\"");
}

TEST_CASE_METHOD(config_fixture, "subcommands that make no sense") {
  CHECK(refusal({"backup"}) == "klatch: backup: the file to write is missing: klatch backup FILE");
  CHECK(refusal({"backup", "a", "b"}) == "klatch: unexpected argument \"b\" after a");
  CHECK(refusal({"--sub", "7", "--store", "none"}).starts_with("klatch: unknown option"));
  CHECK(refusal({"--store", "none", "revoke", "--sub", "7"}) ==
        "klatch: revoke: it comes before all options: klatch revoke [OPTION]..., see klatch revoke "
        "--help");
  CHECK(refusal({"check", "a"}) == "klatch: unexpected argument \"a\" after check");
  CHECK(refusal({"bakcup", "a"}) ==
        "klatch: unexpected argument \"bakcup\": did you mean klatch backup?");
  CHECK(refusal({"--store", "none", "check"}) ==
        "klatch: check: with --store none there is no store");
  CHECK(refusal({"--store", "postgres://db/klatch", "backup", "a"}) ==
        "klatch: backup: PostgreSQL is backed up by its own programs, such as pg_dump and "
        "pg_basebackup");
}

TEST_CASE_METHOD(config_fixture, "without a store there is no PostgreSQL that nodes talk by") {
  CHECK(
      refusal({"--store", "none", "--bus", "postgres"}) ==
      "klatch: --bus: with --store none nodes tell each other by NATS alone: nats://HOST, or none");
  for (const auto* bus : {"none", "nats://a"})
    CHECK(taken({"--store", "none", "--bus", bus}).store.kind == store_kind::none);
  CHECK(taken({"--store", "none"}).bus.kind == bus_kind::postgres);
}

TEST_CASE_METHOD(config_fixture, "a move without a place to move to") {
  CHECK(refusal({"move"}) ==
        "klatch: move: where to is missing: klatch move --to postgres://HOST/DATABASE");
  CHECK(refusal({"move", "--to"}) == "klatch: --to: the value is missing, see klatch --help");
  CHECK(refusal({"move", "--to", "--log-level=info"}) ==
        "klatch: --to: the value is missing, see klatch --help");
  CHECK(refusal({"move", "--to", "sqlite"}) ==
        "klatch: --to: a store is moved into PostgreSQL only: postgres://HOST/DATABASE");
  CHECK(refusal({"check", "--to", "postgres://db/klatch"}) ==
        "klatch: --to: it belongs to klatch move");
}

} // namespace klatch::app
