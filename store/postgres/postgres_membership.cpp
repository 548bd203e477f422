#include "store/postgres/postgres_membership.hpp"

#include <utility>

namespace klatch::store {

namespace {

class postgres_membership final : public membership {
public:
  explicit postgres_membership(std::shared_ptr<postgres_node> node) : node_(std::move(node)) {}

  cluster_view renew(const node_state& now) override {
    auto view = node_->lease().renew(now);
    node_->set_epoch(view.epoch);
    return view;
  }

  void leave() override { node_->lease().leave(); }

private:
  std::shared_ptr<postgres_node> node_;
};

} // namespace

std::unique_ptr<membership> make_postgres_membership(std::shared_ptr<postgres_node> node,
                                                     std::string name, unsigned speaks) {
  node->lease().introduce(std::move(name), speaks);
  return std::make_unique<postgres_membership>(std::move(node));
}

} // namespace klatch::store
