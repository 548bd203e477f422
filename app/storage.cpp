#include "app/storage.hpp"

#include "app/config_error.hpp"
#include "messages/bus/bus_frame.hpp"
#include "net/bus/nats_bus.hpp"
#include "net/bus/postgres_bus.hpp"
#include "store/postgres/postgres_cluster.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <unistd.h>
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

storage open_postgres(const config& options) {
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

/// Nothing is stored, and there may be other nodes like this one.
storage without_store(const config& options) {
  storage result;
  if (options.bus.kind != bus_kind::nats)
    return result;
  std::random_device random;
  std::uniform_int_distribution<std::uint64_t> lives{1};
  result.cluster = actors::cluster_access{.lease = nullptr,
                                          .link = nats_link_of(options, {}),
                                          .signs = std::make_shared<actors::node_signs>(),
                                          .incarnation = lives(random)};
  return result;
}

} // namespace

std::string node_name(const config& options) {
  if (!options.node.empty())
    return options.node;
  std::array<char, HOST_NAME_MAX + 1> host{};
  ::gethostname(host.data(), host.size() - 1);
  return std::string{host.data()} + ':' + std::to_string(options.listen.front().port);
}

store::postgres_options database_of(const config& options) {
  store::postgres_options result;
  result.url = options.store.url;
  result.node = node_name(options);
  return result;
}

storage open_storage(const config& options) {
  switch (options.store.kind) {
  case store_kind::none:
    return without_store(options);
  case store_kind::sqlite:
    return store::open_sqlite_store(options.data, options.sqlite);
  case store_kind::postgres:
    break;
  }
  return open_postgres(options);
}

} // namespace klatch::app
