// Pages of a conversation, and lists of conversations.
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/model/model.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace klatch::simulation {

namespace {

const question* question_of(const device_state& by, const frame_view& frame) {
  const auto found = by.questions.find(std::string{frame.string("ref")});
  return found == by.questions.end() ? nullptr : &found->second;
}

/// A page of a conversation, as far as its numbers tell.
struct page {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t count = 0;
};

page read_page(model& of, const device_state& by, const frame_view& frame, const question& asked) {
  page result;
  frame.for_each("messages", [&](const frame_view& each) {
    const auto which = of.read_message(by, each, true, "history");
    const auto& message = of.book.messages[which];
    if (message.from != asked.with && message.to != asked.with)
      throw failure{by.name() + " is sent a page of another conversation"};
    const auto n = message.n;
    if (result.count++ == 0)
      result.first = n;
    else if (n != result.last + 1)
      throw failure{by.name() + " is sent a page with a gap after " + std::to_string(result.last)};
    result.last = n;
  });
  return result;
}

/// An unread count that nobody could have better: the other's messages beyond the own mark.
void check_unread(const model& of, const device_state& by, const user& with, std::uint64_t last,
                  std::uint64_t read, std::uint64_t unread) {
  std::uint64_t count = 0;
  for (auto n = read + 1; n <= last; ++n) {
    const auto which = of.book.numbered(by.who, &with, n);
    if (!which)
      return; // Nobody has been told of that one yet.
    if (of.book.messages[*which].from != by.who)
      ++count;
  }
  if (count != unread)
    throw failure{by.name() + " is told that " + std::to_string(unread) + " messages of " +
                  with.name() + " are unread, and it is " + std::to_string(count)};
}

struct shown_mark {
  mark what;
  const char* field;
};
constexpr std::array shown_marks{shown_mark{mark::read, "read"},
                                 shown_mark{mark::peer_read, "peer_read"},
                                 shown_mark{mark::peer_delivered, "peer_delivered"}};

void check_marks(model& of, const device_state& by, const frame_view& row, const user& with,
                 const question& asked, std::uint64_t last) {
  for (const auto& [what, field] : shown_marks) {
    const auto n = row.number(field).value_or(0);
    const auto known = asked.known_marks.find({&with, what});
    if (known != asked.known_marks.end() && n < known->second)
      throw failure{by.name() + " is told that " + field + " with " + with.name() + " falls from " +
                    std::to_string(known->second) + " to " + std::to_string(n)};
    if (n > last)
      throw failure{by.name() + " is told of a mark beyond the end with " + with.name()};
    of.learn_mark(*by.who, with, what, n);
    // A mark that has risen since the list's moment counts up to its last message, whose ever it
    // is.
    if (what == mark::peer_delivered && n > 0 && n < last && &with != by.who)
      check_delivered(of, by, with, n);
  }
  check_unread(of, by, with, last, row.number("read").value_or(0),
               row.number("unread").value_or(0));
}

/// Whoever had a message before the question is on the page where that message stands, unless there
/// has been another one since.
void check_nobody_is_left_out(const model& of, const device_state& by, const question& asked,
                              const std::set<const user*>& seen, std::uint64_t last) {
  const auto now = of.book.last_mids(*by.who);
  const auto is_under_way = [&](const user* with) {
    return std::any_of(of.book.messages.begin(), of.book.messages.end(), [&](const auto& each) {
      return each.heard && each.mid == 0 &&
             conversation_of(each.from, each.to) == conversation_of(by.who, with);
    });
  };
  for (const auto& [with, mid] : asked.known_last) {
    const auto latest = now.find(with);
    const bool moved = latest == now.end() || latest->second != mid || is_under_way(with);
    const bool is_before = asked.before && (mid >= *asked.before || moved);
    if (mid > last && !is_before && !seen.contains(with))
      throw failure{by.name() + " is not told of its conversation with " + with->name()};
  }
}

} // namespace

void check_history(model& of, const device_state& by, const frame_view& frame) {
  if (frame.type() != "history")
    return;
  const auto* asked = question_of(by, frame);
  if (asked == nullptr || asked->what != question::kind::history)
    throw failure{by.name() + " is sent a page that it has not asked for"};
  if (frame.string("with") != asked->with->id || frame.number("before") != asked->before ||
      frame.number("after") != asked->after)
    throw failure{by.name() + " is sent a page that says that it was asked for otherwise"};
  if (of.chosen.store == store_kind::none)
    return;
  const auto got = read_page(of, by, frame, *asked);
  const bool more = frame.flag("more");
  const auto end = asked->before ? *asked->before - 1 : UINT64_MAX;
  if (got.count > asked->limit || got.last > end ||
      (asked->after && got.count > 0 && got.first != *asked->after + 1))
    throw failure{by.name() + " is sent another part than it has asked for"};
  // Whoever asks sees at least what had been told before.
  const auto expected = std::min(end, asked->known_n);
  if (asked->after && !more && expected > *asked->after && got.last < expected)
    throw failure{by.name() + " is told that there is no more, and there is up to " +
                  std::to_string(expected)};
  if (!asked->after && got.last < expected)
    throw failure{by.name() + " is sent a page that ends at " + std::to_string(got.last) +
                  " instead of " + std::to_string(expected)};
  if (!asked->after && got.count > 0 && more != (got.first > 1))
    throw failure{by.name() + (more ? " is told that there is more, and there is not"
                                    : " is told that there is no more, and there is")};
  if (got.count == 0 && more)
    throw failure{by.name() + " is sent an empty page with more behind it"};
  reached(more ? "a page with more behind it" : "the last page");
}

void check_conversations(model& of, const device_state& by, const frame_view& frame) {
  if (frame.type() != "conversations" || of.chosen.store == store_kind::none)
    return;
  const auto* asked = question_of(by, frame);
  if (asked == nullptr || asked->what != question::kind::conversations)
    throw failure{by.name() + " is sent a list that it has not asked for"};
  auto before = asked->before.value_or(UINT64_MAX);
  std::uint64_t count = 0;
  auto seen = asked->listed;
  frame.for_each("conversations", [&](const frame_view& row) {
    const auto* with = of.find(*by.who, row.string("with"));
    if (with == nullptr)
      throw failure{by.name() + " is told of a conversation with nobody"};
    row.inside("last", [&](const frame_view& last) {
      const auto which = of.read_message(by, last, true, "list");
      const auto& message = of.book.messages[which];
      if (conversation_of(message.from, message.to) != conversation_of(by.who, with))
        throw failure{by.name() + " is told of a last message of another conversation"};
      if (message.mid >= before)
        throw failure{by.name() + " is sent conversations out of order"};
      before = message.mid;
      check_marks(of, by, row, *with, *asked, message.n);
    });
    if (!seen.insert(with).second)
      throw failure{by.name() + " is told twice of " + with->name() + " in one list"};
    ++count;
  });
  if (count > asked->limit)
    throw failure{by.name() + " is sent more conversations than it has asked for"};
  check_nobody_is_left_out(of, by, *asked, seen, frame.flag("more") ? before : 0);
  reached(frame.flag("more") ? "a list with more behind it" : "a whole list");
}

} // namespace klatch::simulation
