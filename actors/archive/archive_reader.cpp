#include "actors/archive/archive_reader.hpp"

#include "messages/wire/encode_message.hpp"
#include "messages/wire/encode_pages.hpp"

#include <spdlog/spdlog.h>

#include <map>
#include <string_view>
#include <utility>
#include <variant>

namespace klatch::actors {

namespace {

/// A plain client is replayed what was sent to its user, and not what the user has sent.
inbox_page::entry entry_for(const read_inbox& asked, const store::inbox_entry& entry) {
  const auto& [seq, what] = entry;
  if (asked.speaks == dialect::extended)
    return {seq, encode(what, seq), true};
  return {seq, encode(what.content), what.content.to() == asked.user.user};
}

/// What an answer costs, about, in what it costs to see where an inbox stands.
constexpr std::uint64_t page_cost = 50;
constexpr std::uint64_t conversation_cost = 2;
/// How far those who ask now and then are ahead of those who ask all the time, in the same.
constexpr std::uint64_t asking_head_start = 500;
/// Inboxes that are opened in one call of a store that takes many together.
constexpr std::size_t opened_in_a_call = 1'000;

std::uint64_t cost(const open_inbox& /*asked*/) { return 1; }
std::uint64_t cost(const read_inbox& /*asked*/) { return page_cost; }
std::uint64_t cost(const history_query& asked) { return 1 + asked.limit / 2; }
std::uint64_t cost(const conversations_query& asked) { return 1 + conversation_cost * asked.limit; }
std::uint64_t cost(const run_query& asked) {
  return std::visit([](const auto& each) { return cost(each); }, asked.what);
}

std::uint64_t cost_of(const auto& asked) {
  return std::visit([](const auto& each) { return cost(each); }, asked);
}
const user_key& user_of(const auto& asked) {
  return std::visit([](const auto& each) -> const user_key& { return each.user; }, asked);
}
const connection_actor& asker_of(const auto& asked) {
  return std::visit([](const auto& each) -> const connection_actor& { return each.asker; }, asked);
}
bool is_query(const auto& asked) { return std::holds_alternative<run_query>(asked); }
read_failed::part part_of(const auto& asked) {
  if (is_query(asked))
    return read_failed::part::client_query;
  return std::holds_alternative<read_inbox>(asked) ? read_failed::part::page
                                                   : read_failed::part::inbox;
}

reader_query kind(const open_inbox& /*asked*/) { return reader_query::open; }
reader_query kind(const read_inbox& /*asked*/) { return reader_query::inbox; }
reader_query kind(const history_query& /*asked*/) { return reader_query::history; }
reader_query kind(const conversations_query& /*asked*/) { return reader_query::conversations; }
reader_query kind(const run_query& asked) {
  return std::visit([](const auto& each) { return kind(each); }, asked.what);
}
reader_query kind_of(const auto& asked) {
  return std::visit([](const auto& each) { return kind(each); }, asked);
}

} // namespace

archive_reader::archive_reader(caf::actor_config& cfg,
                               std::unique_ptr<store::message_reader> source,
                               std::shared_ptr<pending_limit> limit, reader_counters& counters,
                               reader_options options)
    : archive_reader_actor::base(cfg), source_(std::move(source)), limit_(std::move(limit)),
      counters_(counters), options_(std::move(options)), waiting_(asking_head_start) {}

archive_reader::behavior_type archive_reader::make_behavior() {
  return {
      [this](open_inbox& asked) { on_ask(std::move(asked)); },
      [this](read_inbox& asked) { on_ask(std::move(asked)); },
      [this](run_query& asked) { on_ask(std::move(asked)); },
      [this](const resolve_ids& asked) {
        answer_to(asked.asker, read_failed::part::ids, [&] { return resolve(asked); });
        limit_->inbox_asks.leave();
      },
      [this](read_heads& asked) { answer_heads(asked); },
      [this](const reading_due&) { answer_next(); },
  };
}

void archive_reader::on_exit() {
  source_.reset();
  waiting_ = fair_queue<user_key, ask>{asking_head_start};
}

void archive_reader::on_ask(ask what) {
  if (waiting_.empty() && mailbox().empty())
    return answer_alone(what);
  const auto user = user_of(what);
  if (is_query(what) && waiting_.size_of(user) >= max_queries) {
    send(asker_of(what), read_failed{read_failed::part::client_query});
    return slots_of(what).leave();
  }
  if (waiting_.empty()) // This comes behind all that is in the mailbox now.
    send(this, reading_due{});
  const auto cost = cost_of(what);
  waiting_.push(user, std::move(what), cost);
}

void archive_reader::answer_next() {
  auto next = waiting_.pop();
  if (source_->reads_together() && std::holds_alternative<open_inbox>(next))
    open_together(std::get<open_inbox>(std::move(next)));
  else
    answer_alone(next);
  if (!waiting_.empty())
    send(this, reading_due{});
}

void archive_reader::answer_alone(const ask& what) {
  give_answer(what);
  slots_of(what).leave();
}

void archive_reader::open_together(open_inbox first) {
  const auto begun = clock().now();
  std::vector<open_inbox> opens;
  opens.push_back(std::move(first));
  while (opens.size() < opened_in_a_call && !waiting_.empty() &&
         std::holds_alternative<open_inbox>(waiting_.next()))
    opens.push_back(std::get<open_inbox>(waiting_.pop()));
  try {
    const auto answers = open_all(opens);
    for (std::size_t at = 0; at < opens.size(); ++at)
      send(opens[at].asker, answers[at]);
    note_success();
  } catch (const store::unavailable& reason) {
    note_failure(reason);
    for (const auto& each : opens)
      send(each.asker, read_failed{read_failed::part::inbox});
  }
  auto& taken = counters_.answers[static_cast<std::size_t>(reader_query::open)];
  for (std::size_t at = 0; at < opens.size(); ++at) {
    taken.record(clock().now() - begun);
    limit_->inbox_asks.leave();
  }
}

std::vector<inbox_opened> archive_reader::open_all(const std::vector<open_inbox>& asked) {
  std::vector<user_key> users;
  users.reserve(asked.size());
  for (const auto& each : asked)
    users.push_back(each.user);
  const auto states = source_->inboxes(users);
  std::map<std::string_view, bool> continued; // by epoch, on which alone it depends
  std::vector<inbox_opened> result;
  for (std::size_t at = 0; at < asked.size(); ++at) {
    const auto& state = states[at];
    result.push_back({state.head, state.floor, state.legacy_delivered, false});
    const auto& resume = asked[at].resume;
    if (!resume)
      continue;
    const auto [known, is_new] = continued.try_emplace(resume->epoch, false);
    if (is_new)
      known->second = source_->continues(asked[at].user, resume->epoch, resume->since);
    result.back().continues = known->second;
  }
  return result;
}

void archive_reader::give_answer(const ask& what) {
  const auto begun = clock().now();
  const auto answer_with = [&](auto read) { answer_to(asker_of(what), part_of(what), read); };
  if (const auto* opens = std::get_if<open_inbox>(&what))
    answer_with([&] { return open(*opens); });
  else if (const auto* reads = std::get_if<read_inbox>(&what))
    answer_with([&] { return page(*reads); });
  else
    answer_with([&] {
      const auto& runs = std::get<run_query>(what);
      return query_result{std::visit(
          [&](const auto& query) { return answer(runs.user, query, runs.ref); }, runs.what)};
    });
  counters_.answers[static_cast<std::size_t>(kind_of(what))].record(clock().now() - begun);
}

slots& archive_reader::slots_of(const ask& what) const {
  return is_query(what) ? limit_->queries : limit_->inbox_asks;
}

template<class Read>
void archive_reader::answer_to(const connection_actor& asker, read_failed::part of, Read read) {
  try {
    send(asker, read());
    note_success();
  } catch (const store::unavailable& reason) {
    note_failure(reason);
    send(asker, read_failed{of});
  }
}

void archive_reader::answer_heads(read_heads& asked) {
  heads_read answer{asked.round, false, {}};
  try {
    const auto found = source_->heads(asked.users);
    answer.heads.reserve(found.size());
    for (std::size_t at = 0; at < found.size(); ++at)
      answer.heads.push_back({std::move(asked.users[at]), found[at]});
    note_success();
  } catch (const store::unavailable& reason) {
    note_failure(reason);
    answer.failed = true;
  }
  send(asked.asker, std::move(answer));
}

void archive_reader::note_success() {
  if (std::exchange(failing_, false))
    options_.log->info("the store can be read again");
}

void archive_reader::note_failure(const store::unavailable& reason) {
  if (dynamic_cast<const store::files_lost*>(&reason) != nullptr)
    return; // logged where it was found
  if (!std::exchange(failing_, true))
    options_.log->error("the store cannot be read: {}; those who ask are answered with unavailable",
                        reason.what());
}

inbox_opened archive_reader::open(const open_inbox& asked) {
  const auto state = source_->inbox(asked.user);
  const auto& resume = asked.resume;
  const bool continues = resume && source_->continues(asked.user, resume->epoch, resume->since);
  return {state.head, state.floor, state.legacy_delivered, continues};
}

inbox_page archive_reader::page(const read_inbox& asked) {
  const auto read = source_->read_inbox(asked.user, asked.after,
                                        {options_.inbox_page_entries, options_.page_bytes});
  inbox_page result;
  result.entries.reserve(read.entries.size());
  std::size_t encoded = 0;
  for (const auto& each : read.entries) {
    if (encoded > options_.encoded_page_bytes)
      break;
    result.entries.push_back(entry_for(asked, each));
    encoded += result.entries.back().text.text().size();
  }
  return result;
}

frame archive_reader::answer(const user_key& user, const history_query& asked,
                             std::string_view ref) {
  const auto page =
      source_->read_conversation(user.project, conversation_id::dialogue(user.user, asked.with),
                                 {asked.before, asked.after}, {asked.limit, options_.page_bytes});
  history_writer out{asked, ref};
  for (const auto& each : page.messages)
    out.add(each);
  return out.finish(page.more);
}

frame archive_reader::answer(const user_key& user, const conversations_query& asked,
                             std::string_view ref) {
  const auto page =
      source_->read_conversations(user, asked.before, {asked.limit, options_.page_bytes});
  conversations_writer out{ref};
  for (const auto& each : page.conversations) {
    if (out.bytes() > options_.encoded_page_bytes)
      return out.finish(true);
    // Nobody has to read what they wrote themselves.
    const auto unread = each.with == user.user ? 0 : each.unread;
    out.add(each.with.str(), {each.peer.name, each.peer.color}, each.last,
            {unread, each.read, each.peer_read, each.peer_delivered});
  }
  return out.finish(page.more);
}

ids_resolved archive_reader::resolve(const resolve_ids& asked) {
  const bool project = asked.written && source_->knows_project(*asked.written);
  const auto& within = project ? asked.written : asked.spelled;
  const bool user = asked.user && within && source_->inbox({*within, *asked.user}).head > 0;
  return {project, user};
}

} // namespace klatch::actors
