#include "store/sqlite/trimmer.hpp"

#include <algorithm>

namespace klatch::store {

trimmer::trimmer(database& target)
    : target_(target), first_(target, "SELECT pos, ts FROM log ORDER BY pos LIMIT 1"),
      ts_at_(target, "SELECT ts FROM log WHERE pos=?"),
      oldest_(target, "SELECT pos, ts, conversation, n, sender, recipient, from_seq, to_seq, cid "
                      "FROM log WHERE pos<=? ORDER BY pos LIMIT ?"),
      delete_log_(target, "DELETE FROM log WHERE pos=?"),
      delete_inbox_(target, "DELETE FROM inbox WHERE user=? AND seq=?"),
      delete_thread_(target, "DELETE FROM thread WHERE conversation=? AND n=?"),
      delete_cid_(target, "DELETE FROM cids WHERE sender=? AND cid=? AND pos=?"),
      delete_recent_(target, "DELETE FROM recent WHERE user=? AND last_pos=?") {}

bool trimmer::any(const expiry& what) {
  auto row = first_.query();
  return row.next() && row.number(0) <= what.through && row.integer(1) < what.before;
}

bool trimmer::many(const expiry& what, std::uint64_t one_in, std::uint64_t last) {
  auto first = first_.query();
  if (!first.next())
    return false;
  const auto pos = first.number(0) + (last + 1 - first.number(0)) / one_in;
  auto row = ts_at_.query(pos);
  return pos <= what.through && row.next() && row.integer(0) < what.before;
}

std::size_t trimmer::trim(const expiry& what, std::uint64_t watermark, std::size_t limit) {
  const auto found = find(what, watermark, limit);
  if (found.empty())
    return 0;
  transaction change{target_, transaction::kind::write};
  for (const auto& each : found)
    forget(each);
  change.commit();
  return found.size();
}

std::vector<trimmer::oldest_message> trimmer::find(const expiry& what, std::uint64_t watermark,
                                                   std::size_t limit) {
  std::vector<oldest_message> result;
  auto rows = oldest_.query(std::min(watermark, what.through), static_cast<std::uint64_t>(limit));
  while (rows.next() && rows.integer(1) < what.before)
    result.push_back({rows.number(0), rows.number(2), rows.number(3), rows.number(4),
                      rows.number(5), rows.number(6), rows.number(7), std::string{rows.text(8)}});
  return result;
}

void trimmer::forget(const oldest_message& gone) {
  delete_inbox_.run(gone.sender, gone.from_seq);
  if (gone.recipient != gone.sender)
    delete_inbox_.run(gone.recipient, gone.to_seq);
  delete_thread_.run(gone.conversation, gone.n);
  if (!gone.cid.empty())
    delete_cid_.run(gone.sender, gone.cid, gone.pos);
  // There is a row only if this was the conversation's last message.
  delete_recent_.run(gone.sender, gone.pos);
  delete_recent_.run(gone.recipient, gone.pos);
  delete_log_.run(gone.pos);
}

} // namespace klatch::store
