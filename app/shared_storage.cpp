#include "app/shared_storage.hpp"

#include "app/built_with.hpp"
#include "app/config_error.hpp"
#include "messages/auth/key_text.hpp"
#include "messages/bus/bus_frame.hpp"
#include "net/bus/nats_bus.hpp"
#include "net/bus/postgres_bus.hpp"
#include "store/postgres/postgres_check.hpp"
#include "store/postgres/postgres_cluster.hpp"
#include "store/postgres/postgres_control.hpp"

#include <cstdint>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>

namespace klatch::app {

namespace {

/// Those that do not read inboxes for who signs in.
constexpr unsigned other_readers = 2;

std::shared_ptr<actors::bus_link> nats_link_of(const config& options, const std::string& cluster) {
  try {
    auto address = net::parse_nats_address(options.bus.url);
    auto name = cluster.empty() ? address.cluster : cluster;
    return net::make_nats_bus(
        {.address = std::move(address), .cluster = std::move(name), .node = node_name(options)});
  } catch (const std::invalid_argument& reason) {
    throw config_error(std::string{"--bus: "} + reason.what());
  }
}

std::shared_ptr<actors::bus_link> link_of(const config& options,
                                          const store::postgres_cluster& cluster) {
  switch (options.bus.kind) {
  case bus_kind::none:
    return nullptr;
  case bus_kind::postgres:
    return net::make_postgres_bus({.database = database_of(options)});
  case bus_kind::nats:
    break;
  }
  return nats_link_of(options, cluster.id());
}

} // namespace

void require_built(cluster_library /*which*/, std::string_view /*before*/) {}

std::string_view missing_libraries() noexcept { return {}; }

storage open_shared_storage(const config& options) {
  auto cluster = store::open_postgres_cluster(database_of(options));
  storage result;
  for (unsigned lane = 0; lane < options.store_lanes; ++lane)
    result.lanes.push_back(cluster.make_store());
  result.readers = options.store_readers - other_readers;
  result.cluster =
      actors::cluster_access{.lease = cluster.make_membership(node_name(options), bus_version),
                             .link = link_of(options, cluster),
                             .signs = std::make_shared<actors::node_signs>()};
  return result;
}

storage join_without_store(const config& options) {
  std::random_device random;
  std::uniform_int_distribution<std::uint64_t> lives{1};
  storage result;
  result.cluster = actors::cluster_access{.lease = nullptr,
                                          .link = nats_link_of(options, {}),
                                          .signs = std::make_shared<actors::node_signs>(),
                                          .incarnation = lives(random)};
  return result;
}

store::postgres_options database_of(const config& options) {
  store::postgres_options result;
  result.url = options.store.url;
  result.node = node_name(options);
  return result;
}

store_findings check_shared_store(const config& options) {
  const store::postgres_options database{.url = options.store.url};
  return {store::server_of(database), store::check_postgres(database)};
}

std::string revoke_in_store(const config& options, const std::optional<user_key>& user) {
  store::postgres_control database{database_of(options)};
  try {
    if (user)
      database.revoke(*user);
    else
      database.replace_guest_secret(make_secret_text({}));
  } catch (const store::uncertain& lost) {
    throw config_error(std::string{"revoke: it is not known whether it was done: "} + lost.what() +
                       "; do it again");
  } catch (const store::unavailable& failed) {
    throw config_error(std::string{"revoke: nothing was done: "} + failed.what());
  }
  return database.server();
}

} // namespace klatch::app
