// Who is there has a token, and is there as long as it lasts.
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/model/model.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace klatch::simulation {

namespace {

/// Between what is decided and what is seen of it: turns that are put off, and ticks.
constexpr us usual_slack = 5 * 1'000'000;
/// What the clock may have been set by meanwhile.
constexpr us clock_slack = 40 * 1'000'000;
/// For which a node may stand still.
constexpr us still_slack = 15 * 1'000'000;

us slack_of(const model& of) {
  return usual_slack + (of.chosen.has(fault::clock_set) ? clock_slack : 0) +
         (of.chosen.has(fault::node_stands_still) ? still_slack : 0);
}

bool lets_in(std::string_view text) {
  return text.starts_with(R"({"type":"welcome")") || text.starts_with(R"({"type":"refreshed")") ||
         text == R"({"type":"system","message":"Initial message received"})";
}

/// It has handed in another token, and nobody knows yet what came of that.
bool may_have_another(const device_state& by) {
  return std::any_of(by.questions.begin(), by.questions.end(), [](const auto& each) {
    const auto what = each.second.what;
    return what == question::kind::registration || what == question::kind::refresh;
  });
}

} // namespace

void check_token(const model& of, const device_state& by, std::string_view text) {
  if (of.chosen.token_life == 0)
    return;
  if (lets_in(text) && by.handed_in_bad && !by.ends_at)
    throw failure{by.name() + " is let in, and has no token that is good"};
  if (text.find(R"("token_expired")") == std::string_view::npos || by.handed_in_bad || !by.ends_at)
    return;
  if (of.now + slack_of(of) < *by.ends_at)
    throw failure{by.name() + " is put out though its token is good"};
  reached("a token is over");
}

void check_put_out(const model& of, const device_state& by) {
  if (by.ends_at && of.now > *by.ends_at + slack_of(of) && !may_have_another(by))
    throw failure{by.name() + " is there still, and its token is over"};
}

} // namespace klatch::simulation
