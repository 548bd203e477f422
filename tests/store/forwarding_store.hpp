/// A store in front of another one: a test overrides what it wants to see or to change.
#pragma once

#include "store/message_store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace klatch::test {

/// Passes everything on to `inner`.
class forwarding_store : public store::message_store {
public:
  explicit forwarding_store(std::unique_ptr<store::message_store> inner)
      : inner_(std::move(inner)) {}

  std::string epoch() const override { return inner_->epoch(); }
  std::vector<store::outcome> append(std::span<const store::operation> batch,
                                     std::int64_t now) override {
    return inner_->append(batch, now);
  }
  std::optional<std::uint64_t> mark_read(const user_key& reader, const conversation_id& in,
                                         std::uint64_t n) override {
    return inner_->mark_read(reader, in, n);
  }
  store::delivery_step mark_delivered(const user_key& user, std::uint64_t seq,
                                      std::size_t limit) override {
    return inner_->mark_delivered(user, seq, limit);
  }
  void mark_legacy_delivered(const user_key& user, std::uint64_t seq) override {
    inner_->mark_legacy_delivered(user, seq);
  }
  void note_profile(const user_key& user, const store::profile& now) override {
    inner_->note_profile(user, now);
  }
  store::upkeep_result upkeep(const std::optional<store::expiry>& expired) override {
    return inner_->upkeep(expired);
  }
  std::uint64_t last_mid() const override { return inner_->last_mid(); }
  void leave_free(std::uint64_t bytes) override { inner_->leave_free(bytes); }
  std::unique_ptr<store::message_reader> make_reader() override { return inner_->make_reader(); }
  std::optional<store::store_change> check_files() override { return inner_->check_files(); }

private:
  std::unique_ptr<store::message_store> inner_;
};

} // namespace klatch::test
