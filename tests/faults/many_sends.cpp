#include "tests/faults/many_sends.hpp"

#include "tests/catch.hpp"

namespace klatch::faults {

std::vector<std::string> send_many(extended_client& by, unsigned count, const std::string& text) {
  for (unsigned number = 1; number <= count; ++number)
    by.push_message("boris", text, std::to_string(number));
  by.push({{"type", "ping"}});
  std::vector<std::string> refused;
  for (auto said = by.next(); said.at("type") != "pong"; said = by.next()) {
    INFO(said.dump().substr(0, 300));
    REQUIRE(said.at("type") == "error");
    REQUIRE(said.at("code") == "unavailable");
    REQUIRE(said.at("temporary") == true);
    refused.push_back(said.at("cid"));
  }
  return refused;
}

void expect_others_unhurt(const net::tcp_endpoint& server, const std::string& epoch) {
  extended_client clara{server, "clara", resume_point{epoch, 0}};
  CHECK(clara.welcome().at("recovered") == true);
  CHECK(clara.expect("usermsg").at("message") == "for clara");
  CHECK(clara.history("anna").at("messages").size() == 1);
  clara.push({{"type", "conversations"}});
  CHECK(clara.expect("conversations").at("conversations").size() == 1);
}

void expect_acks(extended_client& by, std::size_t count, std::uint64_t from_seq) {
  for (std::size_t at = 0; at < count; ++at)
    CHECK(by.expect("ack").at("seq") == from_seq + at);
}

} // namespace klatch::faults
