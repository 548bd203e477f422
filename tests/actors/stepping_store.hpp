/// A store that lets a test do something in the middle of an append.
#pragma once

#include "tests/store/forwarding_store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace klatch::test {

/// An append calls, once each, `before_commit` while nothing of it can be read, and `after_commit`
/// when all of it can, and the archive does not know yet.
class stepping_store final : public forwarding_store {
public:
  using forwarding_store::forwarding_store;

  std::function<void()> before_commit;
  std::function<void()> after_commit;
  /// How many messages each append so far was of.
  std::vector<std::size_t> batches;
  /// How many marks of all kinds were set so far.
  std::size_t marks = 0;

  std::vector<store::outcome> append(std::span<const store::operation> batch,
                                     std::int64_t now) override {
    batches.push_back(batch.size());
    if (const auto step = std::exchange(before_commit, nullptr))
      step();
    auto outcomes = forwarding_store::append(batch, now);
    if (const auto step = std::exchange(after_commit, nullptr))
      step();
    return outcomes;
  }
  std::optional<std::uint64_t> mark_read(const user_key& reader, const conversation_id& in,
                                         std::uint64_t n) override {
    ++marks;
    return forwarding_store::mark_read(reader, in, n);
  }
  store::delivery_step mark_delivered(const user_key& user, std::uint64_t seq,
                                      std::size_t limit) override {
    ++marks;
    return forwarding_store::mark_delivered(user, seq, limit);
  }
  void mark_legacy_delivered(const user_key& user, std::uint64_t seq) override {
    ++marks;
    forwarding_store::mark_legacy_delivered(user, seq);
  }
};

} // namespace klatch::test
