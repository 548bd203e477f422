/// A batch of messages as the database's function takes it, and what the function returns.
#pragma once

#include "messages/message_content.hpp"
#include "messages/stored_message.hpp"
#include "store/postgres/postgres_names.hpp"
#include "store/postgres/statement_params.hpp"
#include "store/record_cache.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::store {

/// The highest mid that a message of that block can have.
std::uint64_t last_mid_of_block(std::uint64_t block) noexcept;

/// A message of a batch, on its way into the database.
struct waiting_message {
  std::size_t at; ///< its place in the batch that the store was given
  const message_content* content;
  bool only_in_answer;
  std::string cid; ///< the content's, or one that the store has made
  std::string key; ///< the cid with whose it is
};

/// Numbers are offsets from the counters, which only the database knows: from 1 on.
class append_plan {
public:
  /// `in`: the conversation of each message, with its users, all of which are known; there are at
  /// most 1,000 messages.
  append_plan(const std::vector<waiting_message>& batch, const std::vector<found_conversation>& in);

  /// For `klatch_append`. `now`: nothing for the database's clock.
  statement_params params(std::uint64_t incarnation, bool check, std::optional<std::int64_t> now,
                          const std::vector<waiting_message>& batch) const;

  /// Of the message at `place`; `bases` and `times` are those of the counters.
  message_numbers numbers(std::size_t place, std::uint64_t block,
                          const std::vector<std::uint64_t>& bases,
                          const std::vector<std::uint64_t>& times) const;

  std::size_t counters() const noexcept { return ids_.size(); }
  row_id conversation_of(std::size_t place) const { return ids_[rows_[place].conversation]; }

private:
  struct row {
    std::size_t conversation; ///< places in `ids_`
    std::size_t sender;
    std::size_t recipient;
    std::uint64_t n;
    std::uint64_t from_seq;
    std::uint64_t to_seq;
    bool low; ///< the sender is the low user
    std::uint64_t sent;
  };

  void add_ids(const std::vector<waiting_message>& batch,
               const std::vector<found_conversation>& in);
  std::size_t place_of(row_id id) const;

  std::vector<row_id> ids_; ///< of all counters, each once, ascending
  std::vector<std::uint64_t> raised_;
  std::vector<std::uint64_t> low_raised_;
  std::vector<row> rows_;
};

} // namespace klatch::store
