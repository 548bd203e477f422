#include "tests/simulation/tokens.hpp"

#include "tests/messages/signed_tokens.hpp"
#include "tests/simulation/model/ledger.hpp"

#include <algorithm>
#include <memory>

namespace klatch::simulation {

access_rules_ptr site_rules() {
  static const auto rules = std::make_shared<const access_rules>(test::site_rules());
  return rules;
}

std::string make_token(const user& who, std::int64_t expires, token_worth worth) {
  static const auto own = test::secret_key("site", 's');
  static const auto foreign = test::secret_key("site", 'x');
  const auto claims = R"({"sub":")" + who.id + R"(","project":")" + who.project_id() +
                      R"(","exp":)" + std::to_string(expires) + '}';
  return test::signed_by(worth == token_worth::foreign ? foreign : own, claims);
}

us token_limit(us noted, std::int64_t wall_ms, std::int64_t expires) noexcept {
  // docs/protocol.md: told 25 s before its end or after 1 s, and then 50 s, or 15 at least.
  constexpr std::int64_t after_the_end_ms = 25'000;
  constexpr std::int64_t least_ms = 16'000;
  const auto left_ms = std::max(expires * 1000 - wall_ms + after_the_end_ms, least_ms);
  return noted + left_ms * ms;
}

} // namespace klatch::simulation
