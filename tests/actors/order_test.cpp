// Messages of a pair keep their order, whatever runs first.
#include "tests/actors/world.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace klatch::test {

namespace {

struct device {
  std::string user;
  client* hands;
};

/// The numbers of the messages that came, by the device that sent them.
std::map<std::string, std::vector<int>> received(client& by) {
  std::map<std::string, std::vector<int>> result;
  auto& waiting = by.transport().waiting();
  for (; !waiting.empty(); waiting.pop_front()) {
    const auto text = nlohmann::json::parse(waiting.front());
    INFO(text);
    REQUIRE(text.value("type", "") == "usermsg");
    result[text.at("name")].push_back(std::stoi(text.at("message").get<std::string>()));
  }
  return result;
}

} // namespace

TEST_CASE("messages keep their order with a look-up in between", "[order]") {
  world around;
  auto& anna = around.join("anna");
  auto& boris = around.join("boris");
  auto& carla = around.join("carla");
  anna.push_message("boris", "1");
  anna.push_message("carla", "1");
  anna.push_message("boris", "2");
  anna.push_message("nobody", "?");
  anna.push_message("carla", "2");
  anna.push_message("boris", "3");
  for (const auto* text : {"1", "2", "3"})
    boris.expect_message("anna", text);
  for (const auto* text : {"1", "2"})
    carla.expect_message("anna", text);
  anna.expect_not_connected("nobody");
}

TEST_CASE("messages that were sent before the close arrive", "[order]") {
  world around;
  auto& boris = around.join("boris");
  auto& anna = around.join("anna");
  anna.push_message("boris", "looked up");
  anna.push_message("boris", "the last word");
  anna.push_close();
  boris.expect_message("anna", "looked up");
  boris.expect_message("anna", "the last word");
  boris.expect_nothing();
}

TEST_CASE("every device gets every message in the order of its sender, at any interleaving",
          "[order]") {
  const auto seed = GENERATE(range(1U, 201U));
  CAPTURE(seed);
  std::mt19937 random{seed};
  world around{{.shards = 3}};
  // The name tells the device, so that order can be told by sending device.
  std::vector<device> devices;
  for (const auto* user : {"anna", "anna", "boris", "boris", "carla"})
    devices.push_back({user, &around.join(user, "p", user + std::to_string(devices.size()))});
  const std::array users{"anna", "boris", "carla"};

  std::map<std::string, std::map<std::string, std::vector<int>>> expected; // receiver, sender
  const auto name_of = [&](std::size_t index) {
    return devices[index].user + std::to_string(index);
  };
  for (int number = 0; number < 60; ++number) {
    const auto from = random() % devices.size();
    const std::string to = users.at(random() % users.size());
    devices[from].hands->push_message(to, std::to_string(number));
    for (std::size_t index = 0; index < devices.size(); ++index)
      if (devices[index].user == to || (devices[index].user == devices[from].user && index != from))
        expected[name_of(index)][name_of(from)].push_back(number);
    for (auto steps = random() % 8; steps > 0; --steps)
      around.step(random);
  }
  while (around.step(random)) {
  }
  around.run();
  for (std::size_t index = 0; index < devices.size(); ++index) {
    CAPTURE(name_of(index));
    CHECK(received(*devices[index].hands) == expected[name_of(index)]);
  }
}

} // namespace klatch::test
