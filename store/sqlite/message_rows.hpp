/// Messages out of the log.
#pragma once

#include "store/page_budget.hpp"
#include "store/record_cache.hpp"
#include "store/sqlite/database.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace klatch::store {

/// What a statement selects from `log`, called l, to be read with `message_rows::read`.
inline constexpr std::string_view message_columns =
    "l.pos, l.n, l.from_seq, l.to_seq, l.ts, l.sender, l.recipient, l.cid, l.name, l.color, l.text";

class message_rows {
public:
  explicit message_rows(database& source);

  /// Valid until the next call.
  const user_key& user(row_id id);

  /// The message of a row that begins with `message_columns`.
  stored_message read(const cursor& row);

  /// Nothing if it has been forgotten.
  std::optional<stored_message> at(std::uint64_t pos);

  /// Gives `add` the messages of `rows` until the budget is spent; answers whether it was.
  template<class Add>
  bool add_all(cursor rows, page_budget& budget, Add add) {
    while (rows.next()) {
      if (!budget.take(rows.text(text_column).size()))
        return true;
      add(read(rows));
    }
    return false;
  }

  /// The same with those at `positions`.
  template<class Add>
  bool add_all(const std::vector<std::uint64_t>& positions, page_budget& budget, Add add) {
    for (const auto pos : positions)
      if (add_all(by_pos_.query(pos), budget, add))
        return true;
    return false;
  }

private:
  static constexpr int text_column = 10;

  std::unordered_map<row_id, user_key> users_; ///< a bounded number; they never change
  statement user_by_id_;
  statement by_pos_;
};

} // namespace klatch::store
