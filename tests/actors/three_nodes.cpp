#include "tests/actors/three_nodes.hpp"

#include <algorithm>

namespace klatch::test {

namespace {

/// A connection whose client is sent numbers, which have to follow each other.
class numbered_core : public fake_core {
public:
  numbered_core() { may_cross = true; }

  std::vector<std::uint64_t> sent{};
  std::optional<std::uint64_t> page_after{};
  bool opens = false;
  bool held_is_due = false;

  void send(const frame& text) { sent.push_back(std::stoull(std::string{text.text()})); }
  void confirm_registration(const welcome& /*what*/) { at = actors::stage::live; }
  bool mark_received(std::uint64_t /*seq*/) { return true; }
  void call_held_due(std::chrono::milliseconds /*delay*/) { held_is_due = true; }
  void open_inbox() { opens = true; }
  void read_inbox(std::uint64_t after) { page_after = after; }
};

frame entry_text(std::uint64_t seq) { return frame{std::to_string(seq), frame_type::usermsg}; }

const stored_message_ptr& any_message() {
  static const auto made = [] {
    const auto anna = user_id::parse("anna").value();
    return std::make_shared<const stored_message>(
        stored_message{{.project = project_id::parse("p").value(),
                        .from = anna,
                        .conversation = conversation_id::dialogue(anna, anna),
                        .cid = {},
                        .name = {},
                        .color = {},
                        .text = {}},
                       {}});
  }();
  return made;
}

} // namespace

struct three_nodes::device {
  std::size_t user;
  std::size_t where = node_count; ///< its node; none: it is away
  std::uint64_t connections = 0;
  std::uint64_t cursor = 0; ///< what its client has
  std::unique_ptr<numbered_core> core{};
  std::unique_ptr<actors::inbox> part{};
};

struct three_nodes::node {
  std::string name;
  std::uint64_t life = 1; ///< of its process
  bool alive = true;
  bool linked = true;
  time_point still_until{};
  std::uint64_t lease = 0;       ///< under which it writes
  std::uint64_t incarnation = 0; ///< under which it tells
  std::uint64_t count = 0;
  actors::hearing state{};
  std::array<std::uint64_t, user_count> known{}; ///< heads, as a shard of the directory has them
  bool looking = false;
  time_point next_look{};
};

three_nodes::three_nodes(std::uint64_t seed, const schedule_options& chosen)
    : random_(seed), chosen_(chosen) {
  for (std::size_t at = 0; at < node_count; ++at) {
    nodes_.push_back(std::make_unique<node>());
    nodes_.back()->name = std::to_string(at);
    nodes_.back()->state.link_changed(true);
    on(at, draw(1'000), [this, at] { renew(at); });
    on(at, draw(500), [this, at] { beat(at); });
  }
  for (std::size_t at = 0; at < 2 * user_count; ++at) {
    devices_.push_back(std::make_unique<device>());
    devices_.back()->user = at % user_count;
    after(draw(1'000), [this, at] { connect(at); });
  }
}

three_nodes::~three_nodes() = default;

// -- time -----------------------------------------------------------------------------------------

void three_nodes::after(std::uint64_t wait, std::function<void()> what) {
  later_.emplace(std::pair{now_ + ms{wait}, ++order_}, std::move(what));
}

void three_nodes::on(std::size_t where, std::uint64_t wait, std::function<void()> what) {
  after(wait, [this, where, life = nodes_[where]->life, what = std::move(what)] {
    auto& at = *nodes_[where];
    if (!at.alive || at.life != life)
      return;
    if (at.still_until > now_)
      return on(where, static_cast<std::uint64_t>((at.still_until - now_) / ms{1}) + 1, what);
    what();
  });
}

void three_nodes::pass(std::uint64_t time) {
  const auto end = now_ + ms{time};
  while (broken_.empty() && !later_.empty() && later_.begin()->first.first <= end) {
    auto next = later_.extract(later_.begin());
    now_ = next.key().first;
    next.mapped()();
  }
  now_ = end;
}

// -- the store and its leases ---------------------------------------------------------------------

/// A message to one user and of another one, or to oneself.
void three_nodes::store(std::size_t where) {
  auto& at = *nodes_[where];
  if (leases_.count(at.lease) == 0)
    take_lease(where); // It was fenced.
  users whose{draw(user_count)};
  if (const auto other = draw(user_count); other != whose.front())
    whose.push_back(other);
  std::vector<std::uint64_t> seqs;
  for (const auto each : whose)
    seqs.push_back(++heads_.at(each));
  on(where, draw(15), [this, where, whose, seqs] { tell(where, whose, seqs); });
}

void three_nodes::tell(std::size_t where, const users& whose,
                       const std::vector<std::uint64_t>& seqs) {
  auto& at = *nodes_[where];
  for (std::size_t i = 0; i < whose.size(); ++i)
    arrive(where, whose[i], seqs[i]);
  if (at.incarnation == 0)
    return;
  const auto incarnation = at.incarnation;
  const auto count = ++at.count;
  publish(where, [=, this](node& to) {
    to.state.told(incarnation, count, now_);
    const auto index = static_cast<std::size_t>(std::stoul(to.name));
    hear(index, whose, seqs);
  });
}

void three_nodes::take_lease(std::size_t where) {
  auto& at = *nodes_[where];
  std::erase_if(leases_, [&](const auto& each) { return each.second.first.name == at.name; });
  at.lease = ++last_lease_;
  leases_[at.lease] = {{at.lease, at.name, 1, {at.linked, false}}, now_};
}

void three_nodes::renew(std::size_t where) {
  auto& at = *nodes_[where];
  on(where, 1'000, [this, where] { renew(where); });
  if (leases_.count(at.lease) == 0)
    take_lease(where);
  leases_[at.lease] = {{at.lease, at.name, 1, {at.linked, false}}, now_};
  std::erase_if(leases_, [&](const auto& each) {
    return each.first != at.lease && now_ - each.second.second > store::lease_time;
  });
  std::vector<store::node_row> rows;
  for (const auto& [incarnation, lease] : leases_)
    rows.push_back(lease.first);
  on(where, draw(20), [this, where, rows, own = at.lease] {
    auto& seen = *nodes_[where];
    if (seen.incarnation != own) {
      seen.count = actors::first_count(seen.incarnation);
      seen.incarnation = own;
    }
    seen.state.living(rows, own, now_);
    consider(where);
  });
}

// -- the bus --------------------------------------------------------------------------------------

void three_nodes::publish(std::size_t from, const std::function<void(node&)>& on_arrival) {
  for (std::size_t to = 0; to < node_count; ++to) {
    if (to == from || !nodes_[from]->linked || !nodes_[to]->linked)
      continue;
    if (!quiet_ && chance(chosen_.loses))
      continue;
    const auto copies = !quiet_ && chance(chosen_.repeats) ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy)
      on(to, 1 + (chance(chosen_.overtakes) ? draw(60) : 0), [this, to, on_arrival] {
        if (!nodes_[to]->linked)
          return;
        on_arrival(*nodes_[to]);
        consider(to);
      });
  }
}

void three_nodes::beat(std::size_t where) {
  auto& at = *nodes_[where];
  on(where, 500, [this, where] { beat(where); });
  if (at.incarnation != 0)
    publish(where, [=, this, incarnation = at.incarnation, count = at.count](node& to) {
      to.state.beats(incarnation, count, now_);
    });
  consider(where);
}

void three_nodes::hear(std::size_t where, const users& whose,
                       const std::vector<std::uint64_t>& seqs) {
  for (std::size_t i = 0; i < whose.size(); ++i)
    arrive(where, whose[i], seqs[i]);
}

void three_nodes::consider(std::size_t where) {
  auto& at = *nodes_[where];
  if (!chosen_.detects || at.looking || !at.state.wants_look(now_))
    return;
  at.looking = true;
  const auto wait =
      at.next_look > now_ ? static_cast<std::uint64_t>((at.next_look - now_) / ms{1}) + 1 : draw(5);
  on(where, wait, [this, where] { look(where); });
}

/// Heads are read at one moment, and told a while later.
void three_nodes::look(std::size_t where) {
  nodes_[where]->state.look_begins();
  on(where, draw(20), [this, where] {
    on(where, draw(20), [this, where, heads = heads_] {
      for (std::size_t user = 0; user < user_count; ++user)
        grow(where, user, heads.at(user));
      auto& at = *nodes_[where];
      at.looking = false;
      at.next_look = now_ + store::fast_look;
      consider(where);
    });
  });
}

// -- devices --------------------------------------------------------------------------------------

void three_nodes::connect(std::size_t which) {
  auto& each = *devices_[which];
  const auto where = draw(node_count);
  const auto& at = *nodes_[where];
  if (!at.alive || at.still_until > now_)
    return after(100, [this, which] { connect(which); });
  const bool is_first = std::none_of(devices_.begin(), devices_.end(), [&](const auto& other) {
    return other->user == each.user && other->where == where;
  });
  if (is_first)
    nodes_[where]->known.at(each.user) = 0;
  each.where = where;
  ++each.connections;
  each.core = std::make_unique<numbered_core>();
  each.core->at = actors::stage::opening;
  each.core->cold().get().resume =
      std::make_unique<const resume_point>(resume_point{"e", each.cursor});
  each.part = std::make_unique<actors::inbox>();
  each.part->open(*each.core);
  obey(which);
}

/// What its connection has asked for, or sent to its client.
void three_nodes::obey(std::size_t which) {
  auto& each = *devices_[which];
  auto& core = *each.core;
  for (const auto seq : std::exchange(core.sent, {}))
    if (seq != ++each.cursor) {
      broken_ = "device " + std::to_string(which) + " is sent entry " + std::to_string(seq) +
                " instead of " + std::to_string(each.cursor);
      return;
    }
  const auto later = [&](std::uint64_t wait, auto what) {
    on(each.where, wait, [this, which, what, connection = each.connections] {
      auto& same = *devices_[which];
      if (same.part == nullptr || same.connections != connection)
        return;
      what(same);
      obey(which);
    });
  };
  if (std::exchange(core.opens, false))
    later(draw(20), [this, which](device& of) {
      // Read now, and there a while later.
      const auto head = heads_.at(of.user);
      on(of.where, draw(20), [this, which, head, connection = of.connections] {
        auto& same = *devices_[which];
        if (same.part == nullptr || same.connections != connection)
          return;
        same.part->on_opened(*same.core, {head, 1, 0, true});
        obey(which);
      });
    });
  if (const auto after_seq = std::exchange(core.page_after, std::nullopt))
    later(draw(20), [this, from = *after_seq](device& of) {
      inbox_page page;
      for (auto seq = from + 1; seq <= heads_.at(of.user) && page.entries.size() < 3; ++seq)
        page.entries.push_back({seq, entry_text(seq), true});
      of.part->on_page(*of.core, page);
    });
  if (std::exchange(core.held_is_due, false))
    later(20, [](device& of) { of.part->on_held_due(*of.core); });
}

/// As a shard of the directory does with an entry, and with a head.
void three_nodes::arrive(std::size_t where, std::size_t user, std::uint64_t seq) {
  auto& known = nodes_[where]->known.at(user);
  known = std::max(known, seq);
  for (std::size_t which = 0; which < devices_.size(); ++which) {
    auto& each = *devices_[which];
    if (each.where != where || each.user != user)
      continue;
    each.part->on_entry(*each.core, {any_message(), seq, false, entry_text(seq)});
    obey(which);
  }
}

void three_nodes::grow(std::size_t where, std::size_t user, std::uint64_t head) {
  auto& known = nodes_[where]->known.at(user);
  if (head <= known)
    return;
  known = head;
  for (std::size_t which = 0; which < devices_.size(); ++which) {
    auto& each = *devices_[which];
    if (each.where != where || each.user != user)
      continue;
    each.part->on_grown(*each.core, head);
    obey(which);
  }
}

// -- what goes wrong ------------------------------------------------------------------------------

void three_nodes::kill(std::size_t where) {
  auto& at = *nodes_[where];
  at.alive = false;
  for (std::size_t which = 0; which < devices_.size(); ++which) {
    auto& each = *devices_[which];
    if (each.where != where)
      continue;
    each.where = node_count;
    each.part.reset();
    each.core.reset();
    after(10 + draw(500), [this, which] { connect(which); });
  }
  after(draw(3'000), [this, where] {
    auto name = nodes_[where]->name;
    const auto life = nodes_[where]->life + 1;
    *nodes_[where] = node{.name = std::move(name), .life = life};
    nodes_[where]->state.link_changed(true);
    on(where, 0, [this, where] { renew(where); });
    on(where, draw(500), [this, where] { beat(where); });
  });
}

void three_nodes::go_wrong() {
  const auto where = draw(node_count);
  auto& at = *nodes_[where];
  if (!at.alive)
    return;
  switch (draw(4)) {
  case 0:
    if (chosen_.nodes_fail)
      kill(where);
    return;
  case 1:
    if (chosen_.nodes_fail)
      at.still_until = now_ + ms{draw(9'000)};
    return;
  default:
    if (!chosen_.links_fail)
      return;
    at.linked = false;
    on(where, draw(300), [this, where] {
      if (!nodes_[where]->linked)
        nodes_[where]->state.link_changed(false);
    });
    on(where, 300 + draw(3'000), [this, where] {
      nodes_[where]->linked = true;
      nodes_[where]->state.link_changed(true);
    });
  }
}

std::string three_nodes::run() {
  pass(1'500);
  const auto writes = 20 + draw(60);
  for (std::uint64_t left = writes; left > 0 && broken_.empty(); --left) {
    const auto where = draw(node_count);
    on(where, 0, [this, where] { store(where); });
    if (draw(8) == 0)
      go_wrong();
    pass(draw(10) == 0 ? draw(3'000) : draw(30));
  }
  pass(12'000); // What stands still, is dead or is down ends by itself.
  quiet_ = true;
  // A lease that has run out, the renewal that shows it, silence that is noticed, and two looks.
  pass(1'000 + 2'000 + 2 * 300 + 500);
  for (std::size_t which = 0; which < devices_.size() && broken_.empty(); ++which) {
    const auto& each = *devices_[which];
    if (each.cursor != heads_.at(each.user))
      broken_ = "device " + std::to_string(which) + " has its inbox up to " +
                std::to_string(each.cursor) + " of " + std::to_string(heads_.at(each.user));
  }
  return broken_;
}

} // namespace klatch::test
