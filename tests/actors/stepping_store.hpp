/// A store that lets a test do something in the middle of an append.
#pragma once

#include "store/message_store.hpp"

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

/// Passes everything on to `inner`. An append calls, once each, `before_commit` while nothing of it
/// can be read, and `after_commit` when all of it can, and the archive does not know yet.
class stepping_store final : public store::message_store {
public:
  explicit stepping_store(std::unique_ptr<store::message_store> inner) : inner_(std::move(inner)) {}

  std::function<void()> before_commit;
  std::function<void()> after_commit;
  /// How many messages each append so far was of.
  std::vector<std::size_t> batches;
  /// How many marks of all kinds were set so far.
  std::size_t marks = 0;

  const std::string& epoch() const noexcept override { return inner_->epoch(); }
  std::vector<store::outcome> append(std::span<const store::draft> batch,
                                     std::int64_t now) override {
    batches.push_back(batch.size());
    if (const auto step = std::exchange(before_commit, nullptr))
      step();
    auto outcomes = inner_->append(batch, now);
    if (const auto step = std::exchange(after_commit, nullptr))
      step();
    return outcomes;
  }
  std::optional<std::uint64_t> mark_read(const user_key& reader, const user_id& with,
                                         std::uint64_t n) override {
    ++marks;
    return inner_->mark_read(reader, with, n);
  }
  store::delivery_step mark_delivered(const user_key& user, std::uint64_t seq,
                                      std::size_t at_most) override {
    ++marks;
    return inner_->mark_delivered(user, seq, at_most);
  }
  void mark_plain(const user_key& user, std::uint64_t seq) override {
    ++marks;
    inner_->mark_plain(user, seq);
  }
  void note_profile(const user_key& user, const store::profile& now) override {
    inner_->note_profile(user, now);
  }
  bool tidy() override { return inner_->tidy(); }
  std::uint64_t last_mid() const override { return inner_->last_mid(); }
  bool many_expired(const store::expiry& what, std::uint64_t one_in) override {
    return inner_->many_expired(what, one_in);
  }
  std::size_t trim(const store::expiry& what, std::size_t at_most) override {
    return inner_->trim(what, at_most);
  }
  std::unique_ptr<store::message_reader> make_reader() override { return inner_->make_reader(); }

private:
  std::unique_ptr<store::message_store> inner_;
};

} // namespace klatch::test
