#include "store/postgres/statement_params.hpp"

#include <type_traits>

namespace klatch::store {

namespace {

/// Most significant byte first.
template<class Integer>
void append_integer(std::string& to, Integer value) {
  auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  char bytes[sizeof bits];
  for (std::size_t i = sizeof bits; i > 0; --i) {
    bytes[i - 1] = static_cast<char>(bits & 0xFFU);
    bits = static_cast<decltype(bits)>(bits >> 8U);
  }
  to.append(bytes, sizeof bytes);
}

postgres_type array_of(postgres_type element) {
  switch (element) {
  case postgres_type::number:
    return postgres_type::numbers;
  case postgres_type::text:
    return postgres_type::texts;
  default:
    return postgres_type::byte_strings;
  }
}

} // namespace

// -- arrays ---------------------------------------------------------------------------------------

void array_builder::add(std::int64_t value) {
  append_integer(body_, std::int32_t{sizeof value});
  append_integer(body_, value);
  ++size_;
}

void array_builder::add(std::string_view value) {
  append_integer(body_, static_cast<std::int32_t>(value.size()));
  body_.append(value);
  ++size_;
}

void array_builder::add_null() {
  append_integer(body_, std::int32_t{-1});
  has_null_ = true;
  ++size_;
}

std::string array_builder::finish() const {
  std::string result;
  constexpr std::size_t head_bytes = 20;
  result.reserve(head_bytes + body_.size());
  append_integer(result, std::int32_t{size_ == 0 ? 0 : 1}); // dimensions
  append_integer(result, std::int32_t{has_null_ ? 1 : 0});
  append_integer(result, static_cast<std::int32_t>(element_));
  if (size_ == 0)
    return result;
  append_integer(result, static_cast<std::int32_t>(size_));
  append_integer(result, std::int32_t{1}); // the first index
  result += body_;
  return result;
}

// -- values ---------------------------------------------------------------------------------------

statement_params& statement_params::flag(bool given) {
  values_.push_back({postgres_type::boolean, false, std::string(1, given ? '\1' : '\0')});
  return *this;
}

statement_params& statement_params::number(std::int64_t given) {
  values_.push_back({postgres_type::number, false, {}});
  append_integer(values_.back().bytes, given);
  return *this;
}

statement_params& statement_params::text(std::string_view given) {
  values_.push_back({postgres_type::text, false, std::string{given}});
  return *this;
}

statement_params& statement_params::bytes(std::string_view given) {
  values_.push_back({postgres_type::bytes, false, std::string{given}});
  return *this;
}

statement_params& statement_params::null(postgres_type type) {
  values_.push_back({type, true, {}});
  return *this;
}

statement_params& statement_params::numbers(std::span<const std::int64_t> given) {
  array_builder built{postgres_type::number};
  for (const auto each : given)
    built.add(each);
  return array(built);
}

statement_params& statement_params::numbers(std::span<const std::uint64_t> given) {
  array_builder built{postgres_type::number};
  for (const auto each : given)
    built.add(each);
  return array(built);
}

statement_params& statement_params::byte_strings(std::span<const std::string_view> given) {
  array_builder built{postgres_type::bytes};
  for (const auto each : given)
    built.add(each);
  return array(built);
}

statement_params& statement_params::array(const array_builder& given) {
  values_.push_back({array_of(given.element()), false, given.finish()});
  return *this;
}

} // namespace klatch::store
