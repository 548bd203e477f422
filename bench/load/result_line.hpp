/// The line for people with what a measurement has found.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace load {

/// A line's text. `{/page/p50_ms:3}` in it stands for the result's number at that path, with 3
/// digits after the point; `{/share:0%}` for a hundred times the number, `{/rss_kib:1M}` for a
/// 1024th of it.
struct result_line {
  const char* always;
  /// Follows if the result has the first number that it names.
  const char* if_measured = "";
};

/// `name`: the scenario's. Throws if the result does not have a number that the line needs.
std::string text_of(const result_line& line, const std::string& name,
                    const nlohmann::ordered_json& result);

} // namespace load
