// docs/protocol.md says nothing that the golden files do not.
#include "messages/wire/command_table.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <set>
#include <string>

namespace klatch {

namespace {

using nlohmann::json;

const std::string to_server = "\u2192 ";
const std::string to_client = "\u2190 ";

std::set<std::string> golden_texts(const std::string& whose) {
  std::set<std::string> texts;
  for (const auto* dialect : {"", "extended_"}) {
    std::ifstream file{std::string{KLATCH_GOLDEN_DIR} + '/' + dialect + whose + "_frames.json"};
    REQUIRE(file.is_open());
    for (const auto& each : json::parse(file))
      texts.insert(each.at("text").get<std::string>());
  }
  return texts;
}

/// The examples of docs/protocol.md that go one way.
std::set<std::string> examples(const std::string& arrow) {
  std::ifstream file{KLATCH_GOLDEN_DIR "/../../docs/protocol.md"};
  REQUIRE(file.is_open());
  std::set<std::string> found;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(arrow))
      found.insert(line.substr(arrow.size()));
  return found;
}

std::set<std::string> types_of(const std::set<std::string>& texts) {
  std::set<std::string> types;
  for (const auto& text : texts) {
    const auto frame = json::parse(text, nullptr, false);
    if (frame.is_object() && frame.contains("type") && frame["type"].is_string())
      types.insert(frame["type"]);
  }
  return types;
}

} // namespace

TEST_CASE("every example of docs/protocol.md is a golden frame") {
  for (const auto& [arrow, whose] :
       {std::pair{to_server, "client"}, std::pair{to_client, "server"}}) {
    const auto golden = golden_texts(whose);
    const auto shown = examples(arrow);
    CHECK(shown.size() >= 8);
    for (const auto& text : shown) {
      INFO(text);
      CHECK(golden.count(text) == 1);
    }
  }
}

TEST_CASE("docs/protocol.md has an example of every frame that works") {
  const auto from_clients = types_of(examples(to_server));
  std::set<std::string> taken;
  for (const auto& row : command_table())
    taken.emplace(row.type);
  CHECK(from_clients == taken);
  CHECK(types_of(examples(to_client)) == types_of(golden_texts("server")));
}

} // namespace klatch
