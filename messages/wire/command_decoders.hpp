/// From a frame's fields to its command, by the rules of its type.
#pragma once

#include "messages/dialect.hpp"
#include "messages/wire/commands.hpp"

namespace klatch {

class field_reader;

/// Each returns the command, the first fault, or the ids of which has to be known whether they are
/// stored. `speaks`: the dialect of the connection.
command decode_registration(field_reader& read, dialect speaks);
command decode_user_message(field_reader& read, dialect speaks);
command decode_received(field_reader& read, dialect speaks);
command decode_have_read(field_reader& read, dialect speaks);
command decode_history_query(field_reader& read, dialect speaks);
command decode_conversations_query(field_reader& read, dialect speaks);
command decode_ping(field_reader& read, dialect speaks);

} // namespace klatch
