#include "store/postgres/postgres_cluster.hpp"

#include "store/postgres/postgres_membership.hpp"
#include "store/postgres/postgres_node.hpp"
#include "store/postgres/postgres_reader.hpp"
#include "store/postgres/postgres_store.hpp"

#include <utility>

namespace klatch::store {

postgres_cluster::postgres_cluster(std::shared_ptr<postgres_node> node) : node_(std::move(node)) {}
postgres_cluster::~postgres_cluster() = default;
postgres_cluster::postgres_cluster(postgres_cluster&&) noexcept = default;
postgres_cluster& postgres_cluster::operator=(postgres_cluster&&) noexcept = default;

std::unique_ptr<message_store> postgres_cluster::make_store() { return make_postgres_store(node_); }

std::unique_ptr<message_reader> postgres_cluster::make_reader() {
  return std::make_unique<postgres_reader>(node_->options());
}

std::unique_ptr<membership> postgres_cluster::make_membership(std::string name, unsigned speaks) {
  return make_postgres_membership(node_, std::move(name), speaks);
}

std::string postgres_cluster::id() const { return node_->cluster(); }

std::string postgres_cluster::epoch() const { return node_->epoch(); }

std::uint64_t postgres_cluster::incarnation() const noexcept { return node_->lease().current(); }

postgres_cluster open_postgres_cluster(postgres_options options) {
  return postgres_cluster{std::make_shared<postgres_node>(std::move(options))};
}

} // namespace klatch::store
