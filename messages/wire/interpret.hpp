/// The protocol's rules, put to a frame that is JSON.
#pragma once

#include "messages/dialect.hpp"
#include "messages/limits.hpp"
#include "messages/wire/commands.hpp"
#include "messages/wire/raw_frame.hpp"

#include <optional>

namespace klatch {

/// Validates a frame against the protocol. The first violated rule, in the field order of
/// protocol.md, is the fault. An optional field that is null counts as missing, and so does an
/// empty name, colour, cid or ref. The result's views point where those of `source` do, and into
/// `made`.
///
/// In the plain dialect the types and fields of the extended one are unknown, but for those of a
/// registration that chooses it.
///
/// Ids are spelled as `spelling.hpp` says, but for those of `known`. Without `known`, a frame whose
/// ids would be changed or refused by that is `unusual_ids`.
decoded_frame interpret(const raw_frame& source, dialect speaks, const limits& allowed,
                        made_texts& made, std::optional<as_written> known);

} // namespace klatch
