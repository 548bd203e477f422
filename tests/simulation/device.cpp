#include "tests/simulation/device.hpp"

#include "tests/simulation/coverage.hpp"

#include <algorithm>
#include <utility>

namespace klatch::simulation {

namespace {

constexpr us retry_wait = 50 * ms;
/// Of what is to be sent again after a connection was lost. Where few bytes may wait fewer are: if
/// their answers alone were more, it would be lost again each time.
std::size_t sent_at_once(std::size_t waiting_bytes) {
  constexpr std::size_t most = 100;
  constexpr std::size_t of_an_answer = 400;
  return std::min(most, waiting_bytes / of_an_answer);
}

std::string number_field(const char* name, const std::optional<std::uint64_t>& value) {
  return value ? ",\"" + std::string{name} + "\":" + std::to_string(*value) : std::string{};
}

} // namespace

device::device(neighbourhood& around, const user& who, std::size_t number, bool plain)
    : around_(around),
      home_(&around.services.first()), state_{.who = &who, .number = number, .plain = plain},
      choices_(around.seed, purpose::device, number) {}

task device::turn(std::function<void()> run) {
  constexpr std::uint64_t devices_from = 1ULL << 52U;
  return {task::kind::person, devices_from + state_.number, std::move(run)};
}

// -- coming and going -----------------------------------------------------------------------------

void device::come(how_to_come how) {
  has_come_ = true;
  gave_up_ = false;
  if (link_ != nullptr || coming_)
    return;
  how_ = how;
  connect();
}

void device::connect() {
  coming_ = false;
  if (link_ != nullptr || !comes_back_)
    return;
  home_ = &around_.services.any(choices_);
  link_ = home_->connect(*this, ++around_.links);
  if (link_ == nullptr) {
    coming_ = true;
    return around_.on.after(retry_wait + static_cast<us>(choices_.around(500 * ms)),
                            turn([this] { connect(); }));
  }
  state_.incarnation = home_->incarnation();
  state_.came_too_early = !home_->knows_epoch();
  state_.losses = around_.truth.losses;
  state_.link = around_.links;
  if (how_ != how_to_come::without_registering)
    register_now();
  how_ = how_to_come::with_all;
}

void device::let_go() {
  if (state_.plain && !state_.received.empty())
    around_.truth.plain_logs.push_back({state_.who, state_.taken_at_start,
                                        std::exchange(state_.received, {}),
                                        around_.truth.is_void(state_)});
  if (link_ != nullptr)
    link_->let_go();
  link_.reset();
  state_.online = false;
  state_.ends_at.reset();
  state_.handed_in_bad = false;
  state_.questions.clear();
  state_.receipts.clear();
  state_.last_handed_on.clear();
  waits_.clear();
  // One that has not noticed yet that its service is gone does not count. Each node of a cluster
  // says who has left it.
  const auto now = home_->incarnation();
  const bool others =
      !around_.chosen.is_cluster() &&
      std::any_of(around_.truth.devices.begin(), around_.truth.devices.end(),
                  [&](const device_state* each) {
                    return each->who == state_.who && each->online && each->incarnation == now;
                  });
  if (!others)
    ++around_.truth.absences[state_.who];
}

void device::come_back(us away) {
  if (!comes_back_ || std::exchange(coming_, true))
    return;
  around_.on.after(
      away + ms +
          static_cast<us>(choices_.around(static_cast<std::uint64_t>(around_.chosen.think))),
      turn([this] { connect(); }));
}

void device::hang_up() {
  if (link_ == nullptr)
    return;
  around_.on.tell(state_.name(), "server", "closes");
  link_->hang_up(1000);
  let_go();
}

void device::reset() {
  if (link_ == nullptr)
    return;
  around_.on.tell(state_.name(), "server", "is gone without a word");
  link_->reset();
  let_go();
}

void device::give_up_silent() {
  if (link_ == nullptr || !link_->is_silent())
    return;
  let_go();
  come_back();
}

void device::leave_for_good() {
  comes_back_ = false;
  hang_up();
}

void device::on_closed(std::uint16_t code) {
  around_.on.tell("server", state_.name(), "closed with " + std::to_string(code));
  let_go();
  gave_up_ = code == 4409;
  if (!gave_up_)
    come_back();
}

void device::lose_connection(us away) {
  if (link_ == nullptr)
    return;
  let_go();
  come_back(away);
}

// -- what it says ---------------------------------------------------------------------------------

void device::say(std::string text) {
  if (link_ == nullptr)
    return;
  around_.on.tell(state_.name(), "server", text);
  link_->say(std::move(text));
}

std::string device::ask(question what) {
  what.asked_at = around_.on.now();
  auto ref = 'r' + std::to_string(++asked_);
  state_.questions.emplace(ref, std::move(what));
  return ref;
}

void device::write(const user& to, bool with_cid, std::size_t size, random& with) {
  const auto which = around_.truth.book.add(*state_.who, to, with_cid && !state_.plain, size);
  if (around_.truth.book.messages[which].has_cid)
    state_.outbox.push_back(which);
  transmit(which, with.below(2) == 0);
}

void device::write_again(message_number which, random& with) {
  reached(around_.truth.book.messages[which].acknowledged ? "sent again though acknowledged"
                                                          : "sent again before it is acknowledged");
  transmit(which, with.below(2) == 0);
}

void device::transmit(message_number which, bool with_ref) {
  auto& message = around_.truth.book.messages[which];
  if (++message.transmissions == 1)
    message.first_link = state_.link;
  std::string text = R"({"type":"user","to_id":)" + in_quotes(message.to->id) + R"(,"message":)" +
                     in_quotes(message.text(which));
  if (message.has_cid)
    text += R"(,"cid":"c)" + std::to_string(which) + '"';
  if (with_ref && !state_.plain)
    text += R"(,"ref":)" + in_quotes(ask({.what = question::kind::send, .message = which}));
  say(text + '}');
}

void device::ask_history(const user& with, std::optional<std::uint64_t> before,
                         std::optional<std::uint64_t> after, std::uint64_t limit) {
  const auto ref = ask({.what = question::kind::history,
                        .with = &with,
                        .before = before,
                        .after = after,
                        .limit = limit,
                        .known_n = around_.truth.book.last_n(state_.who, &with)});
  say(R"({"type":"history","with":)" + in_quotes(with.id) + number_field("before", before) +
      number_field("after", after) + number_field("limit", limit) + R"(,"ref":)" + in_quotes(ref) +
      '}');
}

void device::ask_conversations(std::optional<std::uint64_t> before, std::uint64_t limit,
                               std::set<const user*> listed) {
  const auto ref = ask({.what = question::kind::conversations,
                        .before = before,
                        .limit = limit,
                        .known_marks = around_.truth.book.told_marks(*state_.who),
                        .known_last = around_.truth.book.last_mids(*state_.who),
                        .listed = std::move(listed)});
  say(R"({"type":"conversations")" + number_field("before", before) + number_field("limit", limit) +
      R"(,"ref":)" + in_quotes(ref) + '}');
}

void device::set_read(const user& with, std::uint64_t n) {
  auto& said = around_.truth.said_read[{state_.who, &with}];
  said = std::max(said, n);
  say(R"({"type":"read","with":)" + in_quotes(with.id) + number_field("n", n) + R"(,"ref":)" +
      in_quotes(ask({.what = question::kind::mark})) + '}');
}

void device::set_received(std::uint64_t seq) {
  say(R"({"type":"recv","seq":)" + std::to_string(seq) + '}');
}

void device::ask_pong() {
  say(R"({"type":"ping","ref":)" + in_quotes(ask({.what = question::kind::ping})) + '}');
}

void device::send_again_later(message_number which, us wait) {
  const bool own =
      std::find(state_.outbox.begin(), state_.outbox.end(), which) != state_.outbox.end();
  if (!own || !waits_.insert(which).second)
    return;
  around_.on.after(wait, turn([this, which, link = state_.link] {
                     if (link == state_.link && state_.online && waits_.erase(which) != 0)
                       transmit(which, false);
                   }));
}

// -- what it is told ------------------------------------------------------------------------------

void device::on_delivery_known(std::uint64_t seq) {
  if (!state_.plain || state_.incarnation != home_->incarnation())
    return;
  around_.truth.now = around_.on.now();
  around_.truth.learn_delivery(*state_.who, seq);
}

std::optional<message_number> device::message_in(std::string_view text) const {
  constexpr std::string_view field = R"("message":")";
  const auto at = text.find(field);
  const auto which =
      at == std::string_view::npos ? std::nullopt : message_of(text.substr(at + field.size()));
  return which && *which < around_.truth.book.messages.size() ? which : std::nullopt;
}

void device::on_closing(std::uint16_t code) {
  around_.truth.now = around_.on.now();
  check_close(around_.truth, state_, code);
}

void device::on_gone() { ++around_.truth.absences[state_.who]; }

void device::on_sent(std::string_view text) {
  around_.truth.now = around_.on.now();
  if (text.find(R"("unavailable")") != std::string_view::npos)
    check_unavailable(around_.truth, state_);
  note_token(text);
  if (!text.starts_with(R"({"type":"usermsg")"))
    return;
  if (const auto which = message_in(text))
    around_.truth.on_a_device[state_.who].insert(*which);
}

void device::on_heard(std::string_view text) {
  if (const auto which = message_in(text))
    around_.truth.book.messages[*which].heard = true;
}

void device::on_frame(std::string_view text) {
  told_at_ = around_.on.now();
  around_.on.note(state_.number, text);
  around_.on.tell("server", state_.name(), std::string{text});
  around_.truth.now = around_.on.now();
  around_.truth.late = state_.incarnation != home_->incarnation() || !home_->is_up();
  const frame_view frame{text};
  check_frame(around_.truth, state_, frame);
  if (state_.plain)
    take_plain(frame);
  else
    take(frame);
}

void device::take_plain(const frame_view& frame) {
  if (frame.type() == "usermsg") {
    if (around_.chosen.store == store_kind::none)
      return;
    state_.received.push_back(*message_of(frame.string("message")));
  } else if (frame.string("message") == "Initial message received" && !state_.online) {
    state_.online = true;
  }
}

void device::take(const frame_view& frame) {
  const auto type = frame.type();
  std::optional<question> asked;
  if (const auto found = state_.questions.find(std::string{frame.string("ref")});
      found != state_.questions.end()) {
    asked = std::move(found->second);
    state_.questions.erase(found);
  }
  if (type == "welcome")
    take_welcome(frame);
  else if (type == "usermsg")
    take_entry(frame);
  else if (type == "ack")
    take_ack(frame);
  else if (type == "receipt")
    state_.receipts[std::string{frame.string("kind")} + ' ' + std::string{frame.string("with")} +
                    ' ' + std::string{frame.string("by")}] = frame.number("n").value_or(0);
  else if (type == "conversations" && asked)
    take_list(frame, *asked);
  else if (type == "expiring")
    renew(frame);
  else if (type == "error")
    take_error(frame, asked);
}

void device::take_welcome(const frame_view& frame) {
  if (state_.online) // It has registered again.
    return;
  const auto head = frame.number("head").value_or(0);
  if (frame.flag("recovered")) {
    state_.cursor = state_.asked_since;
  } else {
    state_.cursor = head;
    state_.entries.clear();
  }
  state_.epoch = std::string{frame.string("epoch")};
  state_.online = true;
  us wait = 0;
  constexpr us within_the_rate = 60 * ms;
  const auto at_once = sent_at_once(around_.chosen.waiting_bytes);
  std::size_t sent = 0;
  for (const auto which : std::deque{state_.outbox}) {
    if (around_.chosen.send_rate > 0)
      send_again_later(which, wait += within_the_rate);
    else if (++sent <= at_once)
      transmit(which, false);
    else
      send_again_later(which, wait += ms);
  }
}

void device::take_entry(const frame_view& frame) {
  const auto which = *message_of(frame.string("message"));
  if (around_.chosen.store == store_kind::none) {
    if (const auto& message = around_.truth.book.messages[which]; message.transmissions == 1)
      state_.last_handed_on[message.first_link] = which;
    return;
  }
  state_.cursor = frame.number("seq").value_or(0);
  state_.entries[state_.cursor] = which;
}

void device::take_ack(const frame_view& frame) {
  const auto cid = frame.string("cid");
  const auto seq = frame.number("seq").value_or(0);
  const auto which = cid.empty() ? std::nullopt : message_of(std::string{cid.substr(1)} + '|');
  if (seq == state_.cursor + 1) {
    state_.cursor = seq;
    if (which)
      state_.entries[seq] = *which;
  }
  if (!which)
    return;
  std::erase(state_.outbox, *which);
  waits_.erase(*which);
}

void device::take_list(const frame_view& frame, const question& asked) {
  auto listed = asked.listed;
  std::uint64_t last_mid = 0;
  frame.for_each("conversations", [&](const frame_view& row) {
    listed.insert(around_.truth.find(*state_.who, row.string("with")));
    row.inside("last", [&](const frame_view& last) { last_mid = last.mid(); });
  });
  if (frame.flag("more") && last_mid > 0)
    ask_conversations(last_mid, asked.limit, std::move(listed));
}

void device::take_error(const frame_view& frame, const std::optional<question>& asked) {
  if (asked && asked->what == question::kind::registration && frame.flag("temporary"))
    return around_.on.after(retry_wait, turn([this, link = state_.link] {
                              if (link_ != nullptr && link == state_.link && !state_.online)
                                register_now();
                            }));
  const auto cid = frame.string("cid");
  const auto which = cid.empty() ? std::nullopt : message_of(std::string{cid.substr(1)} + '|');
  if (!which)
    return;
  if (!frame.flag("temporary") || frame.string("code") == "not_connected") {
    std::erase(state_.outbox, *which);
    return;
  }
  const bool limited = frame.string("code") == "rate_limited";
  const auto told = static_cast<us>(frame.number("retry_ms").value_or(0)) * ms;
  const auto others = limited ? static_cast<us>(1 + waits_.size()) : 1;
  send_again_later(*which, 20 * ms + told * others + static_cast<us>(choices_.around(500 * ms)));
}

bool device::is_settled() const noexcept {
  return link_ != nullptr && state_.online && state_.outbox.empty() && link_->quiet() &&
         std::all_of(state_.questions.begin(), state_.questions.end(),
                     [](const auto& each) { return each.second.what == question::kind::mark; });
}

void device::check_patience(us since, us bound) const {
  if (link_ == nullptr || link_->is_silent() || !link_->reads())
    return;
  for (const auto& [ref, asked] : state_.questions)
    if (asked.what != question::kind::mark &&
        std::max({asked.asked_at, since, told_at_}) + bound < around_.on.now())
      throw failure{state_.name() + " waits in vain for the answer to " + ref};
}

std::string device::waits_for() const {
  if (link_ == nullptr || !state_.online)
    return state_.name() + " cannot connect";
  if (!state_.outbox.empty())
    return state_.name() + " is never told what became of message " +
           std::to_string(state_.outbox.front());
  for (const auto& [ref, asked] : state_.questions)
    if (asked.what != question::kind::mark)
      return state_.name() + " is never answered " + ref;
  if (link_->unheard())
    return state_.name() + " is not listened to any more";
  return link_->quiet() ? std::string{} : state_.name() + " is not sent what waits for it";
}

} // namespace klatch::simulation
