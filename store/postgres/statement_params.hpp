/// What a statement is run with, in PostgreSQL's binary format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::store {

/// PostgreSQL's numbers for its types (`pg_type.dat`): the same in every server.
enum class postgres_type : std::uint32_t {
  boolean = 16,
  bytes = 17,
  number = 20, ///< int8
  text = 25,
  byte_strings = 1001,
  texts = 1009,
  numbers = 1016
};

/// Elements of an array, some of which may be null.
class array_builder {
public:
  explicit array_builder(postgres_type element) : element_(element) {}

  void add(std::int64_t value);
  void add(std::uint64_t value) { add(static_cast<std::int64_t>(value)); }
  void add(std::string_view value);
  void add_null();

  std::size_t size() const noexcept { return size_; }
  postgres_type element() const noexcept { return element_; }
  /// With the head that tells how many there are.
  std::string finish() const;

private:
  postgres_type element_;
  std::size_t size_ = 0;
  bool has_null_ = false;
  std::string body_;
};

/// The values of `$1`, `$2` …, in their order. The types of a statement's first run are those of
/// all.
class statement_params {
public:
  struct value {
    postgres_type type;
    bool null = false;
    std::string bytes;
  };

  statement_params& flag(bool given);
  statement_params& number(std::int64_t given);
  statement_params& number(std::uint64_t given) { return number(static_cast<std::int64_t>(given)); }
  statement_params& text(std::string_view given); ///< without U+0000
  statement_params& bytes(std::string_view given);
  statement_params& null(postgres_type type);
  statement_params& numbers(std::span<const std::int64_t> given);
  statement_params& numbers(std::span<const std::uint64_t> given);
  statement_params& byte_strings(std::span<const std::string_view> given);
  statement_params& array(const array_builder& given);

  std::span<const value> values() const noexcept { return values_; }

private:
  std::vector<value> values_;
};

} // namespace klatch::store
