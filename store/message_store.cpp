#include "store/message_store.hpp"

namespace klatch::store {

namespace {

mark_outcome apply(message_store& to, const read_mark& what) {
  return {.read = to.mark_read(what.reader, what.in, what.n)};
}
mark_outcome apply(message_store& to, const delivered_mark& what) {
  return {.delivered = to.mark_delivered(what.user, what.seq, what.limit)};
}
mark_outcome apply(message_store& to, const legacy_mark& what) {
  to.mark_legacy_delivered(what.user, what.seq);
  return {};
}

} // namespace

std::vector<mark_outcome> message_store::apply_marks(std::span<const any_mark> marks) {
  std::vector<mark_outcome> result;
  result.reserve(marks.size());
  for (const auto& each : marks)
    result.push_back(std::visit([this](const auto& what) { return apply(*this, what); }, each));
  return result;
}

std::vector<inbox_state> message_reader::inboxes(std::span<const user_key> users) {
  std::vector<inbox_state> result;
  result.reserve(users.size());
  for (const auto& each : users)
    result.push_back(inbox(each));
  return result;
}

std::vector<std::uint64_t> message_reader::heads(std::span<const user_key> users) {
  std::vector<std::uint64_t> result;
  result.reserve(users.size());
  for (const auto& each : inboxes(users))
    result.push_back(each.head);
  return result;
}

} // namespace klatch::store
