/// The text of one WebSocket message on its way out.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace klatch {

/// Immutable, encoded once and shared by all its receivers, on whatever thread they are.
class frame {
public:
  explicit frame(std::string text) : text_(std::make_shared<const std::string>(std::move(text))) {}

  std::string_view text() const noexcept { return *text_; }

private:
  std::shared_ptr<const std::string> text_;
};

} // namespace klatch
