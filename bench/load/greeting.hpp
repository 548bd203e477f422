/// What clients say first.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace load {

struct greeting {
  /// The registration that leaves as soon as the connection is upgraded.
  std::function<std::string(std::size_t client)> registration;
  /// Takes the first text that comes after it; throws `failure` unless it is the right answer.
  std::function<void(std::size_t client, std::string_view text)> take_answer;
};

} // namespace load
