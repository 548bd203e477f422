/// A frame of the server's, as a client reads it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace klatch::simulation {

/// Fields by their names; what is not there, or of another type, is empty. As long as one lives, no
/// other is parsed.
class frame_view {
public:
  /// Throws `failure` if it is no JSON.
  explicit frame_view(std::string_view text);
  ~frame_view();
  frame_view(frame_view&&) = delete;
  frame_view& operator=(frame_view&&) = delete;

  std::string_view type() const { return string("type"); }
  std::string_view string(const char* field) const;
  std::optional<std::uint64_t> number(const char* field) const;
  bool flag(const char* field) const;
  bool has(const char* field) const;
  /// A `mid`: a number in a string.
  std::uint64_t mid() const;
  /// Calls `each` with every element of a list.
  void for_each(const char* list, const std::function<void(const frame_view&)>& each) const;
  /// Calls `use` with an object.
  void inside(const char* object, const std::function<void(const frame_view&)>& use) const;

private:
  struct element;
  explicit frame_view(std::unique_ptr<element> own);

  std::unique_ptr<element> own_;
};

} // namespace klatch::simulation
