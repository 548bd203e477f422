/// How a device says who it is: registrations, and the tokens in them.
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/device.hpp"

#include <string>

namespace klatch::simulation {

void device::register_now() {
  std::string text = R"({"type":"system","id":)" + in_quotes(state_.who->id) + R"(,"projectId":)" +
                     in_quotes(state_.who->project_id()) + R"(,"name":"n")";
  state_.handed_in_bad = false;
  text += token_field();
  state_.asked_resume = false;
  around_.truth.now = around_.on.now();
  state_.taken_at_start = around_.truth.delivered(*state_.who);
  if (state_.plain)
    return say(text + '}');
  text += R"(,"v":2,"ref":)" + in_quotes(ask({.what = question::kind::registration}));
  constexpr double forgets_where_it_was = 0.03;
  if (!state_.epoch.empty() && !choices_.chance(forgets_where_it_was)) {
    state_.asked_resume = true;
    state_.asked_since = how_ == how_to_come::further_back && state_.cursor > 0
                             ? choices_.below(state_.cursor + 1)
                             : state_.cursor;
    if (state_.asked_since != state_.cursor)
      reached("resumes from further back than it was");
    text += R"(,"resume":{"epoch":)" + in_quotes(state_.epoch) + R"(,"since":)" +
            std::to_string(state_.asked_since) + '}';
  }
  say(text + '}');
}

void device::register_again(std::string_view name) {
  std::string text = R"({"type":"system","id":)" + in_quotes(state_.who->id) + R"(,"projectId":)" +
                     in_quotes(state_.who->project_id()) + R"(,"name":)" + in_quotes(name);
  constexpr double brings_the_next = 0.5;
  if (around_.chosen.token_life > 0 && !state_.plain && choices_.chance(brings_the_next))
    text += R"(,"token":)" + in_quotes(token(token_worth::good));
  if (!state_.plain)
    text += R"(,"v":2,"ref":)" + in_quotes(ask({.what = question::kind::registration}));
  say(text + '}');
}

// -- tokens ---------------------------------------------------------------------------------------

std::string device::token(token_worth worth) {
  constexpr std::int64_t long_over = 100; // more than any leeway, and than a clock is set by
  const bool lasts = around_.on.is_fair();
  const auto now = home_->wall_ms() / 1000;
  const auto life = lasts
                        ? std::int64_t{3600}
                        : 1 + static_cast<std::int64_t>(choices_.around(
                                  static_cast<std::uint64_t>(around_.chosen.token_life / second)));
  const auto end = worth == token_worth::over ? now - long_over : now + life;
  if (worth == token_worth::good)
    state_.handed_in = end;
  else
    state_.handed_in_bad = true;
  return make_token(*state_.who, end, worth);
}

/// Of a registration: now and then with a token that is none.
std::string device::token_field() {
  if (around_.chosen.token_life == 0)
    return {};
  auto worth = token_worth::good;
  if (!around_.on.is_fair() && choices_.chance(0.08))
    worth = choices_.chance(0.5) ? token_worth::over : token_worth::foreign;
  return R"(,"token":)" + in_quotes(token(worth));
}

/// Told that its token is nearly over: most have another one.
void device::renew(const frame_view& frame) {
  if (frame.number("in_ms").value_or(1'000'000) > 25'000)
    throw failure{state_.name() + " is told of the end of its token too early"};
  reached("told to renew a token");
  const auto draw = choices_.below(100);
  if (draw < 25)
    return;
  const auto worth = draw < 32 ? token_worth::over : token_worth::good;
  const auto next = token(worth);
  say(R"({"type":"refresh","token":)" + in_quotes(next) + R"(,"ref":)" +
      in_quotes(ask({.what = question::kind::refresh})) + '}');
}

/// The server sends `text`: it may have accepted a token.
void device::note_token(std::string_view text) {
  check_token(around_.truth, state_, text);
  if (around_.chosen.token_life == 0)
    return;
  const bool renewed = text.starts_with(R"({"type":"refreshed")");
  const bool welcomed = text.starts_with(R"({"type":"welcome")");
  const bool acknowledged =
      state_.plain && text == R"({"type":"system","message":"Initial message received"})";
  constexpr std::string_view field = R"("exp":)";
  const auto at = text.find(field);
  if (!acknowledged && (at == std::string_view::npos || (!welcomed && !renewed)))
    return;
  const auto end =
      acknowledged
          ? state_.handed_in
          : static_cast<std::int64_t>(std::stoll(std::string{text.substr(at + field.size(), 12)}));
  if (renewed)
    reached("a token is renewed");
  const bool is_first = !state_.ends_at;
  if (is_first || !acknowledged)
    state_.ends_at = token_limit(around_.on.now(), home_->wall_ms(), end);
  if (is_first)
    look_at_token();
}

/// Again and again, as long as the connection lasts.
void device::look_at_token() {
  constexpr us a_while = 10 * second;
  around_.on.after(a_while, turn([this, link = state_.link, looked_at = around_.on.now()] {
                     if (link != state_.link || !state_.ends_at || link_ == nullptr)
                       return;
                     around_.truth.now = around_.on.now();
                     // A service that stood still has its turn first.
                     if (!link_->is_over() && around_.on.now() - looked_at < 2 * a_while)
                       check_put_out(around_.truth, state_);
                     look_at_token();
                   }));
}

} // namespace klatch::simulation
