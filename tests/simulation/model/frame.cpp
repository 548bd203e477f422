#include "tests/simulation/model/frame.hpp"

#include "tests/simulation/trace.hpp"

#include <simdjson.h>

#include <charconv>

namespace klatch::simulation {

struct frame_view::element {
  simdjson::dom::element value;

  template<class Type>
  std::optional<Type> get(const char* field) const {
    Type result{};
    if (value[field].get(result) != simdjson::SUCCESS)
      return std::nullopt;
    return result;
  }
};

frame_view::frame_view(std::string_view text) : own_(std::make_unique<element>()) {
  static simdjson::dom::parser parser;
  if (parser.parse(text.data(), text.size()).get(own_->value) != simdjson::SUCCESS)
    throw failure{"a frame is no JSON: " + std::string{text.substr(0, 80)}};
}

frame_view::frame_view(std::unique_ptr<element> own) : own_(std::move(own)) {}
frame_view::~frame_view() = default;

std::string_view frame_view::string(const char* field) const {
  return own_->get<std::string_view>(field).value_or(std::string_view{});
}

std::optional<std::uint64_t> frame_view::number(const char* field) const {
  return own_->get<std::uint64_t>(field);
}

bool frame_view::flag(const char* field) const { return own_->get<bool>(field).value_or(false); }

bool frame_view::has(const char* field) const {
  return own_->get<simdjson::dom::element>(field).has_value();
}

std::uint64_t frame_view::mid() const {
  const auto text = string("mid");
  std::uint64_t result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

void frame_view::for_each(const char* list,
                          const std::function<void(const frame_view&)>& each) const {
  const auto all = own_->get<simdjson::dom::array>(list);
  if (!all)
    return;
  for (const auto value : *all)
    each(frame_view{std::make_unique<element>(element{value})});
}

void frame_view::inside(const char* object,
                        const std::function<void(const frame_view&)>& use) const {
  if (const auto value = own_->get<simdjson::dom::element>(object))
    use(frame_view{std::make_unique<element>(element{*value})});
}

} // namespace klatch::simulation
