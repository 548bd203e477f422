#include "tests/simulation/cluster/database_client.hpp"

#include "messages/bus/bus_frame.hpp"
#include "tests/simulation/coverage.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <string>
#include <utility>

namespace klatch::simulation {

namespace {

// As postgres_options and postgres_appender have them.
constexpr us answer_timeout = 5 * second;
constexpr us unknown_timeout = 10 * second;
constexpr us first_pause = 20 * ms;
constexpr us longest_pause = 500 * ms;

/// Nobody can tell whether it was done.
class answer_lost : public store::unavailable {
public:
  using unavailable::unavailable;
};

} // namespace

// -- a call ---------------------------------------------------------------------------------------

struct database_client::session {
  database& shared;
  std::size_t node;
  threads& waits;
  bool dead = false;
  bool left = false;
  std::uint64_t incarnation = 0;
  store::node_state state{};
  std::string epoch{};
  std::deque<store::store_change> reports{};

  void check_alive() const {
    if (dead)
      throw store::unavailable{"the process is no more"};
  }

  /// On the way there. Throws if it does not arrive.
  void go() {
    check_alive();
    waits.sleep(shared.way());
    if (dead && !shared.coin())
      check_alive(); // It had not gone out.
    if (!shared.is_away(node))
      return;
    // Some are refused at once, others never answered.
    if (shared.coin())
      waits.sleep(std::min(shared.back_in(node), answer_timeout));
    throw store::unavailable{"the database is away"};
  }
  /// On the way back. Throws if the answer does not arrive.
  void come() {
    check_alive();
    if (shared.is_away(node) || shared.loses_answer(node)) {
      reached("an answer of the database is lost");
      throw answer_lost{"the answer is lost"};
    }
    waits.sleep(shared.way());
    check_alive();
  }

  /// The connection is to the server that was asked: another one may have taken over since.
  void check_server(std::uint64_t asked) const {
    if (shared.servers() == asked)
      return;
    reached("an answer of the database is lost");
    throw answer_lost{"another server has taken over"};
  }

  template<class Work>
  auto ask(Work work) {
    go();
    const auto server = shared.servers();
    auto result = work();
    come();
    check_server(server);
    return result;
  }

  /// Before anything is written: who was taken for dead cannot write under the lease of before.
  void enter() {
    if (shared.has_lease(incarnation))
      return;
    check_alive();
    if (left)
      throw store::unavailable{"this node has left the cluster"};
    if (incarnation != 0)
      reached("a node is fenced");
    join();
  }
  void join() {
    incarnation = shared.take_lease(
        {.name = "node-" + std::to_string(node), .speaks = bus_version, .state = state});
  }
};

database_client::database_client(database& shared, std::size_t node, threads& waits)
    : session_(std::make_unique<session>(session{shared, node, waits})) {
  session_->epoch = shared.epoch();
  shared.lose_no_answers(node); // That was the process before.
}
database_client::~database_client() = default;

void database_client::die() noexcept { session_->dead = true; }

// -- reading --------------------------------------------------------------------------------------

class database_client::reader final : public store::message_reader {
public:
  explicit reader(session& of) : session_(of) {}

  store::inbox_state inbox(const user_key& user) override {
    return session_.ask([&] { return truth()->inbox(user); });
  }
  std::vector<store::inbox_state> inboxes(std::span<const user_key> users) override {
    return session_.ask([&] { return truth()->inboxes(users); });
  }
  bool reads_together() const noexcept override { return true; }
  bool knows_project(const project_id& project) override {
    return session_.ask([&] { return truth()->knows_project(project); });
  }
  bool continues(const user_key& /*user*/, std::string_view epoch,
                 std::uint64_t /*since*/) override {
    return session_.ask([&] { return epoch == session_.shared.epoch(); });
  }
  store::inbox_page read_inbox(const user_key& user, std::uint64_t after,
                               store::bound limit) override {
    return session_.ask([&] { return truth()->read_inbox(user, after, limit); });
  }
  store::conversation_page read_conversation(const project_id& project,
                                             const conversation_id& which, store::range wanted,
                                             store::bound limit) override {
    return session_.ask([&] { return truth()->read_conversation(project, which, wanted, limit); });
  }
  store::conversations_page read_conversations(const user_key& user,
                                               std::optional<std::uint64_t> before,
                                               store::bound limit) override {
    return session_.ask([&] { return truth()->read_conversations(user, before, limit); });
  }

private:
  /// Of the server that there is now.
  std::unique_ptr<store::message_reader> truth() const {
    return session_.shared.truth().make_reader();
  }

  session& session_;
};

// -- writing --------------------------------------------------------------------------------------

class database_client::lane final : public store::message_store {
public:
  explicit lane(session& of) : session_(of), server_(of.shared.servers()) {
    last_.epoch = of.epoch;
    session_.shared.add_writer(last_);
  }
  ~lane() override { session_.shared.remove_writer(last_); }
  lane(lane&&) = delete;
  lane& operator=(lane&&) = delete;

  std::string epoch() const override { return session_.epoch; }

  std::vector<store::outcome> append(std::span<const store::operation> batch,
                                     std::int64_t /*now*/) override;

  std::optional<std::uint64_t> mark_read(const user_key& reader, const conversation_id& in,
                                         std::uint64_t n) override {
    return apply(store::read_mark{reader, in, n}).read;
  }
  store::delivery_step mark_delivered(const user_key& user, std::uint64_t seq,
                                      std::size_t limit) override {
    return apply(store::delivered_mark{user, seq, limit}).delivered;
  }
  void mark_legacy_delivered(const user_key& user, std::uint64_t seq) override {
    apply(store::legacy_mark{user, seq});
  }
  std::vector<store::mark_outcome> apply_marks(std::span<const store::any_mark> marks) override {
    return session_.ask([&] {
      enter();
      return session_.shared.apply_marks(marks);
    });
  }
  bool collects_marks() const noexcept override { return true; }
  /// It is kept for a while, and written later.
  void note_profile(const user_key& user, const store::profile& now) override {
    if (!session_.dead)
      session_.shared.note_profile(user, now);
  }
  store::upkeep_result upkeep(const std::optional<store::expiry>& expired) override;
  std::uint64_t last_mid() const override { return session_.shared.truth().last_mid(); }
  std::unique_ptr<store::message_reader> make_reader() override {
    return std::make_unique<reader>(session_);
  }
  std::optional<store::store_change> check_files() override;

private:
  store::mark_outcome apply(const store::any_mark& one) {
    return std::move(apply_marks({&one, 1}).front());
  }
  void try_to_append(std::span<const store::operation> batch,
                     std::optional<database::done_batch>& done);
  void enter();
  void find_losses();

  session& session_;
  std::uint64_t server_; ///< that it is connected to
  acknowledged_last last_;
};

// What store::writer_session does.

/// Another server may have lost what was acknowledged.
void database_client::lane::enter() {
  if (server_ != session_.shared.servers()) {
    const auto server = session_.shared.servers();
    find_losses();
    session_.waits.sleep(session_.shared.way() + session_.shared.way());
    session_.check_server(server);
    server_ = server;
  }
  last_.epoch = session_.epoch;
}

void database_client::lane::find_losses() {
  auto& shared = session_.shared;
  const auto lost = last_.lost_in(*shared.truth().make_reader());
  if (lost == 0)
    return;
  reached("a writer finds that messages are lost");
  shared.renew_epoch(last_.epoch);
  session_.epoch = last_.epoch = shared.epoch();
  last_.clear();
  session_.reports.push_back({true, std::to_string(lost) + " messages are lost"});
}

/// What is lost is found too where nothing is written any more.
store::upkeep_result
database_client::lane::upkeep(const std::optional<store::expiry>& /*expired*/) {
  if (last_.empty())
    return {};
  if (server_ != session_.shared.servers()) {
    session_.go();
    enter();
  }
  return {.again_in = std::chrono::seconds{1}};
}

std::optional<store::store_change> database_client::lane::check_files() {
  if (session_.reports.empty())
    return std::nullopt;
  auto result = std::move(session_.reports.front());
  session_.reports.pop_front();
  return result;
}

namespace {

/// How long an answer is waited for, in the time that passes or, where none does, in pauses.
struct patience {
  const database& of;
  us begun;
  us paused = 0;

  bool is_over() const { return of.now() - begun >= unknown_timeout || paused >= unknown_timeout; }
};

/// What is there already is found by its cid; what has none, by a key that the client has given it.
std::vector<store::outcome> again(std::span<const store::operation> batch,
                                  std::vector<store::outcome> first) {
  for (std::size_t at = 0; at < batch.size(); ++at)
    if (!first[at].refused && !std::get<store::new_message>(batch[at]).content.cid.empty())
      first[at] = store::outcome::repeats(first[at].numbers);
  return first;
}

} // namespace

void database_client::lane::try_to_append(std::span<const store::operation> batch,
                                          std::optional<database::done_batch>& done) {
  session_.go();
  if (!done && session_.shared.coin() && session_.shared.loses_answer(session_.node))
    throw answer_lost{"the call was lost on its way"};
  enter();
  session_.enter();
  const auto server = server_;
  if (done && session_.shared.has(done->number))
    done->outcomes = again(batch, std::move(done->outcomes));
  else
    done = session_.shared.append(session_.incarnation, batch);
  session_.waits.sleep(session_.shared.commit());
  session_.come();
  session_.check_server(server);
  for (std::size_t at = 0; at < batch.size(); ++at)
    if (!done->outcomes[at].refused)
      last_.add(std::get<store::new_message>(batch[at]).content, done->outcomes[at].numbers.n);
}

std::vector<store::outcome> database_client::lane::append(std::span<const store::operation> batch,
                                                          std::int64_t /*now*/) {
  std::optional<database::done_batch> done;
  if (batch.empty())
    return {};
  bool unknown = false;
  // It is read where something was caught, where the analyzer does not look.
  // NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores)
  patience left{session_.shared, session_.shared.now()};
  for (auto pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    try {
      try_to_append(batch, done);
      return std::move(done->outcomes);
    } catch (const answer_lost&) {
      unknown = true;
    } catch (const store::unavailable&) {
      if (session_.dead || session_.left)
        throw;
    }
    if (left.is_over()) {
      if (!unknown)
        throw store::unavailable{"the database is away"};
      reached("nobody can tell whether a batch is stored");
      throw store::uncertain{"the database does not answer"};
    }
    session_.waits.sleep(pause);
    left.paused += pause;
  }
}

std::unique_ptr<store::message_store> database_client::make_lane() {
  return std::make_unique<lane>(*session_);
}

// -- the lease ------------------------------------------------------------------------------------

class database_client::lease final : public store::membership {
public:
  explicit lease(session& of) : session_(of) {}

  store::cluster_view renew(const store::node_state& now) override {
    return session_.ask([&] {
      session_.state = now;
      session_.left = false;
      auto& shared = session_.shared;
      if (!shared.renew_lease(session_.incarnation, now)) {
        session_.check_alive();
        session_.join();
      }
      shared.end_old_leases(session_.incarnation);
      session_.epoch = shared.epoch();
      return store::cluster_view{session_.incarnation, 0, session_.epoch, shared.living()};
    });
  }

  void leave() override {
    session_.left = true;
    session_.go();
    session_.shared.end_lease(std::exchange(session_.incarnation, 0));
    session_.come();
  }

private:
  session& session_;
};

std::shared_ptr<store::membership> database_client::make_membership() {
  return std::make_shared<lease>(*session_);
}

} // namespace klatch::simulation
