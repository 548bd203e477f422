#include "app/key_set_watch.hpp"

#include "messages/auth/key_text.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

namespace klatch::app {

namespace {

using steady = wanted_keys::clock;

bool is_same_key(const token_key& a, const token_key& b) {
  return a.kid == b.kid && a.algorithm == b.algorithm && a.material == b.material;
}

bool are_same_keys(const key_set_ptr& a, const key_set_ptr& b) {
  return a != nullptr && b != nullptr &&
         std::equal(a->begin(), a->end(), b->begin(), b->end(), is_same_key);
}

fetched_set no_set(std::string why) {
  return fetch_fault{fetch_fault::kind::refused, std::move(why)};
}

fetched_set set_of(const std::string& text) {
  try {
    auto keys = parse_key_set(text);
    if (keys.empty())
      return no_set("has no key that tokens are signed with here (RS256, ES256)");
    return std::make_shared<const std::vector<token_key>>(std::move(keys));
  } catch (const bad_key& error) {
    return no_set(error.what());
  }
}

fetch_outcome outcome_of(const fetched_set& found) {
  const auto* fault = std::get_if<fetch_fault>(&found);
  if (fault == nullptr)
    return fetch_outcome::fetched;
  return fault->what == fetch_fault::kind::refused ? fetch_outcome::refused
                                                   : fetch_outcome::unreachable;
}

std::string fetch_fault_of(const fetched_set& found) {
  const auto* fault = std::get_if<fetch_fault>(&found);
  return fault == nullptr ? std::string{} : fault->text;
}

/// A fault without its details, of which a connection that fails has now these and now those.
std::string_view cause_of(std::string_view fault) { return fault.substr(0, fault.find(':')); }

} // namespace

key_set_watch::key_set_watch(trusted_authorities trusted, wanted_keys::times when,
                             change_handler on_change)
    : trusted_(std::move(trusted)), times_(when), on_change_(std::move(on_change)),
      thread_([this] { run(); }) {}

key_set_watch::~key_set_watch() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

key_source key_set_watch::open(const std::string& address) {
  key_source result;
  result.address = address;
  result.wanted = std::make_shared<wanted_keys>(times_, [this] {
    { const std::lock_guard lock{mutex_}; } // It waits, or has not looked yet.
    woken_.notify_one();
  });
  const auto number = result.wanted->begin_fetch(steady::now());
  const auto found = fetch(address);
  result.fault = fetch_fault_of(found);
  result.wanted->end_fetch(result.fault.empty());
  if (const auto* keys = std::get_if<key_set_ptr>(&found)) {
    result.keys = *keys;
    result.wanted->in_force(number); // Nobody asks before they are.
  }
  const std::lock_guard lock{mutex_};
  count(found);
  return result;
}

void key_set_watch::watch(key_source next) {
  {
    const std::lock_guard lock{mutex_};
    if (next.wanted == source_.wanted) {
      soon_ = next.wanted != nullptr;
    } else {
      source_ = std::move(next);
      soon_ = false;
      counted_.keys.set(source_.keys ? static_cast<std::int64_t>(source_.keys->size()) : 0);
      if (!source_.keys)
        counted_.good_at.set(0);
      if (source_.wanted)
        log(source_.fault);
    }
    counted_.in_use.set(source_.wanted ? 1 : 0);
  }
  woken_.notify_one();
}

key_source key_set_watch::source() const {
  const std::lock_guard lock{mutex_};
  return source_;
}

void key_set_watch::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (!source_.wanted) {
      woken_.wait(lock);
      continue;
    }
    const auto due = source_.wanted->next_fetch();
    if (!soon_ && steady::now() < due) {
      woken_.wait_until(lock, due);
      continue;
    }
    soon_ = false;
    const auto from = source_;
    const auto number = from.wanted->begin_fetch(steady::now());
    lock.unlock();
    const auto found = fetch(from.address);
    lock.lock();
    const bool changed = !stopping_ && take(from, found);
    lock.unlock();
    from.wanted->end_fetch(std::holds_alternative<key_set_ptr>(found));
    const auto in_force = [wanted = from.wanted, number] { wanted->in_force(number); };
    if (changed)
      on_change_(in_force);
    else if (std::holds_alternative<key_set_ptr>(found))
      in_force();
    lock.lock();
  }
}

fetched_set key_set_watch::fetch(const std::string& address) {
  try {
    auto answer = https_get(address, trusted_, stopping_);
    if (auto* fault = std::get_if<fetch_fault>(&answer))
      return std::move(*fault);
    return set_of(std::get<std::string>(answer));
  } catch (const std::exception& error) {
    return fetch_fault{fetch_fault::kind::unreachable,
                       std::string{"cannot be asked: "} + error.what()};
  }
}

bool key_set_watch::take(const key_source& from, const fetched_set& found) {
  if (from.wanted != source_.wanted)
    return false;
  count(found);
  const auto fault = fetch_fault_of(found);
  const auto* keys = std::get_if<key_set_ptr>(&found);
  const bool changed = keys != nullptr && !are_same_keys(*keys, source_.keys);
  if (changed)
    source_.keys = *keys;
  const bool says_something = changed || cause_of(fault) != cause_of(source_.fault);
  source_.fault = fault;
  if (says_something)
    log(fault);
  return changed;
}

void key_set_watch::count(const fetched_set& found) {
  counted_.fetches[outcome_of(found)].add();
  if (const auto* keys = std::get_if<key_set_ptr>(&found)) {
    counted_.keys.set(static_cast<std::int64_t>((*keys)->size()));
    counted_.good_at.set(steady::now().time_since_epoch() / std::chrono::nanoseconds{1});
  }
}

void key_set_watch::log(const std::string& fault) {
  const auto keys = source_.keys ? source_.keys->size() : 0;
  if (fault.empty())
    return spdlog::info("{} has the keys of tokens: {} of them", source_.address, keys);
  spdlog::log(keys == 0 ? spdlog::level::err : spdlog::level::warn,
              "{} {}; {}, and it is asked again every {} s", source_.address, fault,
              keys == 0 ? "until it has keys, tokens of its keys are answered with unavailable"
                        : "the keys that it had before stay in force",
              std::chrono::duration_cast<std::chrono::seconds>(times_.pause).count());
}

} // namespace klatch::app
