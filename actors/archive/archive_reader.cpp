#include "actors/archive/archive_reader.hpp"

#include "messages/wire/encode_message.hpp"
#include "messages/wire/encode_pages.hpp"

#include <spdlog/spdlog.h>

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
      [this](const reading_due&) { answer_next(); },
  };
}

void archive_reader::on_exit() {
  source_.reset();
  waiting_ = fair_queue<user_key, ask>{asking_head_start};
}

void archive_reader::on_ask(ask what) {
  if (waiting_.empty() && mailbox().empty()) {
    give_answer(what);
    return slots_of(what).leave();
  }
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
  const auto next = waiting_.pop();
  if (!waiting_.empty())
    send(this, reading_due{});
  give_answer(next);
  slots_of(next).leave();
}

void archive_reader::give_answer(const ask& what) {
  const auto begun = clock().now();
  const auto part = is_query(what) ? read_failed::part::client_query : read_failed::part::inbox;
  const auto answer_with = [&](auto read) { answer_to(asker_of(what), part, read); };
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
    if (std::exchange(failing_, false))
      options_.log->info("the store can be read again");
  } catch (const store::files_lost&) { // logged where it was found
    send(asker, read_failed{of});
  } catch (const store::unavailable& reason) {
    if (!std::exchange(failing_, true))
      options_.log->error(
          "the store cannot be read: {}; those who ask are answered with unavailable",
          reason.what());
    send(asker, read_failed{of});
  }
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
