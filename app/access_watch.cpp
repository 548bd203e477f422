#include "app/access_watch.hpp"

#include "app/access.hpp"
#include "app/config_error.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace klatch::app {

namespace {

/// With the keys of `from`, but for those whose names files have.
access_rules_ptr with_keys_of(const access_rules& of_files, const key_source& from) {
  auto whole = std::make_shared<access_rules>(of_files);
  whole->wanted = from.wanted;
  if (!from.keys)
    return whole;
  for (const auto& key : *from.keys) {
    const auto same = [&](const token_key& each) { return each.kid == key.kid; };
    if (std::any_of(of_files.keys.begin(), of_files.keys.end(), same))
      spdlog::warn("{} has a key of the name {}, which a file of --keys has too: that in the file "
                   "counts",
                   from.address, key.kid);
    else
      whole->keys.push_back(key);
  }
  return whole;
}

} // namespace

access_watch::access_watch(boost::asio::io_context& loop, const config& options,
                           trusted_authorities trusted, wanted_keys::times when,
                           shared_access* shared)
    : shared_(shared), guests_(options, shared),
      keys_(std::move(trusted), when, [this, &loop](std::function<void()> in_force) {
        boost::asio::post(loop, [this, in_force = std::move(in_force)] { use_changed(in_force); });
      }) {
  if (shared_ == nullptr)
    return;
  shared_->on_change([this, &loop] {
    boost::asio::post(loop, [this] {
      use_changed([] {
        spdlog::info("what the store says of revoked users and of guests has changed, and counts");
      });
    });
  });
}

access_watch::prepared access_watch::begin(const config& options) {
  auto of_files = rules_of_files(options);
  auto source = options.jwks.empty() ? key_source{} : keys_.open(options.jwks);
  auto all = whole(*of_files, source);
  return {std::move(of_files), std::move(source), std::move(all)};
}

access_watch::prepared access_watch::prepare(const config& next) {
  auto now = keys_.source();
  if (now.address != next.jwks) {
    auto other = begin(next);
    if (!other.fetched.fault.empty())
      throw config_error("--jwks: " + next.jwks + ' ' + other.fetched.fault);
    return other;
  }
  auto of_files = rules_of_files(next);
  auto all = whole(*of_files, now);
  return {std::move(of_files), std::move(now), std::move(all)};
}

void access_watch::take(prepared next) {
  of_files_ = std::move(next.of_files);
  keys_.watch(std::move(next.fetched));
}

access_rules_ptr access_watch::rules_of_files(const config& options) {
  return guests_.add(read_access(options), options);
}

access_rules_ptr access_watch::whole(const access_rules& of_files,
                                     const key_source& fetched) const {
  auto result = with_keys_of(of_files, fetched);
  return shared_ == nullptr ? result : shared_->add_to(result);
}

void access_watch::use_changed(const std::function<void()>& in_force) {
  if (of_files_ && on_change_)
    on_change_(whole(*of_files_, keys_.source()), in_force);
}

} // namespace klatch::app
