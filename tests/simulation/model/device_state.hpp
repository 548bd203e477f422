/// What a device knows, as its SDK would.
#pragma once

#include "tests/simulation/model/ledger.hpp"
#include "tests/simulation/trace.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace klatch::simulation {

/// A frame that is to be answered: exactly once, with its `ref`.
struct question {
  enum class kind : std::uint8_t {
    registration,
    send,
    history,
    conversations,
    ping,
    mark,
    refresh
  };
  kind what;
  us asked_at = 0;
  message_number message = 0; ///< of a send

  // Of a query.
  const user* with = nullptr;
  std::optional<std::uint64_t> before{};
  std::optional<std::uint64_t> after{};
  std::uint64_t limit = 0;
  std::uint64_t known_n = 0;           ///< that somebody had been told when it was asked
  ledger::marks_of_user known_marks{}; ///< likewise
  std::map<const user*, std::uint64_t> known_last{}; ///< the last mid with each, likewise
  std::set<const user*> listed{};                    ///< on the pages before
};

struct device_state {
  const user* who;
  std::size_t number; ///< among all devices
  bool plain;

  std::string epoch{}; ///< empty: it has never been told one
  std::uint64_t cursor = 0;
  std::map<std::uint64_t, message_number> entries{}; ///< of its inbox, as it was sent them
  std::deque<message_number> outbox{};               ///< what is not acknowledged

  // Of the connection that it has.
  bool online = false; ///< its registration is confirmed
  std::uint64_t link = 0;
  std::uint64_t incarnation = 0; ///< of the service that it has connected to
  bool came_too_early = false;   ///< that service did not know yet that messages were lost
  std::uint64_t losses = 0;      ///< that there had been
  /// Where tokens are asked for: what is not good has been handed in.
  bool handed_in_bad = false;
  std::int64_t handed_in = 0; ///< the end of the last token, in seconds since 1970 UTC
  /// When the token that was accepted has the connection ended.
  std::optional<us> ends_at{};
  bool asked_resume = false;
  std::uint64_t asked_since = 0;
  std::uint64_t taken_at_start = 0; ///< a plain one's: the delivery that was known when it came
  std::map<std::string, question> questions{};              ///< by their ref
  std::map<std::string, std::uint64_t> receipts{};          ///< the last of each kind
  std::map<std::uint64_t, message_number> last_handed_on{}; ///< where nothing is stored: by link
  std::vector<message_number> received{};                   ///< a plain one's

  /// "u3/1": what sentences and traces call it.
  std::string name() const { return who->name() + '/' + std::to_string(number); }
};

} // namespace klatch::simulation
