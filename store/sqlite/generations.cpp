#include "store/sqlite/generations.hpp"

#include <algorithm>
#include <iterator>

namespace klatch::store {

namespace {

std::string text_of(database& source, const char* sql) {
  statement select{source, sql};
  auto row = select.query();
  if (!row.next())
    throw database_error::damaged("it has no epoch");
  return std::string{row.text(0)};
}

} // namespace

generations::generations(database& source, std::uint64_t last)
    : log_(text_of(source, "SELECT value FROM meta WHERE key='epoch'")) {
  statement select{source, "SELECT tag, began FROM generations ORDER BY id"};
  auto rows = select.query();
  while (rows.next())
    all_.push_back({std::string{rows.text(0)}, rows.number(1)});
  all_.push_back({text_of(source, "SELECT lower(hex(randomblob(8)))"), last});
  epoch_ = log_ + '-' + all_.back().tag;
}

std::optional<std::uint64_t> generations::known_up_to(std::string_view epoch) const {
  if (!epoch.starts_with(log_))
    return std::nullopt;
  auto tag = epoch.substr(log_.size());
  if (!tag.empty()) {
    if (tag.front() != '-' || tag.size() == 1)
      return std::nullopt;
    tag.remove_prefix(1);
  }
  const auto found =
      std::find_if(all_.begin(), all_.end(), [tag](const auto& each) { return each.tag == tag; });
  if (found == all_.end())
    return std::nullopt;
  const auto next = std::next(found);
  return next == all_.end() ? std::uint64_t{INT64_MAX} : next->began;
}

void generations::save(database& target) const {
  statement insert{target, "INSERT INTO generations(tag, began) VALUES(?,?)"};
  insert.run(all_.back().tag, all_.back().began);
  statement forget{target, "DELETE FROM generations WHERE id<=(SELECT max(id) FROM generations)-?"};
  forget.run(std::uint64_t{most});
}

} // namespace klatch::store
