#include "messages/wire/command_decoders.hpp"

#include "messages/wire/field_reader.hpp"

#include <string>
#include <utility>

namespace klatch {

namespace {

template<class Command>
command result_of(const field_reader& read, Command&& what) {
  if (auto refused = read.refusal())
    return *std::move(refused);
  return std::forward<Command>(what);
}

} // namespace

command decode_registration(field_reader& read, dialect speaks) {
  const auto user = read.required_id(field::id);
  const auto project = read.required_id(field::project);
  const auto name = read.name().value_or(user);
  const auto color = read.color().value_or(std::string_view{});
  const auto chosen = read.version();
  if (speaks == dialect::plain && chosen == dialect::extended)
    read.ref();
  auto resume = chosen == dialect::extended ? read.resume() : std::nullopt;
  if (auto refused = read.refusal())
    return *std::move(refused);
  return registration{user_key{*project_id::parse(project), *user_id::parse(user)},
                      std::string{name}, std::string{color}, chosen, std::move(resume)};
}

command decode_user_message(field_reader& read, dialect speaks) {
  user_message result;
  if (speaks == dialect::extended)
    result.cid = read.cid();
  result.to = read.required_id(field::to_id);
  result.message = read.message();
  result.name = read.name();
  result.color = read.color();
  result.id = read.optional_id(field::id);
  result.project = read.optional_id(field::project);
  return result_of(read, result);
}

command decode_received(field_reader& read, dialect /*speaks*/) {
  return result_of(read, received{read.required_number(field::seq)});
}

command decode_have_read(field_reader& read, dialect /*speaks*/) {
  have_read result;
  result.with = read.required_id(field::with);
  result.n = read.required_number(field::n);
  return result_of(read, result);
}

command decode_history_query(field_reader& read, dialect /*speaks*/) {
  history_query result;
  result.with = read.required_id(field::with);
  result.before = read.optional_number(field::before);
  result.after = read.optional_number(field::after);
  result.limit = read.limit();
  return result_of(read, result);
}

command decode_conversations_query(field_reader& read, dialect /*speaks*/) {
  conversations_query result;
  result.before = read.optional_mid(field::before);
  result.limit = read.limit();
  return result_of(read, result);
}

command decode_ping(field_reader& read, dialect /*speaks*/) { return result_of(read, ping{}); }

} // namespace klatch
