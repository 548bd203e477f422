#include "store/memory/memory_store.hpp"

#include "store/page_budget.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

namespace klatch::store {

namespace {

/// Entries without gaps, the oldest of which are forgotten in time.
struct numbered {
  std::uint64_t head = 0;
  std::deque<const stored_message*> entries; ///< the last of them has the number `head`

  std::uint64_t floor() const noexcept { return head + 1 - entries.size(); }
  const stored_message& at(std::uint64_t number) const { return *entries[number - floor()]; }
};

struct inbox_data : numbered {
  std::uint64_t delivered = 0;
  std::uint64_t legacy_delivered = 0;
  std::set<conversation_id> conversations;
};

/// What one of the two users of a conversation has of it.
struct side {
  std::uint64_t sent = 0;
  std::uint64_t read = 0;
  std::uint64_t delivered = 0;
};

struct conversation_data : numbered {
  std::int64_t last_ts = 0;
  std::map<user_id, side> sides;
};

using conversation_key = std::pair<project_id, conversation_id>;

/// The part of `source` beyond `after` and before `before`, from its begin.
template<class Make>
bool read_forward(const numbered& source, std::uint64_t after, std::uint64_t before, bound limit,
                  Make make) {
  if (after >= source.head)
    return false;
  page_budget budget{limit};
  for (auto number = std::max(after + 1, source.floor()); number <= source.head && number < before;
       ++number) {
    if (!budget.take(source.at(number).content.text.size()))
      return true;
    make(number, source.at(number));
  }
  return false;
}

class memory_store final : public message_store {
public:
  explicit memory_store(std::string epoch) : epoch_(std::move(epoch)) {}

  std::string epoch() const override { return epoch_; }

  std::vector<outcome> append(std::span<const operation> batch, std::int64_t now) override;
  std::optional<std::uint64_t> mark_read(const user_key& reader, const conversation_id& in,
                                         std::uint64_t n) override;
  delivery_step mark_delivered(const user_key& user, std::uint64_t seq, std::size_t limit) override;
  void mark_legacy_delivered(const user_key& user, std::uint64_t seq) override;
  void note_profile(const user_key& user, const profile& now) override;
  upkeep_result upkeep(const std::optional<expiry>& expired) override;
  std::uint64_t last_mid() const override;
  std::unique_ptr<message_reader> make_reader() override;

private:
  friend class memory_reader;

  outcome keep(const new_message& one, std::int64_t now);
  bool is_answer(const message_content& content) const;
  void forget(const stored_message& oldest);
  bool many_expired(const expiry& what) const;
  const inbox_data* find_inbox(const user_key& user) const;
  const conversation_data* find_conversation(const conversation_key& key) const;

  std::string epoch_;
  mutable std::mutex mutex_; ///< guards all that follows
  std::uint64_t last_mid_ = 0;
  std::deque<stored_message> log_;
  std::unordered_map<user_key, inbox_data> inboxes_;
  std::map<conversation_key, conversation_data> conversations_;
  std::unordered_map<user_key, std::unordered_map<std::string, message_numbers>> cids_;
  std::unordered_map<user_key, profile> profiles_;
};

class memory_reader final : public message_reader {
public:
  explicit memory_reader(memory_store& source) noexcept : store_(source) {}

  inbox_state inbox(const user_key& user) override;
  bool knows_project(const project_id& project) override;
  bool continues(const user_key& /*user*/, std::string_view epoch,
                 std::uint64_t /*since*/) override {
    return epoch == store_.epoch();
  }
  inbox_page read_inbox(const user_key& user, std::uint64_t after, bound limit) override;
  conversation_page read_conversation(const project_id& project, const conversation_id& which,
                                      range wanted, bound limit) override;
  conversations_page read_conversations(const user_key& user, std::optional<std::uint64_t> before,
                                        bound limit) override;

private:
  memory_store& store_;
};

// -- writing --------------------------------------------------------------------------------------

std::vector<outcome> memory_store::append(std::span<const operation> batch, std::int64_t now) {
  const std::lock_guard guard{mutex_};
  std::vector<outcome> result;
  result.reserve(batch.size());
  for (const auto& each : batch)
    result.push_back(std::visit([&](const auto& what) { return keep(what, now); }, each));
  return result;
}

outcome memory_store::keep(const new_message& one, std::int64_t now) {
  const auto& content = one.content;
  if (!content.conversation.has(content.from))
    return outcome::refuses(error_code::forbidden);
  const user_key sender{content.project, content.from};
  if (!content.cid.empty())
    if (const auto known = cids_.find(sender); known != cids_.end())
      if (const auto first = known->second.find(content.cid); first != known->second.end())
        return outcome::repeats(first->second);

  if (one.only_in_answer && !is_answer(content))
    return outcome::refuses(error_code::forbidden);

  auto& outbox = inboxes_[sender];
  auto& inbox = inboxes_[{content.project, content.to()}];
  auto& conversation = conversations_[{content.project, content.conversation}];
  message_numbers numbers;
  numbers.mid = ++last_mid_;
  numbers.n = ++conversation.head;
  numbers.from_seq = ++outbox.head;
  numbers.to_seq = &inbox == &outbox ? numbers.from_seq : ++inbox.head;
  numbers.ts = conversation.last_ts = std::max(now, conversation.last_ts);

  ++conversation.sides[content.from].sent;
  const auto& stored = log_.emplace_back(stored_message{content, numbers});
  conversation.entries.push_back(&stored);
  outbox.entries.push_back(&stored);
  outbox.conversations.insert(content.conversation);
  if (&inbox != &outbox) {
    inbox.entries.push_back(&stored);
    inbox.conversations.insert(content.conversation);
  }
  if (!content.cid.empty())
    cids_[sender].emplace(content.cid, numbers);
  return outcome::stores(content, numbers);
}

/// Returns true if the recipient, who is somebody else, has written in the conversation before.
bool memory_store::is_answer(const message_content& content) const {
  const auto* found = find_conversation({content.project, content.conversation});
  if (found == nullptr || content.to() == content.from)
    return false;
  const auto other = found->sides.find(content.to());
  return other != found->sides.end() && other->second.sent > 0;
}

std::optional<std::uint64_t> memory_store::mark_read(const user_key& reader,
                                                     const conversation_id& in, std::uint64_t n) {
  const std::lock_guard guard{mutex_};
  const auto found = conversations_.find({reader.project, in});
  if (found == conversations_.end() || !in.has(reader.user))
    return std::nullopt;
  auto& mark = found->second.sides[reader.user].read;
  const auto reached = std::min(n, found->second.head);
  if (reached <= mark)
    return std::nullopt;
  mark = reached;
  return reached;
}

delivery_step memory_store::mark_delivered(const user_key& user, std::uint64_t seq,
                                           std::size_t limit) {
  const std::lock_guard guard{mutex_};
  delivery_step result;
  const auto found = inboxes_.find(user);
  if (found == inboxes_.end())
    return result;
  auto& inbox = found->second;
  const auto goal = std::min(seq, inbox.head);
  std::map<user_id, std::uint64_t> reached;
  std::size_t looked_at = 0;
  for (auto next = std::max(inbox.delivered + 1, inbox.floor()); next <= goal; ++next) {
    if (looked_at++ == limit) {
      result.more = true;
      break;
    }
    inbox.delivered = next;
    const auto& [content, numbers] = inbox.at(next);
    if (content.to() == user.user)
      reached[content.from] = numbers.n;
  }
  if (!result.more)
    inbox.delivered = std::max(inbox.delivered, goal);
  for (const auto& [with, n] : reached) {
    conversations_[{user.project, conversation_id::dialogue(user.user, with)}]
        .sides[user.user]
        .delivered = n;
    result.senders.push_back({with, n});
  }
  return result;
}

void memory_store::mark_legacy_delivered(const user_key& user, std::uint64_t seq) {
  const std::lock_guard guard{mutex_};
  if (const auto found = inboxes_.find(user); found != inboxes_.end())
    found->second.legacy_delivered =
        std::max(found->second.legacy_delivered, std::min(seq, found->second.head));
}

std::uint64_t memory_store::last_mid() const {
  const std::lock_guard guard{mutex_};
  return last_mid_;
}

namespace {

bool has_expired(const stored_message& one, const expiry& what) {
  return one.numbers.ts < what.before && one.numbers.mid <= what.through;
}

} // namespace

upkeep_result memory_store::upkeep(const std::optional<expiry>& expired) {
  upkeep_result result;
  if (!expired)
    return result;
  const std::lock_guard guard{mutex_};
  result.too_many = many_expired(*expired);
  while (!result.too_many && result.forgotten < expired->limit && !log_.empty() &&
         has_expired(log_.front(), *expired)) {
    forget(log_.front());
    log_.pop_front();
    ++result.forgotten;
  }
  result.more_expired = !result.too_many && !log_.empty() && has_expired(log_.front(), *expired);
  return result;
}

bool memory_store::many_expired(const expiry& what) const {
  if (what.unless_one_in == 0)
    return false;
  const auto index = log_.size() / what.unless_one_in;
  return index < log_.size() && has_expired(log_[index], what);
}

void memory_store::note_profile(const user_key& user, const profile& now) {
  const std::lock_guard guard{mutex_};
  profiles_.insert_or_assign(user, now);
}

void memory_store::forget(const stored_message& oldest) {
  const auto& content = oldest.content;
  conversations_[{content.project, content.conversation}].entries.pop_front();
  inboxes_[{content.project, content.from}].entries.pop_front();
  if (content.from != content.to())
    inboxes_[{content.project, content.to()}].entries.pop_front();
  if (!content.cid.empty())
    cids_[{content.project, content.from}].erase(content.cid);
}

const inbox_data* memory_store::find_inbox(const user_key& user) const {
  const auto found = inboxes_.find(user);
  return found == inboxes_.end() ? nullptr : &found->second;
}

const conversation_data* memory_store::find_conversation(const conversation_key& key) const {
  const auto found = conversations_.find(key);
  return found == conversations_.end() ? nullptr : &found->second;
}

std::unique_ptr<message_reader> memory_store::make_reader() {
  return std::make_unique<memory_reader>(*this);
}

// -- reading --------------------------------------------------------------------------------------

inbox_state memory_reader::inbox(const user_key& user) {
  const std::lock_guard guard{store_.mutex_};
  const auto* found = store_.find_inbox(user);
  return found == nullptr
             ? inbox_state{}
             : inbox_state{found->head, found->floor(), found->delivered, found->legacy_delivered};
}

bool memory_reader::knows_project(const project_id& project) {
  const std::lock_guard guard{store_.mutex_};
  return std::any_of(store_.inboxes_.begin(), store_.inboxes_.end(),
                     [&](const auto& each) { return each.first.project == project; });
}

inbox_page memory_reader::read_inbox(const user_key& user, std::uint64_t after, bound limit) {
  const std::lock_guard guard{store_.mutex_};
  inbox_page page;
  if (const auto* found = store_.find_inbox(user))
    page.more = read_forward(*found, after, found->head + 1, limit,
                             [&](std::uint64_t seq, const stored_message& what) {
                               page.entries.push_back({seq, what});
                             });
  return page;
}

conversation_page memory_reader::read_conversation(const project_id& project,
                                                   const conversation_id& which, range wanted,
                                                   bound limit) {
  const std::lock_guard guard{store_.mutex_};
  conversation_page page;
  const auto* found = store_.find_conversation({project, which});
  if (found == nullptr)
    return page;
  const auto before = std::min(wanted.before.value_or(found->head + 1), found->head + 1);
  if (wanted.after) {
    page.more = read_forward(
        *found, *wanted.after, before, limit,
        [&](std::uint64_t, const stored_message& what) { page.messages.push_back(what); });
    return page;
  }
  page_budget budget{limit};
  for (auto n = before; n > found->floor() && !page.more; --n) {
    const auto& what = found->at(n - 1);
    page.more = !budget.take(what.content.text.size());
    if (!page.more)
      page.messages.push_back(what);
  }
  std::reverse(page.messages.begin(), page.messages.end());
  return page;
}

namespace {

side side_of(const conversation_data& conversation, const user_id& user) {
  const auto found = conversation.sides.find(user);
  return found == conversation.sides.end() ? side{} : found->second;
}

conversation_summary summary_for(const conversation_data& conversation, const user_id& user,
                                 const user_id& with) {
  const auto own = side_of(conversation, user);
  const auto other = side_of(conversation, with);
  const auto unread = std::count_if(
      conversation.entries.begin(), conversation.entries.end(),
      [&](const auto* each) { return each->content.from == with && each->numbers.n > own.read; });
  return {with,
          *conversation.entries.back(),
          static_cast<std::uint64_t>(unread),
          own.read,
          other.read,
          other.delivered,
          {}};
}

} // namespace

conversations_page memory_reader::read_conversations(const user_key& user,
                                                     std::optional<std::uint64_t> before,
                                                     bound limit) {
  const std::lock_guard guard{store_.mutex_};
  conversations_page page;
  const auto* inbox = store_.find_inbox(user);
  if (inbox == nullptr)
    return page;
  std::map<std::uint64_t, const conversation_id*, std::greater<>> newest_first;
  for (const auto& id : inbox->conversations) {
    const auto& conversation = *store_.find_conversation({user.project, id});
    if (conversation.entries.empty())
      continue;
    const auto last = conversation.entries.back()->numbers.mid;
    if (!before || last < *before)
      newest_first.emplace(last, &id);
  }
  page_budget budget{limit};
  for (const auto& [mid, id] : newest_first) {
    const auto& conversation = *store_.find_conversation({user.project, *id});
    if (page.more = !budget.take(conversation.entries.back()->content.text.size()); page.more)
      break;
    const auto& with = id->peer_of(user.user);
    auto summary = summary_for(conversation, user.user, with);
    const auto peer = store_.profiles_.find({user.project, with});
    summary.peer = peer == store_.profiles_.end() ? profile::of_nobody(with) : peer->second;
    page.conversations.push_back(std::move(summary));
  }
  return page;
}

} // namespace

std::unique_ptr<message_store> make_memory_store(std::string epoch) {
  return std::make_unique<memory_store>(std::move(epoch));
}

} // namespace klatch::store
