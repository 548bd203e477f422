#include "app/shared_access.hpp"

#include "app/config_error.hpp"
#include "app/guest_key.hpp"
#include "app/shared_storage.hpp"
#include "messages/auth/key_text.hpp"
#include "store/cannot_open.hpp"
#include "store/postgres/postgres_control.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>

namespace klatch::app {

namespace {

/// Where the file in `folder` has another key, which nobody uses.
void warn_of_other_key(const std::filesystem::path& folder, const token_key& shared) {
  try {
    const auto own = read_guest_secret(folder);
    if (own && guest_key_of(*own).material != shared.material)
      spdlog::warn("{} is not used: the guests' key is in the store, and another one; the file can "
                   "be deleted",
                   (folder / guest_key_file).string());
  } catch (const config_error&) {
    return; // What is wrong with it is wrong with nothing that is used.
  }
}

} // namespace

shared_access::shared_access(const store::postgres_options& database)
    : database_(std::make_shared<store::postgres_control>(database)) {
  try {
    read();
  } catch (const store::unavailable& failed) {
    throw store::cannot_open{failed.what()};
  }
}

std::shared_ptr<const shared_access::known> shared_access::now() const {
  const std::lock_guard guard{mutex_};
  return known_;
}

/// `asking_` is locked, or nobody else is there yet.
void shared_access::read() {
  auto found = std::make_shared<known>();
  found->state = database_->read();
  database_->close(); // It may be long until the next time.
  try {
    if (!found->state.guest_secret.empty())
      found->guests = guest_key_of(found->state.guest_secret);
  } catch (const bad_key& wrong) {
    throw store::unavailable{"the guests' key in " + database_->server() + ' ' + wrong.what() +
                             ": klatch revoke --guests makes another"};
  }
  const std::lock_guard guard{mutex_};
  known_ = std::move(found);
}

void shared_access::follow(std::uint64_t number) {
  const std::lock_guard guard{asking_};
  if (now()->state.number == number)
    return;
  read();
  if (on_change_)
    on_change_();
}

access_rules_ptr shared_access::add_to(const access_rules_ptr& rules) const {
  const auto from = now();
  if (rules->open() || (from->state.revoked.empty() && !rules->guests))
    return rules;
  auto result = std::make_shared<access_rules>(*rules);
  for (const auto& each : from->state.revoked) {
    auto& since = result->not_before[each.user];
    since = std::max(since, each.since);
  }
  if (result->guests && from->guests)
    result->guests->key = *from->guests;
  return result;
}

token_key shared_access::guest_key(const std::filesystem::path& folder) {
  if (const auto found = now(); found->guests) {
    warn_of_other_key(folder, *found->guests);
    return *found->guests;
  }
  const auto own = read_guest_secret(folder);
  try {
    const std::lock_guard guard{asking_};
    database_->offer_guest_secret(own ? *own : make_secret_text({}));
    read();
    if (on_change_) // More may be new than the key.
      on_change_();
  } catch (const store::unavailable& failed) {
    throw config_error(std::string{"--guests: their key cannot be put into the store: "} +
                       failed.what());
  }
  auto shared = now()->guests.value();
  warn_of_other_key(folder, shared);
  return shared;
}

std::unique_ptr<shared_access> open_shared_access(const config& options) {
  if (options.store.kind != store_kind::postgres)
    return nullptr;
  return std::make_unique<shared_access>(database_of(options));
}

} // namespace klatch::app
