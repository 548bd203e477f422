#include "tests/store/helpers.hpp"

#include "store/sqlite/database.hpp"

#include <atomic>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace klatch::store {

bool operator==(const inbox_entry& one, const inbox_entry& other) {
  return one.seq == other.seq && one.what == other.what;
}

bool operator==(const conversation_summary& one, const conversation_summary& other) {
  return one.with == other.with && one.last == other.last && one.unread == other.unread &&
         one.read == other.read && one.peer_read == other.peer_read &&
         one.peer_delivered == other.peer_delivered && one.peer == other.peer;
}

namespace test {

namespace fs = std::filesystem;

temporary_folder::temporary_folder() {
  static std::atomic<int> count{0};
  path_ = fs::temp_directory_path() /
          ("klatch-store-" + std::to_string(getpid()) + "-" + std::to_string(++count));
  fs::create_directory(path_);
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

user_id id(std::string_view text) { return *user_id::parse(text); }

conversation_id dialogue(std::string_view one, std::string_view other) {
  return conversation_id::dialogue(id(one), id(other));
}

project_id usual_project() { return *project_id::parse("p"); }

user_key key(std::string_view user, std::string_view project) {
  return {*project_id::parse(project), id(user)};
}

operation note(std::string_view from, std::string_view to, std::string_view text,
               std::string_view cid, std::string_view project) {
  return new_message{{.project = *project_id::parse(project),
                      .from = id(from),
                      .conversation = conversation_id::dialogue(id(from), id(to)),
                      .cid = std::string{cid},
                      .name = "name of " + std::string{from},
                      .color = "#F00",
                      .text = std::string{text}}};
}

sqlite_options small_steps() {
  sqlite_options result;
  result.sync = sync_mode::normal;
  result.tail_limit = 5;
  result.slice = std::chrono::microseconds{0};
  result.marks_interval = std::chrono::milliseconds{0};
  result.cache_limit = 3;
  return result;
}

bool do_upkeep(message_store& store) {
  return store.upkeep().again_in == std::chrono::milliseconds::zero();
}

void finish_upkeep(message_store& store) {
  while (do_upkeep(store))
    ;
}

std::size_t trim(message_store& store, expiry what, std::size_t limit) {
  std::size_t count = 0;
  for (bool more = true; more && count < limit;) {
    what.limit = limit - count;
    const auto result = store.upkeep(what);
    count += result.forgotten;
    more = result.more_expired;
  }
  return count;
}

bool many_expired(message_store& store, expiry what, std::uint64_t one_in) {
  what.limit = 0;
  what.unless_one_in = one_in;
  return store.upkeep(what).too_many;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void run_sql(const fs::path& file, const std::string& sql) {
  database target{file, database::access::read_write};
  target.execute(sql.c_str());
}

std::vector<std::string> texts(const inbox_page& page) {
  std::vector<std::string> result;
  for (const auto& each : page.entries)
    result.push_back(each.what.content.text);
  return result;
}

std::vector<std::string> texts(const conversation_page& page) {
  std::vector<std::string> result;
  for (const auto& each : page.messages)
    result.push_back(each.content.text);
  return result;
}

std::vector<std::string> summaries(const conversations_page& page) {
  std::vector<std::string> result;
  for (const auto& each : page.conversations)
    result.push_back(each.with.str() + ":" + each.last.content.text + "/" +
                     std::to_string(each.unread));
  return result;
}

} // namespace test
} // namespace klatch::store
