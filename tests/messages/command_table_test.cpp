// The table of commands, and what docs/protocol.md says of each.
#include "messages/wire/command_table.hpp"
#include "messages/wire/decoder.hpp"
#include "tests/catch.hpp"
#include "tests/messages/document_table.hpp"

#include <string>

namespace klatch {

namespace {

/// What the decoder makes of `text` from an extended client.
command decoded(const std::string& text) {
  decoder decodes{limits{}};
  auto result = decodes.decode(text, dialect::extended).what;
  REQUIRE(row_of(result) != nullptr);
  return result;
}

/// A frame with all that any type requires.
std::string whole_frame(std::string_view type) {
  return R"({"id":"7","projectId":"p","to_id":"5","message":"hi","seq":1,"with":"5","n":1,"token":"t","type":")" +
         std::string{type} + "\"}";
}

} // namespace

TEST_CASE("a command of a type has the row of that type", "[table]") {
  for (std::size_t at = 0; at < command_table().size(); ++at) {
    INFO(command_table()[at].type);
    const auto result = decoded(whole_frame(command_table()[at].type));
    CHECK(row_of(result) == &command_table()[at]);
  }
}

TEST_CASE("a fault of a known type has the row of its type", "[table]") {
  for (const auto& row : command_table()) {
    INFO(row.type);
    const auto result = decoded(R"({"ref":7,"type":")" + std::string{row.type} + "\"}");
    CHECK(std::holds_alternative<fault>(result));
    CHECK(row_of(result) == &row);
    CHECK(rate_class_of(result) == rate_class::send);
    CHECK(may_come_unregistered(result) == is_registration(row));
  }
}

TEST_CASE("a frame of no known type may come first only if it has no type", "[table]") {
  CHECK(may_come_unregistered(fault{error_code::bad_json, ""}));
  CHECK(may_come_unregistered(fault{error_code::bad_frame, ""}));
  CHECK_FALSE(may_come_unregistered(fault{error_code::unknown_type, ""}));
}

TEST_CASE("a plain client is told of the plain types only", "[table]") {
  CHECK(types_known_in(dialect::plain) == R"(type has to be "system" or "user")");
  CHECK(
      types_known_in(dialect::extended) ==
      R"(type has to be "system", "user", "recv", "read", "history", "conversations", "ping" or "refresh")");
  for (const auto& row : command_table()) {
    CHECK(find_row(row.type, dialect::extended) == &row);
    CHECK((find_row(row.type, dialect::plain) == &row) == (row.known_in == dialect::plain));
  }
  CHECK(find_row("", dialect::extended) == nullptr);
}

TEST_CASE("docs/protocol.md lists the commands as the table has them", "[table]") {
  const auto rows = table_headed(
      "| `type` | dialect | before the registration | counts as a send | answered with |");
  REQUIRE(rows.size() == command_table().size());
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const auto& row = command_table()[at];
    INFO(row.type);
    REQUIRE(rows[at].size() == 5);
    CHECK(rows[at][0] == in_backquotes(row.type));
    CHECK(rows[at][1] == (row.known_in == dialect::plain ? "both" : "extended"));
    CHECK(rows[at][2] == (row.requires_first == needs::nothing ? "yes" : ""));
    CHECK(rows[at][3] == (row.counts_as == rate_class::send ? "yes" : ""));
  }
}

} // namespace klatch
