#include "actors/archive/retention.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace klatch::actors {

namespace {

constexpr int marks_of_a_period = 64;

std::int64_t offset_of(const moment& now) { return now.wall - now.own.count(); }

} // namespace

retention::retention(milliseconds keep, const moment& start, std::uint64_t last_mid)
    : keep_(keep), before_start_(last_mid), marks_{{start.own, last_mid}},
      offset_(offset_of(start)), since_(start.own) {}

void retention::stored(milliseconds own, std::uint64_t last_mid) {
  // The newest one moves on until it is far enough from the one before.
  if (marks_.size() > 1 && own - marks_[marks_.size() - 2].own < keep_ / marks_of_a_period)
    marks_.back() = {own, last_mid};
  else
    marks_.push_back({own, last_mid});
  while (marks_.size() > 1 && own - marks_[1].own >= keep_)
    marks_.pop_front();
}

std::optional<std::chrono::milliseconds> retention::look(const moment& now) {
  const milliseconds jump{offset_of(now) - offset_};
  if (std::abs(jump.count()) <= milliseconds{tolerance}.count()) {
    jump_reported_ = jump_reported_ && now.own - since_ < steady_after;
    return std::nullopt;
  }
  offset_ = offset_of(now);
  since_ = now.own;
  return std::exchange(jump_reported_, true) ? std::nullopt : std::optional{jump};
}

std::optional<store::expiry> retention::expired(const moment& now) const {
  if (now.own - since_ < steady_after)
    return std::nullopt;
  auto through = before_start_;
  for (const auto& each : marks_)
    if (now.own - each.own >= keep_)
      through = std::max(through, each.last_mid);
  return store::expiry{now.wall - keep_.count(), through};
}

} // namespace klatch::actors
