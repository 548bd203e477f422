#include "store/postgres/postgres_appender.hpp"

#include "store/postgres/postgres_rows.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace klatch::store {

namespace {

constexpr postgres_statement append_messages{
    "append", "SELECT block, bases, tss, r_at, r_mid, r_n, r_f, r_t, r_ts "
              "FROM klatch_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
              "$15, $16, $17, "
              "$18)"};
constexpr postgres_statement find_stored{"find_stored",
                                         "SELECT d.i, m.mid, m.n, m.from_seq, m.to_seq, m.ts "
                                         "FROM unnest($1, $2) WITH ORDINALITY d(sender, cid, i) "
                                         "JOIN message m ON m.sender=d.sender AND m.cid=d.cid"};

constexpr std::size_t most_messages = 1'000;
constexpr std::size_t most_bytes = 1024UL * 1024;

constexpr std::chrono::milliseconds first_pause{20};
constexpr std::chrono::milliseconds longest_pause{500};

/// Longer than any that a client can give.
constexpr std::size_t own_key_prefix = longest_cid - 15;

/// Data that the database does not take, however often it is asked.
bool is_poison(const server_refused& failed) {
  const auto& state = failed.sqlstate();
  return state.starts_with("22") || state.starts_with("54");
}

template<class Integer>
void append_bytes(std::string& to, Integer value) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    to.push_back(static_cast<char>(value >> (8U * i) & 0xFFU));
}

message_numbers numbers_in(const result_rows& rows, std::size_t row, std::size_t first) {
  return {.mid = rows.number(row, first),
          .n = rows.number(row, first + 1),
          .from_seq = rows.number(row, first + 2),
          .to_seq = rows.number(row, first + 3),
          .ts = rows.integer(row, first + 4)};
}

} // namespace

postgres_appender::postgres_appender(writer_session& session)
    : session_(session), own_key_(own_key_prefix, '\xFF') {
  std::random_device random;
  append_bytes(own_key_, std::uint64_t{random()} << 32U | random());
}

std::vector<outcome> postgres_appender::append(std::span<const operation> batch, std::int64_t now) {
  now_.reset();
  if (session_.node().options().callers_time)
    now_ = now;
  results_.assign(batch.size(), {});
  settled_.assign(batch.size(), false);
  first_.clear();
  stored_ = false;
  try {
    for (auto waiting = waiting_of(batch); !waiting.empty();)
      if (auto chunk = take_chunk(waiting); !chunk.empty())
        store(std::move(chunk));
  } catch (const uncertain&) {
    throw;
  } catch (const unavailable& failed) {
    if (stored_)
      throw uncertain{failed.what()};
    throw;
  }
  return std::move(results_);
}

postgres_appender::messages postgres_appender::waiting_of(std::span<const operation> batch) {
  messages result;
  result.reserve(batch.size());
  for (std::size_t at = 0; at < batch.size(); ++at) {
    const auto& one = std::get<new_message>(batch[at]);
    waiting_message next{at, &one.content, one.only_in_answer, one.content.cid, {}};
    if (!one.content.conversation.has(one.content.from)) {
      settle(next, outcome::refuses(error_code::forbidden));
      continue;
    }
    if (next.cid.empty()) {
      next.cid = own_key_;
      append_bytes(next.cid, ++made_keys_);
    }
    next.key = one.content.project.str() + '\0' + one.content.from.str() + '\0' + next.cid;
    result.push_back(std::move(next));
  }
  return result;
}

void postgres_appender::settle(const waiting_message& one, outcome what) {
  results_[one.at] = std::move(what);
  settled_[one.at] = true;
}

// -- what goes into a call ------------------------------------------------------------------------

/// Takes what can be stored in one call, in its order, and settles what need not be stored. Leaves
/// what has to wait for what became of another one.
postgres_appender::messages postgres_appender::take_chunk(messages& waiting) {
  load_answered(waiting);
  messages chunk;
  messages rest;
  messages no_answers;
  std::size_t bytes = 0;
  bool full = false;
  for (auto& each : waiting) {
    if (!full && settled_by_twin(each))
      continue;
    const auto size = each.content->text.size() + each.content->name.size() + each.cid.size();
    full = full || chunk.size() == most_messages || (bytes + size > most_bytes && !chunk.empty());
    const bool is_twin = !full && !first_.emplace(each.key, each.at).second;
    if (full || is_twin) {
      rest.push_back(std::move(each));
    } else if (!each.only_in_answer || is_answer(each)) {
      bytes += size;
      chunk.push_back(std::move(each));
    } else if (std::any_of(chunk.begin(), chunk.end(), [&](const waiting_message& earlier) {
                 return earlier.content->conversation == each.content->conversation &&
                        earlier.content->project == each.content->project &&
                        earlier.content->from != each.content->from;
               })) {
      first_.erase(each.key);
      full = true;
      rest.push_back(std::move(each));
    } else {
      no_answers.push_back(std::move(each));
    }
  }
  waiting = std::move(rest);
  refuse_or_repeat(no_answers);
  return chunk;
}

/// Of two messages with one key, the second one repeats the first one, unless that was refused.
bool postgres_appender::settled_by_twin(const waiting_message& one) {
  const auto first = first_.find(one.key);
  if (first == first_.end() || !settled_[first->second])
    return false;
  const auto& what = results_[first->second];
  if (what.refused) {
    first_.erase(first);
    return false;
  }
  settle(one, outcome::repeats(what.numbers));
  return true;
}

/// Returns true if the recipient, who is somebody else, is known to have written before.
bool postgres_appender::is_answer(const waiting_message& one) {
  const auto& content = *one.content;
  auto& names = session_.names();
  auto* conversation = names.find({&content.project, &content.conversation});
  return conversation != nullptr && content.from != content.to() &&
         conversation->wrote(names.find(content.project, content.to())->id);
}

/// Who has written once has written, so what is known is never asked again.
void postgres_appender::load_answered(const messages& waiting) {
  std::vector<conversation_ref> wanted;
  for (const auto& each : waiting)
    if (each.only_in_answer && wanted.size() < most_messages && !is_answer(each))
      wanted.push_back({&each.content->project, &each.content->conversation});
  if (wanted.empty())
    return;
  bool again = false;
  persist(false, again, [&] {
    auto& names = session_.names();
    std::vector<known_conversation*> there;
    for (const auto& each : names.load(wanted, postgres_names::missing::stay))
      if (each.conversation != nullptr)
        there.push_back(each.conversation);
    names.load_writers(there);
  });
}

/// Nothing is made for what is no answer, not even a row of the sender's.
void postgres_appender::refuse_or_repeat(const messages& no_answers) {
  if (no_answers.empty())
    return;
  bool again = false;
  std::vector<std::optional<message_numbers>> found(no_answers.size());
  persist(false, again, [&] {
    std::vector<user_key> users;
    for (const auto& each : no_answers)
      users.push_back({each.content->project, each.content->from});
    session_.names().load_users(users);
    array_builder senders{postgres_type::number};
    array_builder cids{postgres_type::bytes};
    for (std::size_t i = 0; i < users.size(); ++i) {
      const auto* known = session_.names().find(users[i].project, users[i].user);
      senders.add(known == nullptr ? std::uint64_t{0} : known->id); // There is no row 0.
      cids.add(std::string_view{no_answers[i].cid});
    }
    const auto rows =
        session_.server().run(find_stored, statement_params{}.array(senders).array(cids));
    for (std::size_t row = 0; row < rows.size(); ++row)
      found.at(rows.number(row, 0) - 1) = numbers_in(rows, row, 1);
  });
  for (std::size_t i = 0; i < found.size(); ++i)
    settle(no_answers[i],
           found[i] ? outcome::repeats(*found[i]) : outcome::refuses(error_code::forbidden));
}

// -- the call -------------------------------------------------------------------------------------

/// What the database does not take is found by halving.
void postgres_appender::store(messages chunk) {
  bool check = any_recent(chunk);
  try {
    persist(true, check, [&] { call(chunk, check); });
  } catch (const server_refused& failed) {
    if (!is_poison(failed))
      throw;
    if (chunk.size() == 1)
      return settle(chunk.front(), outcome::refuses(error_code::bad_frame));
    const auto middle = chunk.begin() + static_cast<std::ptrdiff_t>(chunk.size() / 2);
    messages second{std::make_move_iterator(middle), std::make_move_iterator(chunk.end())};
    chunk.erase(middle, chunk.end());
    store(std::move(chunk));
    store(std::move(second));
  }
}

bool postgres_appender::any_recent(const messages& chunk) const {
  return std::any_of(chunk.begin(), chunk.end(),
                     [this](const auto& each) { return recent_.has(each.key); });
}

/// Takes those that are there already out of the chunk.
void postgres_appender::call(messages& chunk, bool& check) {
  while (!chunk.empty()) {
    std::vector<conversation_ref> wanted;
    wanted.reserve(chunk.size());
    for (const auto& each : chunk)
      wanted.push_back({&each.content->project, &each.content->conversation});
    const append_plan plan{chunk, session_.names().load(wanted, postgres_names::missing::make)};
    const auto rows =
        session_.server().run(append_messages, plan.params(incarnation(), check, now_, chunk));
    if (rows.is_null(0, 3)) {
      take_numbers(rows, plan, chunk);
      return;
    }
    take_repeats(rows, plan, chunk);
  }
}

void postgres_appender::take_repeats(const result_rows& rows, const append_plan& plan,
                                     messages& chunk) {
  const auto places = rows.numbers(0, 3);
  const auto mids = rows.numbers(0, 4);
  const auto ns = rows.numbers(0, 5);
  const auto from = rows.numbers(0, 6);
  const auto to = rows.numbers(0, 7);
  const auto times = rows.integers(0, 8);
  std::vector<bool> gone(chunk.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto place = places[i] - 1;
    gone.at(place) = true;
    const message_numbers numbers{mids.at(i), ns.at(i), from.at(i), to.at(i), times.at(i)};
    // One with a key of the store's own has been stored by this very append.
    const auto& content = *chunk[place].content;
    const bool is_own = content.cid.empty();
    settle(chunk[place], is_own ? outcome::stores(content, numbers) : outcome::repeats(numbers));
    stored_ = stored_ || is_own;
    session_.acknowledged(plan.conversation_of(place), numbers.n, numbers.mid);
    session_.node().gave(numbers.mid);
  }
  messages left;
  for (std::size_t i = 0; i < chunk.size(); ++i)
    if (!gone[i])
      left.push_back(std::move(chunk[i]));
  chunk = std::move(left);
}

void postgres_appender::take_numbers(const result_rows& rows, const append_plan& plan,
                                     const messages& chunk) {
  const auto block = rows.number(0, 0);
  const auto bases = rows.numbers(0, 1);
  const auto times = rows.numbers(0, 2);
  if (bases.size() != plan.counters() || times.size() != plan.counters())
    throw uncertain{"PostgreSQL has returned other counters than were asked for"};
  stored_ = true;
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    const auto numbers = plan.numbers(i, block, bases, times);
    settle(chunk[i], outcome::stores(*chunk[i].content, numbers));
    session_.acknowledged(plan.conversation_of(i), numbers.n, numbers.mid);
    session_.node().gave(numbers.mid);
    recent_.add(chunk[i].key);
  }
}

std::uint64_t postgres_appender::incarnation() {
  auto& lease = session_.node().lease();
  const auto current = lease.current();
  used_ = current == 0 || current == fenced_ ? lease.replace(current) : current;
  return used_;
}

// -- again ----------------------------------------------------------------------------------------

/// For as long as `unknown_timeout` in all. `again` is set when `work` may have been done before;
/// then it throws `uncertain` in the end, if it `writes`.
template<class Work>
void postgres_appender::persist(bool writes, bool& again, Work work) {
  const auto& options = session_.node().options();
  const auto deadline = options.time.steady() + options.unknown_timeout;
  bool unknown = false;
  int hurried = 0;
  auto pause = first_pause;
  for (;;) {
    auto next = cure::later;
    std::string why;
    try {
      session_.enter();
      return work();
    } catch (const connection_lost& failed) {
      unknown = again = true;
      why = failed.what();
    } catch (const server_refused& failed) {
      next = cure_for(failed);
      if (next == cure::none && (!unknown || is_poison(failed)))
        throw;
      again = true;
      why = failed.what();
    } catch (const node_has_left&) {
      if (unknown && writes)
        throw uncertain{"this node has left the cluster"};
      throw;
    } catch (const unavailable& failed) {
      why = failed.what();
    }
    if (options.time.steady() >= deadline) {
      if (unknown && writes)
        throw uncertain{why};
      throw unavailable{why};
    }
    constexpr int most_hurried = 3;
    if (next != cure::at_once || ++hurried > most_hurried)
      postgres_connection::pause(std::exchange(pause, std::min(2 * pause, longest_pause)));
  }
}

postgres_appender::cure postgres_appender::cure_for(const server_refused& failed) {
  const auto& state = failed.sqlstate();
  if (state == "KL001") {
    fenced_ = used_;
    return cure::at_once;
  }
  if (state == "KL002") { // What is remembered of the database is not true of it.
    session_.names().clear();
    return cure::later;
  }
  if (state == "23505" && failed.constraint() == "message_cid")
    return cure::at_once;
  constexpr const char* read_only = "25006"; // A standby, by now.
  constexpr const char* cancelled = "57014"; // By the server's own time-outs.
  if (state == read_only)
    session_.server().close();
  return failed.passing() || state == read_only || state == cancelled ? cure::later : cure::none;
}

} // namespace klatch::store
