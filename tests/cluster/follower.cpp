#include "tests/cluster/follower.hpp"

namespace klatch::clustered {

using faults::told_log;

void follower::resume(std::uint64_t head, told_log& log) {
  maybe_ = 0;
  if (head < cursor_)
    log.lost("the inbox of " + user_ + " ends with " + std::to_string(head) + ", and " + device_ +
             " has had " + std::to_string(cursor_));
}

void follower::acknowledged(const std::string& to, const std::string& cid,
                            const told_log::place& where, bool repeated, told_log& log) {
  log.acknowledged(user_, to, cid, where);
  if (where.seq == cursor_ + 1) {
    ++cursor_;
    maybe_ = repeated ? where.seq : 0;
  } else if (own_.erase(where.seq) != 0) {
    late_ += repeated ? 0 : 1;
  } else if (!repeated) {
    const auto what = device_ + ": " + cid + " is acknowledged with seq " +
                      std::to_string(where.seq) + " after " + std::to_string(cursor_);
    where.seq > cursor_ ? log.gap(what) : log.twice(what);
  }
}

void follower::told(const std::string& from, const std::string& to, const std::string& text,
                    const told_log::place& where, told_log& log) {
  log.told(user_, from, to, text, where);
  if (where.seq == cursor_ + 1)
    ++cursor_;
  else if (where.seq > cursor_)
    log.gap(device_ + " was sent seq " + std::to_string(where.seq) + " after " +
            std::to_string(cursor_));
  else if (where.seq != maybe_)
    log.twice(device_ + " was sent seq " + std::to_string(where.seq) + " again");
  maybe_ = 0;
  if (from == user_)
    own_.insert(where.seq);
}

} // namespace klatch::clustered
