#include "tests/faults/extended_client.hpp"

#include "tests/catch.hpp"

namespace klatch::faults {

extended_client::extended_client(const net::tcp_endpoint& to, const std::string& id,
                                 const std::optional<resume_point>& resume)
    : socket_(to) {
  nlohmann::json frame{{"type", "system"}, {"v", 2}, {"id", id}, {"projectId", 2424}, {"name", id}};
  if (resume)
    frame["resume"] = {{"epoch", resume->epoch}, {"since", resume->since}};
  push(frame);
  welcome_ = expect("welcome");
}

nlohmann::json extended_client::next() {
  for (;;) {
    const auto frame = socket_.raw().read_frame();
    if (frame.kind == sockets::opcode::ping)
      continue;
    if (frame.kind != sockets::opcode::text)
      FAIL("a frame with opcode " << frame.kind << " came: " << frame.payload.substr(0, 300));
    auto said = nlohmann::json::parse(frame.payload);
    if (said.at("type") != "receipt")
      return said;
  }
}

nlohmann::json extended_client::expect(std::string_view type) {
  auto said = next();
  INFO("came: " << said.dump().substr(0, 300));
  REQUIRE(said.at("type") == type);
  return said;
}

void extended_client::expect_unavailable(const std::string& cid) {
  const auto said = expect("error");
  INFO("came: " << said.dump());
  REQUIRE(said.at("code") == "unavailable");
  REQUIRE(said.at("temporary") == true);
  REQUIRE(said.at("cid") == cid);
}

nlohmann::json extended_client::keep(const std::string& to, const std::string& text,
                                     const std::string& cid) {
  push_message(to, text, cid);
  auto ack = expect("ack");
  REQUIRE(ack.at("cid") == cid);
  return ack;
}

nlohmann::json extended_client::history(const std::string& with, std::uint64_t after) {
  push({{"type", "history"}, {"with", with}, {"after", after}, {"limit", 200}});
  return expect("history");
}

} // namespace klatch::faults
