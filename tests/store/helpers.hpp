/// Words for tests of stores: who writes what to whom, and what is there afterwards.
#pragma once

#include "store/memory/memory_store.hpp"
#include "store/message_store.hpp"
#include "store/sqlite/sqlite_store.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::store::test {

inline constexpr bound all{1'000'000, 1'000'000'000};

/// A folder that is gone with the test.
class temporary_folder {
public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(temporary_folder&&) = delete;
  temporary_folder& operator=(temporary_folder&&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
  std::filesystem::path path_;
};

user_id id(std::string_view text);
user_key key(std::string_view user, std::string_view project = "p");
conversation_id dialogue(std::string_view one, std::string_view other);
/// Of all keys without a project of their own.
project_id usual_project();
operation note(std::string_view from, std::string_view to, std::string_view text,
               std::string_view cid = {}, std::string_view project = "p");

/// A small tail and small steps, so that messages move often.
sqlite_options small_steps();

/// Returns true if more is to be done at once.
bool do_upkeep(message_store& store);
/// Moves all that may be moved into the indexes.
void finish_upkeep(message_store& store);
/// Forgets at most `limit` messages that have expired. Returns how many.
std::size_t trim(message_store& store, expiry what, std::size_t limit);
/// Returns true if more than one message in `one_in` has expired.
bool many_expired(message_store& store, expiry what, std::uint64_t one_in);

std::string bytes_of(const std::filesystem::path& file);

/// Runs SQL on a file, as somebody else would.
void run_sql(const std::filesystem::path& file, const std::string& sql);

std::vector<std::string> texts(const inbox_page& page);
std::vector<std::string> texts(const conversation_page& page);
/// "with:text/unread", newest first.
std::vector<std::string> summaries(const conversations_page& page);

using strings = std::vector<std::string>;

} // namespace klatch::store::test

namespace klatch::store {

bool operator==(const inbox_entry& one, const inbox_entry& other);
bool operator==(const conversation_summary& one, const conversation_summary& other);

} // namespace klatch::store
