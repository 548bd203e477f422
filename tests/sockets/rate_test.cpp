/// The limit on sends: told first, closed with 4529 when that is ignored.
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

namespace klatch::sockets {

namespace {

app::service_options with_rate(unsigned a_second) {
  auto options = usual_options();
  options.network.allowed.send_rate = a_second;
  return options;
}

std::string many_to(std::string_view to, int count) {
  std::string frames;
  for (int number = 0; number < count; ++number)
    frames += wire_frame{.payload = message_to(to, std::to_string(number))}.bytes();
  return frames;
}

} // namespace

TEST_CASE("a sender over the rate is told how long to wait, and may go on after that") {
  running_service server{with_rate(50)};
  auto sender = ws_client::registered(server.endpoint(), "7");
  // Bursts of three seconds' worth, of which the registration was one, and what the rate allows
  // while they are sent.
  sender.raw().write(many_to("7", 290));
  int taken = 0;
  std::optional<nlohmann::json> told;
  for (int answers = 0; answers < 290; ++answers) {
    const auto said = nlohmann::json::parse(sender.raw().read_frame().payload);
    if (said.at("type") == "usermsg") {
      ++taken;
      continue;
    }
    REQUIRE(said.at("type") == "system");
    REQUIRE(said.at("error") == "rate_limited");
    REQUIRE(said.at("retry_ms") >= 1);
    REQUIRE(said.at("retry_ms") <= 20);
    told = said;
  }
  REQUIRE(taken >= 149);
  REQUIRE(told);
  // The wait, for which there is nothing to watch but the silence.
  CHECK_FALSE(sender.raw().readable_within(std::chrono::milliseconds{told->at("retry_ms")}));
  sender.push(message_to("7", "patient"));
  sender.expect_push(usermsg("7", "7", "patient"));
}

TEST_CASE("a sender who ignores that is closed with 4529, and nobody else notices") {
  running_service server{with_rate(1)};
  auto sender = ws_client::registered(server.endpoint(), "7");
  auto recipient = ws_client::registered(server.endpoint(), "5");
  auto other = ws_client::registered(server.endpoint(), "3");
  sender.raw().write_until_refused(many_to("5", 100));
  int told = 0;
  auto frame = sender.raw().read_frame();
  for (; frame.kind == opcode::text; frame = sender.raw().read_frame()) {
    const auto said = nlohmann::json::parse(frame.payload);
    REQUIRE(said.at("error") == "rate_limited");
    REQUIRE(said.at("retry_ms") <= 1000);
    ++told;
  }
  CHECK(told >= 3);
  CHECK(told < 50);
  CHECK(frame.kind == opcode::close);
  CHECK(frame.payload.substr(0, 2) == close_payload(4529));
  for (int number = 0; number < 2; ++number) // the registration was the first of three
    recipient.expect_push(usermsg("7", "5", std::to_string(number)));
  other.push(message_to("5", "not limited by others"));
  for (;;) { // time may have allowed the first sender one more
    const auto text = recipient.raw().read_frame().payload;
    if (text == usermsg("3", "5", "not limited by others"))
      break;
    REQUIRE(text.find(R"("from":"7")") != std::string::npos);
  }
}

TEST_CASE("with a rate of 0 nobody is limited") {
  running_service server{with_rate(0)};
  auto sender = ws_client::registered(server.endpoint(), "7");
  sender.raw().write(many_to("7", 2000));
  for (int number = 0; number < 2000; ++number)
    sender.expect_push(usermsg("7", "7", std::to_string(number)));
}

} // namespace klatch::sockets
