// What shared_storage.cpp, shared_access.cpp and move_store.cpp are in a build with
// `KLATCH_CLUSTER=OFF`. Settings that would lead to them are refused when they are read; what is
// called all the same throws.
#include "app/built_with.hpp"
#include "app/config_error.hpp"
#include "app/move_store.hpp"
#include "app/shared_access.hpp"
#include "app/shared_storage.hpp"

#include <string>

namespace klatch::app {

namespace {

[[noreturn]] void refuse(cluster_library which, std::string_view before = {}) {
  throw config_error(std::string{before} + "this klatch was built without " +
                     (which == cluster_library::postgres ? "PostgreSQL" : "NATS") +
                     " (KLATCH_CLUSTER=OFF)");
}

} // namespace

void require_built(cluster_library which, std::string_view before) { refuse(which, before); }

std::string_view missing_libraries() noexcept { return ", without PostgreSQL and NATS"; }

storage open_shared_storage(const config& /*options*/) { refuse(cluster_library::postgres); }

storage join_without_store(const config& /*options*/) { refuse(cluster_library::nats); }

store_findings check_shared_store(const config& /*options*/) { refuse(cluster_library::postgres); }

std::string revoke_in_store(const config& /*options*/, const std::optional<user_key>& /*user*/) {
  refuse(cluster_library::postgres);
}

int move_store(const config& /*options*/) { refuse(cluster_library::postgres); }

std::unique_ptr<shared_access> open_shared_access(const config& /*options*/) { return nullptr; }

// There is none, so that nobody calls its functions.
void shared_access::follow(std::uint64_t /*number*/) { refuse(cluster_library::postgres); }

access_rules_ptr shared_access::add_to(const access_rules_ptr& /*rules*/) const {
  refuse(cluster_library::postgres);
}

token_key shared_access::guest_key(const std::filesystem::path& /*folder*/) {
  refuse(cluster_library::postgres);
}

} // namespace klatch::app
