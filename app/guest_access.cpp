#include "app/guest_access.hpp"

#include "app/guest_key.hpp"
#include "app/values.hpp"
#include "messages/auth/key_text.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace klatch::app {

guest_access::guest_access(const config& options, shared_access* shared) : shared_(shared) {
  if (options.store.kind != store_kind::none)
    folder_ = options.data;
}

token_key guest_access::key() {
  if (shared_ != nullptr)
    return shared_->guest_key(*folder_);
  if (!folder_) {
    if (!kept_)
      kept_ = guest_key_of(make_secret_text({}));
    return *kept_;
  }
  auto found = read_guest_secret(*folder_);
  if (!found) {
    make_guest_key(*folder_);
    found = read_guest_secret(*folder_);
  }
  return guest_key_of(found.value());
}

access_rules_ptr guest_access::add(const access_rules_ptr& rules, const config& options) {
  if (!options.guests)
    return rules;
  auto result = std::make_shared<access_rules>(*rules);
  auto& guests = result->guests.emplace();
  guests.key = key();
  for (const auto& each : options.guest_contacts)
    if (each == every_contact)
      guests.may_write_to_all = true;
    else
      guests.contacts.insert(each);
  guests.lifetime = std::chrono::seconds{std::chrono::days{options.guest_days}}.count();
  return result;
}

} // namespace klatch::app
