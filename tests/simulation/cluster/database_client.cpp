#include "tests/simulation/cluster/database_client.hpp"

#include "messages/bus/bus_frame.hpp"
#include "tests/simulation/coverage.hpp"

#include <algorithm>
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

  template<class Work>
  auto ask(Work work) {
    go();
    auto result = work();
    come();
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
  shared.lose_no_answers(node); // That was the process before.
}
database_client::~database_client() = default;

void database_client::die() noexcept { session_->dead = true; }

// -- reading --------------------------------------------------------------------------------------

class database_client::reader final : public store::message_reader {
public:
  explicit reader(session& of) : session_(of), truth_(of.shared.truth().make_reader()) {}

  store::inbox_state inbox(const user_key& user) override {
    return session_.ask([&] { return truth_->inbox(user); });
  }
  std::vector<store::inbox_state> inboxes(std::span<const user_key> users) override {
    return session_.ask([&] { return truth_->inboxes(users); });
  }
  bool reads_together() const noexcept override { return true; }
  bool knows_project(const project_id& project) override {
    return session_.ask([&] { return truth_->knows_project(project); });
  }
  bool continues(const user_key& user, std::string_view epoch, std::uint64_t since) override {
    return session_.ask([&] { return truth_->continues(user, epoch, since); });
  }
  store::inbox_page read_inbox(const user_key& user, std::uint64_t after,
                               store::bound limit) override {
    return session_.ask([&] { return truth_->read_inbox(user, after, limit); });
  }
  store::conversation_page read_conversation(const project_id& project,
                                             const conversation_id& which, store::range wanted,
                                             store::bound limit) override {
    return session_.ask([&] { return truth_->read_conversation(project, which, wanted, limit); });
  }
  store::conversations_page read_conversations(const user_key& user,
                                               std::optional<std::uint64_t> before,
                                               store::bound limit) override {
    return session_.ask([&] { return truth_->read_conversations(user, before, limit); });
  }

private:
  session& session_;
  std::unique_ptr<store::message_reader> truth_;
};

// -- writing --------------------------------------------------------------------------------------

class database_client::lane final : public store::message_store {
public:
  explicit lane(session& of) : session_(of) {}

  std::string epoch() const override { return truth().epoch(); }

  std::vector<store::outcome> append(std::span<const store::operation> batch,
                                     std::int64_t /*now*/) override;

  std::optional<std::uint64_t> mark_read(const user_key& reader, const conversation_id& in,
                                         std::uint64_t n) override {
    return session_.ask([&] { return truth().mark_read(reader, in, n); });
  }
  store::delivery_step mark_delivered(const user_key& user, std::uint64_t seq,
                                      std::size_t limit) override {
    return session_.ask([&] { return truth().mark_delivered(user, seq, limit); });
  }
  void mark_legacy_delivered(const user_key& user, std::uint64_t seq) override {
    session_.go();
    truth().mark_legacy_delivered(user, seq);
    session_.come();
  }
  std::vector<store::mark_outcome> apply_marks(std::span<const store::any_mark> marks) override {
    return session_.ask([&] { return truth().apply_marks(marks); });
  }
  bool collects_marks() const noexcept override { return true; }
  /// It is kept for a while, and written later.
  void note_profile(const user_key& user, const store::profile& now) override {
    if (!session_.dead)
      truth().note_profile(user, now);
  }
  store::upkeep_result upkeep(const std::optional<store::expiry>& /*expired*/) override {
    return {};
  }
  std::uint64_t last_mid() const override { return truth().last_mid(); }
  std::unique_ptr<store::message_reader> make_reader() override {
    return std::make_unique<reader>(session_);
  }

private:
  store::message_store& truth() const { return session_.shared.truth(); }
  void try_to_append(std::span<const store::operation> batch,
                     std::optional<std::vector<store::outcome>>& done);

  session& session_;
};

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
                                          std::optional<std::vector<store::outcome>>& done) {
  session_.go();
  if (!done && session_.shared.coin() && session_.shared.loses_answer(session_.node))
    throw answer_lost{"the call was lost on its way"};
  session_.enter();
  done = done ? again(batch, *std::move(done)) : truth().append(batch, session_.shared.wall_ms());
  session_.waits.sleep(session_.shared.commit());
  session_.come();
}

std::vector<store::outcome> database_client::lane::append(std::span<const store::operation> batch,
                                                          std::int64_t /*now*/) {
  std::optional<std::vector<store::outcome>> done;
  if (batch.empty())
    return {};
  bool unknown = false;
  // It is read where something was caught, where the analyzer does not look.
  // NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores)
  patience left{session_.shared, session_.shared.now()};
  for (auto pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    try {
      try_to_append(batch, done);
      return *std::move(done);
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
      return store::cluster_view{session_.incarnation, 0, shared.truth().epoch(), shared.living()};
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
