/// The text of one WebSocket message on its way out.
#pragma once

#include "messages/errors.hpp"
#include "messages/frame_type.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace klatch {

/// Immutable, encoded once and shared by all its receivers, on whatever thread they are.
class frame {
public:
  /// `type`: what `text` says; `error`: of which error, if it is one (in both dialects);
  /// `of_guest`: it is a guest's message, which plain clients are sent otherwise.
  explicit frame(std::string text, frame_type type, std::optional<error_code> error = {},
                 bool of_guest = false)
      : content_(std::make_shared<const content>(std::move(text), type, error, of_guest)) {}

  std::string_view text() const noexcept { return content_->text; }
  frame_type type() const noexcept { return content_->type; }
  std::optional<error_code> error() const noexcept { return content_->error; }
  bool is_of_guest() const noexcept { return content_->of_guest; }

private:
  struct content {
    content(std::string&& said, frame_type kind, std::optional<error_code> of, bool guests) noexcept
        : text(std::move(said)), type(kind), error(of), of_guest(guests) {}

    std::string text;
    frame_type type;
    std::optional<error_code> error;
    bool of_guest;
  };

  std::shared_ptr<const content> content_;
};

} // namespace klatch
