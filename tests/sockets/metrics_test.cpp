// `/metrics`: who gets it, and that every metric of the table is there and moves.
#include "app/metrics/metric_table.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "tests/messages/signed_tokens.hpp"
#include "tests/net/pool.hpp"
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/scrape.hpp"
#include "tests/sockets/test_certificate.hpp"
#include "tests/sockets/ws_client.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace klatch::sockets {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class own_folder {
public:
  own_folder() {
    std::string name = (fs::temp_directory_path() / "klatch-metrics-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~own_folder() { fs::remove_all(path_); }
  own_folder(const own_folder&) = delete;
  own_folder& operator=(const own_folder&) = delete;

  const fs::path& path() const { return path_; }

private:
  fs::path path_;
};

/// With a store on the disk, in which texts of at most 4 KiB may wait.
class stored_service {
public:
  const net::tcp_endpoint& endpoint() const { return server_.endpoint(); }

  ws_client extended(std::string_view id) const {
    ws_client client{endpoint()};
    client.push(json{{"type", "system"}, {"v", 2}, {"id", id}, {"projectId", "p"}}.dump());
    expect(client, "welcome");
    return client;
  }
  static void expect(ws_client& client, std::string_view type) {
    const auto text = client.raw().read_frame().payload;
    INFO(text);
    CHECK(json::parse(text).at("type") == type);
  }

private:
  app::service_options options() const {
    auto chosen = usual_options();
    chosen.store_file = folder_.path() / "klatch.db";
    chosen.may_wait.bytes = 4 * kib;
    chosen.network.certificates =
        std::make_shared<net::tls_certificates>(net::tls_settings{.certificates = {certificate_}});
    REQUIRE_FALSE(chosen.network.certificates->reload());
    return chosen;
  }

  own_folder folder_;
  certificate_folder certificates_;
  net::certificate_files certificate_ = certificates_.put("first", make_certificate());
  running_service server_{store::open_sqlite_store(folder_.path()), options()};
};

std::string message_with_cid(std::string_view text, std::string_view cid) {
  return json{{"type", "user"}, {"to_id", "boris"}, {"message", text}, {"cid", cid}}.dump();
}

void expect_refused(const net::tcp_endpoint& from, std::string_view origin) {
  raw_client client{from};
  client.write(upgrade_request("/", "Origin: " + std::string{origin} + "\r\n"));
  CHECK(client.read_reply().status == 403);
}

/// Asks for answers until so many wait that it is closed.
void read_nothing(const stored_service& server) {
  const auto before = scrape_of(server.endpoint()).at("klatch_slow_readers_closed_total");
  auto client = server.extended("slow");
  std::string many;
  for (int number = 0; number < 1'000; ++number)
    many +=
        wire_frame{.payload = json{{"type", "ping"}, {"ref", std::string(64, 'r')}}.dump()}.bytes();
  while (scrape_of(server.endpoint()).at("klatch_slow_readers_closed_total") == before)
    client.raw().write(many);
  client.raw().disconnect();
}

/// Something that happens, and what it moves.
struct happening {
  std::string_view what;
  std::function<void(const stored_service&)> happen;
  std::vector<std::string> moves;
};

const std::vector<happening>& happenings() {
  static const std::vector<happening> all{
      {"a client registers, says something and goes",
       [](const stored_service& server) {
         auto client = server.extended("anna");
         client.push(message_with_cid("hi", "c1"));
         server.expect(client, "ack");
         client.push(R"({"type":"history","with":"boris","limit":5})");
         server.expect(client, "history");
         client.push_close(1000);
         client.raw().drain_to_end();
       },
       {"klatch_connections_opened_total", R"(klatch_connections_closed_total{code="1000"})",
        R"(klatch_registrations_total{outcome="new"})",
        R"(klatch_frames_received_total{type="system"})",
        R"(klatch_frames_received_total{type="user"})",
        R"(klatch_frames_sent_total{type="welcome"})", R"(klatch_frames_sent_total{type="ack"})",
        "klatch_bytes_received_total", "klatch_bytes_sent_total", "klatch_messages_stored_total",
        "klatch_ack_seconds_count", "klatch_ack_seconds_sum", "klatch_store_commit_seconds_count",
        "klatch_store_batch_messages_count", "klatch_store_unindexed_messages",
        "klatch_store_wal_bytes", R"(klatch_reader_seconds_count{query="open"})",
        R"(klatch_reader_seconds_count{query="history"})"}},
      {"a message comes twice",
       [](const stored_service& server) {
         auto client = server.extended("anna");
         for (int times = 0; times < 2; ++times) {
           client.push(message_with_cid("again", "c2"));
           server.expect(client, "ack");
         }
       },
       {"klatch_messages_repeated_total"}},
      {"too much waits",
       [](const stored_service& server) {
         auto client = server.extended("anna");
         client.push(message_with_cid(std::string(5 * kib, 'x'), "c3"));
         server.expect(client, "error");
       },
       {R"(klatch_messages_refused_total{reason="waiting"})",
        R"(klatch_errors_sent_total{code="unavailable"})"}},
      {"a page of another site wants to connect",
       [](const stored_service& server) {
         expect_refused(server.endpoint(), "https://elsewhere.example");
       },
       {R"(klatch_upgrades_refused_total{reason="origin"})"}},
      {"a client does not read", read_nothing, {"klatch_slow_readers_closed_total"}},
      {"time passes",
       [](const stored_service& /*server*/) {},
       {R"(klatch_worker_round_seconds_count{worker="0"})",
        R"(klatch_worker_busy_seconds_total{worker="1"})", "process_cpu_seconds_total"}},
  };
  return all;
}

/// Only with --jwks; key_set_test.cpp has what moves them.
const std::set<std::string> of_key_sets{"klatch_jwks_fetches_total", "klatch_jwks_keys",
                                        "klatch_jwks_age_seconds"};

/// Only where nodes share a store; tests/actors/nodes_test.cpp has what moves them.
const std::set<std::string> of_clusters{"klatch_cluster_nodes",
                                        "klatch_cluster_deaf",
                                        "klatch_cluster_looks_total",
                                        "klatch_cluster_messages_heard_total",
                                        "klatch_bus_frames_sent_total",
                                        "klatch_bus_frames_refused_total",
                                        "klatch_bus_frames_received_total",
                                        "klatch_bus_frames_bad_total",
                                        "klatch_bus_records_too_large_total"};

/// Those that hold still while nothing goes wrong, or have a test of their own.
const std::set<std::string> others{"klatch_build_info",
                                   "klatch_ready",
                                   "klatch_draining",
                                   "klatch_connections",
                                   "klatch_users",
                                   "klatch_projects",
                                   "klatch_guests",
                                   "klatch_new_guests_total",
                                   "klatch_store_waiting_bytes",
                                   "klatch_store_waiting_messages",
                                   "klatch_store_writable",
                                   "klatch_store_size_bytes",
                                   "klatch_insecure",
                                   "klatch_config_reloads_total",
                                   "klatch_config_last_success_timestamp_seconds",
                                   "klatch_tls_handshakes_total",
                                   "klatch_tls_handshakes_waiting",
                                   "klatch_tls_certificate_expiry_timestamp_seconds",
                                   "process_max_fds",
                                   "process_open_fds",
                                   "process_start_time_seconds",
                                   "process_resident_memory_bytes"};

/// Scrapes until the sample is beyond `before`.
bool rises(const net::tcp_endpoint& at, const std::string& sample, double before) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < until)
    if (scrape_of(at).at(sample) > before)
      return true;
  return false;
}

std::vector<net::bound_socket> one_socket(const std::string& host = "127.0.0.1") {
  std::vector<net::bound_socket> sockets;
  sockets.emplace_back(host, 0);
  return sockets;
}

} // namespace

TEST_CASE("every metric of the table is in a scrape, and nothing else") {
  const stored_service server;
  const auto found = scrape_of(server.endpoint());
  std::set<std::string> expected;
  for (const auto& row : app::all_metrics()) {
    const std::string name{row.name};
    INFO(name);
    if (of_key_sets.contains(name) || of_clusters.contains(name))
      continue;
    expected.insert(name);
    REQUIRE(found.types.count(name) == 1);
    CHECK(found.types.at(name) == app::name_of(row.type));
  }
  CHECK(found.types.size() == expected.size());
}

TEST_CASE("every metric moves when its thing happens") {
  const stored_service server;
  std::set<std::string> seen = others;
  for (const auto& each : happenings()) {
    const auto before = scrape_of(server.endpoint());
    each.happen(server);
    for (const auto& sample : each.moves) {
      INFO(each.what << ": " << sample);
      CHECK(rises(server.endpoint(), sample, before.at(sample)));
      auto name = sample.substr(0, sample.find('{'));
      for (const std::string_view part : {"_count", "_sum"})
        if (name.ends_with(part))
          name.resize(name.size() - part.size());
      seen.insert(name);
    }
  }
  seen.insert(of_key_sets.begin(), of_key_sets.end());
  seen.insert(of_clusters.begin(), of_clusters.end());
  for (const auto& row : app::all_metrics()) {
    INFO(row.name);
    CHECK(seen.count(std::string{row.name}) == 1);
  }
}

TEST_CASE("gauges say how things are") {
  const stored_service server;
  const auto until = std::chrono::steady_clock::now() + patience;
  {
    const auto first = server.extended("anna");
    const auto second = server.extended("boris");
    const auto unregistered = ws_client{server.endpoint()};
    const auto found = scrape_of(server.endpoint());
    CHECK(found.at(R"(klatch_connections{dialect="extended"})") == 2);
    CHECK(found.at(R"(klatch_connections{dialect="plain"})") == 0);
    CHECK(found.at(R"(klatch_connections{dialect="none"})") == 1);
    CHECK(found.at("klatch_users") == 2);
    CHECK(found.at("klatch_projects") == 1);
    CHECK(found.at("klatch_ready") == 1);
    CHECK(found.at("klatch_draining") == 0);
    CHECK(found.at("klatch_insecure") == 1);
    CHECK(found.at("klatch_store_writable") == 1);
    CHECK(found.at("klatch_store_size_bytes") > 4096);
    CHECK(found.at("process_open_fds") > 10);
    CHECK(found.at("process_open_fds") < found.at("process_max_fds"));
    CHECK(found.at("process_resident_memory_bytes") > 1'000'000);
    const auto now =
        std::chrono::duration<double>{std::chrono::system_clock::now().time_since_epoch()}.count();
    CHECK(found.at("process_start_time_seconds") <= now + 2);
    CHECK(found.at("process_start_time_seconds") > now - 3600);
  }
  double left = 1;
  while (left > 0 && std::chrono::steady_clock::now() < until) {
    const auto found = scrape_of(server.endpoint());
    left = found.at("klatch_users") + found.at(R"(klatch_connections{dialect="extended"})") +
           found.at(R"(klatch_connections{dialect="none"})");
  }
  CHECK(left == 0);
}

TEST_CASE("guests are counted, and those who are one too many") {
  auto options = usual_options();
  options.network.access = std::make_shared<const access_rules>(test::rules_with_guests());
  options.network.allowed.new_guests = 2;
  running_service server{options};
  for (const auto* type : {"welcome", "welcome", "error"}) {
    ws_client each{server.endpoint()};
    each.push(R"({"type":"system","v":2,"guest":true,"projectId":"p"})");
    CHECK(nlohmann::json::parse(each.raw().read_frame().payload).at("type") == type);
  }
  const auto found = scrape_of(server.endpoint());
  CHECK(found.at(R"(klatch_new_guests_total{outcome="made"})") == 2);
  CHECK(found.at(R"(klatch_new_guests_total{outcome="rate_limited"})") == 1);
}

TEST_CASE("histograms rise from bound to bound, up to their count") {
  const stored_service server;
  auto client = server.extended("anna");
  client.push(message_with_cid("hi", "c1"));
  server.expect(client, "ack");
  const auto found = scrape_of(server.endpoint());
  const std::string name = "klatch_store_commit_seconds";
  double last = 0;
  for (const auto* bound : {"0.0001", "0.001", "0.05", "1", "+Inf"}) {
    const auto count = found.at(name + R"(_bucket{le=")" + bound + "\"}");
    CHECK(count >= last);
    last = count;
  }
  CHECK(last == found.at(name + "_count"));
  CHECK(last == 1);
}

TEST_CASE("/metrics is for this machine, where nothing else is said") {
  running_service server;
  CHECK(get_from(server.endpoint(), "/metrics").status == 200);
  CHECK(get_from(server.endpoint(), "/metrics", "X-Forwarded-For: 192.0.2.7\r\n").status == 404);
  const auto hidden = get_from(server.endpoint(), "/metrics", "Via: 1.1 proxy\r\n");
  const auto missing = get_from(server.endpoint(), "/nothing");
  CHECK(hidden.body == missing.body);
}

TEST_CASE("with an address for operators /metrics is there only, and nothing else is there") {
  auto for_operators = one_socket();
  const auto there = for_operators.front().endpoint();
  running_service server{usual_options(), nullptr, one_socket(), nullptr, std::move(for_operators)};
  CHECK(get_from(server.endpoint(), "/metrics").status == 404);
  CHECK(get_from(server.endpoint(), "/").status == 200);
  CHECK(get_from(server.endpoint(), "/healthz").status == 200);
  CHECK(get_from(server.endpoint(), "/readyz").status == 200);
  scrape_of(there);
  CHECK(get_from(there, "/metrics", "X-Forwarded-For: 192.0.2.7\r\n").status == 200);
  CHECK(get_from(there, "/healthz").body == "ok\n");
  CHECK(get_from(there, "/readyz").status == 200);
  CHECK(get_from(there, "/").status == 404);
  CHECK(get_from(there, "/index.html").status == 404);
  raw_client upgrade{there};
  upgrade.write(upgrade_request());
  CHECK(upgrade.read_reply().status == 404);
}

TEST_CASE("a scrape waits for no worker") {
  running_service server;
  raw_client client{server.endpoint()}; // The first one is on the first worker.
  std::promise<void> blocked;
  std::promise<void> go_on;
  auto& other = net::scheduler::of(server.service().system()).at(1);
  boost::asio::post(other.io(), [&blocked, wait = go_on.get_future().share()] {
    blocked.set_value();
    wait.wait();
  });
  blocked.get_future().wait();
  client.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto reply = client.read_reply();
  go_on.set_value();
  CHECK(reply.status == 200);
  CHECK(parse_scrape(reply.body).at(R"(klatch_worker_round_seconds_count{worker="1"})") >= 0);
}

} // namespace klatch::sockets
