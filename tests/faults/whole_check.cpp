#include "tests/faults/whole_check.hpp"

#include "tests/catch.hpp"
#include "tests/faults/extended_client.hpp"

#include <set>

namespace klatch::faults {

namespace {

told_log::place place_of(const nlohmann::json& message, std::uint64_t seq) {
  return {std::stoull(message.at("mid").get<std::string>()), message.at("n"), seq,
          message.at("ts")};
}

void read_inbox(const net::tcp_endpoint& server, const std::string& user, const std::string& epoch,
                told_log& log) {
  extended_client reader{server, user, resume_point{epoch, 0}};
  INFO(reader.welcome().dump());
  REQUIRE(reader.welcome().at("recovered") == true);
  const std::uint64_t head = reader.welcome().at("head");
  log.inbox_ends(user, head);
  for (std::uint64_t seq = 1; seq <= head; ++seq) {
    const auto entry = reader.expect("usermsg");
    if (entry.at("seq") != seq)
      log.gap("the inbox of " + user + " was replayed with seq " + entry.at("seq").dump() +
              " in place of " + std::to_string(seq));
    log.told(user, entry.at("from"), entry.at("to"), entry.at("message"),
             place_of(entry, entry.at("seq")));
  }
}

void read_conversation(const net::tcp_endpoint& server, const told_log::user_pair& users,
                       told_log& log) {
  const auto& [one, other] = users;
  extended_client reader{server, one};
  std::uint64_t n = 0;
  for (bool more = true; more;) {
    const auto page = reader.history(other, n);
    for (const auto& each : page.at("messages")) {
      if (each.at("n") != n + 1)
        log.gap("the conversation of " + one + " and " + other + " has n " + each.at("n").dump() +
                " after " + std::to_string(n));
      n = each.at("n");
      log.told(one, each.at("from"), each.at("to"), each.at("message"), place_of(each, 0));
    }
    more = page.at("more");
    REQUIRE_FALSE((more && page.at("messages").empty()));
  }
  log.conversation_ends(one, other, n);
}

} // namespace

void check_all_stored(const net::tcp_endpoint& server, told_log& log) {
  std::set<std::string> users;
  std::set<told_log::user_pair> pairs;
  for (const auto& [pair, cids] : log.conversations()) {
    pairs.insert(pair);
    users.insert({pair.first, pair.second});
  }
  const auto epoch = extended_client{server, "somebody"}.epoch();
  for (const auto& user : users)
    read_inbox(server, user, epoch, log);
  for (const auto& pair : pairs)
    read_conversation(server, pair, log);
  log.check_whole();
}

} // namespace klatch::faults
