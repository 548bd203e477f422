/// The tables of the file, and how an older file becomes a newer one.
///
/// `log` is the truth: a row a message, with all its numbers, in the order of keeping. All else
/// follows from it up to the watermark, which is kept in `meta`: what lies above it is in no index,
/// and in the heads of no user or conversation. The ids of users and conversations, their
/// marks and profiles are exempt: they are written when they come.
#pragma once

#include "store/sqlite/database.hpp"

#include <cstdint>

namespace klatch::store {

/// Marks an SQLite file as ours: "Klat".
inline constexpr std::uint32_t application_id = 0x4B6C6174;

/// The version that `migrate` leads to.
std::int64_t newest_schema() noexcept;

/// Takes a file from its version to `version`, each step in a transaction of its own.
void migrate(database& target, std::int64_t version = newest_schema());

/// Makes the tables in an empty file and gives it a new epoch.
void create_schema(database& target);

/// Names the numbering anew: 128 random bits.
void renew_epoch(database& target);

} // namespace klatch::store
