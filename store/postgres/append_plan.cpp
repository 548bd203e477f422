#include "store/postgres/append_plan.hpp"

#include <algorithm>

namespace klatch::store {

namespace {

constexpr std::uint64_t places_in_a_block = 1024;

/// As arrays of the database count them.
std::uint64_t index_of(std::size_t place) { return place + 1; }

} // namespace

std::uint64_t last_mid_of_block(std::uint64_t block) noexcept {
  return block * places_in_a_block + places_in_a_block - 1;
}

append_plan::append_plan(const std::vector<waiting_message>& batch,
                         const std::vector<found_conversation>& in) {
  add_ids(batch, in);
  raised_.resize(ids_.size());
  low_raised_.resize(ids_.size());
  for (auto& each : rows_) {
    each.conversation = place_of(each.conversation);
    each.sender = place_of(each.sender);
    each.recipient = place_of(each.recipient);
    each.n = ++raised_[each.conversation];
    if (each.low)
      ++low_raised_[each.conversation];
    const auto low_sent = low_raised_[each.conversation];
    each.sent = each.low ? low_sent : each.n - low_sent;
    each.from_seq = ++raised_[each.sender];
    each.to_seq = each.recipient == each.sender ? each.from_seq : ++raised_[each.recipient];
  }
}

/// Rows have ids at first, instead of their places.
void append_plan::add_ids(const std::vector<waiting_message>& batch,
                          const std::vector<found_conversation>& in) {
  rows_.reserve(batch.size());
  ids_.reserve(3 * batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& content = *batch[i].content;
    const auto& conversation = *in[i].conversation;
    const bool from_low = content.from == content.conversation.low();
    const auto& sender = from_low ? *in[i].low : *in[i].high;
    const auto& recipient = from_low ? *in[i].high : *in[i].low;
    rows_.push_back(
        {conversation.id, sender.id, recipient.id, 0, 0, 0, sender.id == conversation.low, 0});
    ids_.insert(ids_.end(), {conversation.id, sender.id, recipient.id});
  }
  std::sort(ids_.begin(), ids_.end());
  ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
}

std::size_t append_plan::place_of(row_id id) const {
  return static_cast<std::size_t>(std::lower_bound(ids_.begin(), ids_.end(), id) - ids_.begin());
}

statement_params append_plan::params(std::uint64_t incarnation, bool check,
                                     std::optional<std::int64_t> now,
                                     const std::vector<waiting_message>& batch) const {
  statement_params result;
  result.number(incarnation).flag(check);
  if (now)
    result.number(*now);
  else
    result.null(postgres_type::number);
  result.numbers(ids_).numbers(raised_).numbers(low_raised_);
  const auto add_column = [&](auto value_of) {
    array_builder column{postgres_type::number};
    for (const auto& each : rows_)
      column.add(std::uint64_t{value_of(each)});
    result.array(column);
  };
  add_column([](const row& each) { return index_of(each.conversation); });
  add_column([](const row& each) { return index_of(each.sender); });
  add_column([](const row& each) { return index_of(each.recipient); });
  add_column([](const row& each) { return each.n; });
  add_column([](const row& each) { return each.from_seq; });
  add_column([](const row& each) { return each.to_seq; });
  add_column([](const row& each) { return each.low ? 1U : 0U; });
  add_column([](const row& each) { return each.sent; });
  const auto add_texts = [&](postgres_type type, auto text_of) {
    array_builder column{type};
    for (const auto& each : batch)
      column.add(std::string_view{text_of(each)});
    result.array(column);
  };
  add_texts(
      postgres_type::bytes, [](const auto& each) -> auto& { return each.cid; });
  add_texts(
      postgres_type::bytes, [](const auto& each) -> auto& { return each.content->name; });
  add_texts(
      postgres_type::bytes, [](const auto& each) -> auto& { return each.content->color; });
  add_texts(
      postgres_type::bytes, [](const auto& each) -> auto& { return each.content->text; });
  return result;
}

message_numbers append_plan::numbers(std::size_t place, std::uint64_t block,
                                     const std::vector<std::uint64_t>& bases,
                                     const std::vector<std::uint64_t>& times) const {
  const auto& each = rows_[place];
  return {.mid = block * places_in_a_block + place,
          .n = bases[each.conversation] + each.n,
          .from_seq = bases[each.sender] + each.from_seq,
          .to_seq = bases[each.recipient] + each.to_seq,
          .ts = static_cast<std::int64_t>(times[each.conversation])};
}

} // namespace klatch::store
