#include "store/postgres/postgres_store.hpp"

#include "store/postgres/postgres_appender.hpp"
#include "store/postgres/postgres_marks.hpp"
#include "store/postgres/postgres_profiles.hpp"
#include "store/postgres/postgres_reader.hpp"
#include "store/postgres/postgres_trimmer.hpp"
#include "store/postgres/writer_session.hpp"

#include <algorithm>
#include <utility>

namespace klatch::store {

namespace {

class postgres_store final : public message_store {
public:
  explicit postgres_store(std::shared_ptr<postgres_node> node)
      : node_(std::move(node)), session_(*node_), appender_(session_), marks_(session_),
        profiles_(session_), trimmer_(session_) {}

  std::string epoch() const override { return node_->epoch(); }

  std::vector<outcome> append(std::span<const operation> batch, std::int64_t now) override {
    return appender_.append(batch, now);
  }
  std::optional<std::uint64_t> mark_read(const user_key& reader, const conversation_id& in,
                                         std::uint64_t n) override {
    return apply(read_mark{reader, in, n}).read;
  }
  delivery_step mark_delivered(const user_key& user, std::uint64_t seq,
                               std::size_t limit) override {
    return apply(delivered_mark{user, seq, limit}).delivered;
  }
  void mark_legacy_delivered(const user_key& user, std::uint64_t seq) override {
    apply(legacy_mark{user, seq});
  }
  std::vector<mark_outcome> apply_marks(std::span<const any_mark> marks) override {
    return marks_.apply(marks);
  }
  bool collects_marks() const noexcept override { return true; }
  void note_profile(const user_key& user, const profile& now) override {
    profiles_.note(user, now);
  }
  upkeep_result upkeep(const std::optional<expiry>& expired) override;
  std::uint64_t last_mid() const override { return node_->last_mid(); }
  std::unique_ptr<message_reader> make_reader() override {
    return std::make_unique<postgres_reader>(node_->options());
  }
  std::optional<store_change> check_files() override { return node_->take_report(); }

private:
  mark_outcome apply(const any_mark& one) { return std::move(marks_.apply({&one, 1}).front()); }

  std::shared_ptr<postgres_node> node_;
  writer_session session_;
  postgres_appender appender_;
  postgres_marks marks_;
  postgres_profiles profiles_;
  postgres_trimmer trimmer_;
};

std::optional<std::chrono::milliseconds>
soonest(const std::optional<std::chrono::milliseconds>& one,
        const std::optional<std::chrono::milliseconds>& other) {
  return one && other ? std::min(*one, *other) : one ? one : other;
}

upkeep_result postgres_store::upkeep(const std::optional<expiry>& expired) {
  constexpr auto at_once = std::chrono::milliseconds::zero();
  const auto& options = node_->options();
  session_.names().evict(options.cache_limit);
  if (const auto now = options.time.steady(); profiles_.wait(now) == at_once)
    profiles_.save(now);
  session_.look();
  upkeep_result result;
  if (expired) {
    result.too_many = expired->unless_one_in > 0 && trimmer_.many(*expired);
    if (!result.too_many)
      trimmer_.trim(*expired, result);
  }
  result.again_in = result.more_expired
                        ? at_once
                        : soonest(profiles_.wait(options.time.steady()), session_.look_again_in());
  return result;
}

} // namespace

std::unique_ptr<message_store> make_postgres_store(std::shared_ptr<postgres_node> node) {
  return std::make_unique<postgres_store>(std::move(node));
}

} // namespace klatch::store
