// Whether a frame takes the fast or the slow path must not show.
#include "tests/catch.hpp"
#include "tests/messages/two_paths.hpp"

#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace klatch {

namespace {

std::vector<std::string> golden_texts() {
  std::vector<std::string> result;
  for (const auto* name : {"/client_frames.json", "/extended_client_frames.json"}) {
    std::ifstream file{std::string{KLATCH_GOLDEN_DIR} + name};
    for (const auto& each : nlohmann::json::parse(file))
      result.push_back(each.at("text"));
  }
  return result;
}

/// Changes frames in small ways that parsers may differ about.
class mutator {
public:
  explicit mutator(std::vector<std::string> frames) : frames_(std::move(frames)) {}

  std::string next() {
    auto text = frames_[below(frames_.size())];
    for (auto changes = 1 + below(3); changes > 0; --changes)
      change(text);
    return text;
  }

private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  void change(std::string& text) {
    const auto at = below(text.size() + 1);
    const auto size = std::min(below(8), text.size() - at);
    switch (below(5)) {
    case 0:
      text.insert(at, 1, static_cast<char>(below(256)));
      break;
    case 1:
      text.erase(at, size);
      break;
    case 2:
      text.insert(below(text.size() + 1), text.substr(at, size));
      break;
    case 3:
      text.replace(at, size, pieces_[below(pieces_.size())]);
      break;
    default:
      replace_value(text);
    }
  }

  /// Puts a piece where a value stands, so that the result is often JSON.
  void replace_value(std::string& text) {
    const auto colon = text.find(':', below(text.size() + 1));
    if (colon == std::string::npos)
      return;
    const auto end = std::min(text.find_first_of(",}", colon), text.size());
    text.replace(colon + 1, end - colon - 1, pieces_[below(pieces_.size())]);
  }

  std::vector<std::string> frames_;
  std::mt19937 random_{20151124};
  std::vector<std::string> pieces_{"1e400",
                                   "-0",
                                   "-0.0",
                                   "1E5",
                                   "01",
                                   "18446744073709551615",
                                   "18446744073709551616",
                                   "9223372036854775808",
                                   "-9223372036854775808",
                                   "-9223372036854775809",
                                   "0.1e-999",
                                   "true",
                                   "nul",
                                   "null",
                                   "\"\"",
                                   "\"7\"",
                                   "[]",
                                   "{}",
                                   "[1,[2,{\"type\":3}]]",
                                   "\"user\"",
                                   "\"system\"",
                                   "\"\\u0000\"",
                                   "\"\\ud83d\\ude00\"",
                                   "\"\\ud83d\"",
                                   "\"\\ude00\"",
                                   "\"\\\\ude00\"",
                                   "\"\\uD83D\\uD83D\\uDE00\"",
                                   "\"\\ud83d\\u0041\"",
                                   "\"\\uDBFF\\uDFFF\"",
                                   "\"\\u12g4\"",
                                   "\"\\/\\b\\f\"",
                                   "\\",
                                   "\"",
                                   ",\"type\":",
                                   ",\"id\":",
                                   ",\"cid\":",
                                   "\"c\\u0069d\":\"c2\",",
                                   ",\"ref\":",
                                   "\"r\\u0065f\":\"r2\",",
                                   ",\"name\":",
                                   ",\"resume\":",
                                   ",\"since\":",
                                   "{\"epoch\":\"e\",\"since\":812}",
                                   "\xEF\xBB\xBF",
                                   "\xED\xA0\x80",
                                   "\xED\xB0\x80",
                                   "\"\xF0\x9F\x98\x80\"",
                                   "\"\xEF\xBF\xBE\"",
                                   "\"\xC2\x85\"",
                                   std::string(1, '\0'),
                                   "\x1F",
                                   "\f",
                                   " \t\r\n"};
};

} // namespace

TEST_CASE("both parsers return the same for every golden frame") {
  decoder decodes{limits{}};
  for (const auto& text : golden_texts()) {
    INFO(text);
    CHECK(usually(decodes, text) == slowly(text));
    CHECK(key_is_the_frames(text));
  }
}

TEST_CASE("both parsers return the same for broken frames") {
  constexpr int rounds = 20000;
  decoder decodes{limits{}};
  mutator mutate{golden_texts()};
  int json_texts = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto text = mutate.next();
    const auto usual = usually(decodes, text);
    if (usual != slowly(text) || !key_is_the_frames(text)) {
      INFO(text);
      CHECK(usual == slowly(text));
      CHECK(key_is_the_frames(text));
    }
    json_texts += static_cast<int>(usual.find("bad_json") == std::string::npos);
  }
  // Else the fast path was hardly asked.
  CHECK(json_texts > rounds / 10);
}

} // namespace klatch
