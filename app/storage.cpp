#include "app/storage.hpp"

#include "app/shared_storage.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <climits>

#include <array>
#include <string>
#include <unistd.h>

namespace klatch::app {

std::string node_name(const config& options) {
  if (!options.node.empty())
    return options.node;
  std::array<char, HOST_NAME_MAX + 1> host{};
  ::gethostname(host.data(), host.size() - 1);
  return std::string{host.data()} + ':' + std::to_string(options.listen.front().port);
}

storage open_storage(const config& options) {
  switch (options.store.kind) {
  case store_kind::none:
    return options.bus.kind == bus_kind::nats ? join_without_store(options) : storage{};
  case store_kind::sqlite:
    return store::open_sqlite_store(options.data, options.sqlite);
  case store_kind::postgres:
    break;
  }
  return open_shared_storage(options);
}

} // namespace klatch::app
