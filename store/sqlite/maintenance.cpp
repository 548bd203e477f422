#include "store/sqlite/maintenance.hpp"

#include "store/sqlite/consistency.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/file_system.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/store_file.hpp"

#include <memory>
#include <stdexcept>

namespace klatch::store {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_findings = 100;

/// A connection that leaves the files as they are, also when it is the last one.
std::unique_ptr<database> open_to_read(const fs::path& folder) {
  const auto file = store_file(folder);
  if (!fs::exists(file))
    throw std::runtime_error{"there is no store in " + folder.string()};
  inspect_store_file(file);
  auto result = std::make_unique<database>(file, database::access::read_only);
  result->set_checkpoint_on_close(false);
  return result;
}

} // namespace

void backup(const fs::path& folder, const fs::path& target) {
  if (fs::exists(fs::symlink_status(target)))
    throw std::runtime_error{target.string() + " is there already"};
  if (const auto why = distrust(folder); !why.empty())
    throw std::runtime_error{why};
  const auto source = open_to_read(folder);
  const auto parent = target.has_parent_path() ? target.parent_path() : fs::path{"."};
  try {
    const work_folder own{parent};
    const auto made = own.make_file();
    {
      database copy{made, database::access::read_write};
      source->copy_to(copy);
      renew_epoch(copy);
    }
    machine_files().sync(made);
    // Unlike a rename, a link refuses a target that has come meanwhile.
    fs::create_hard_link(made, target);
    machine_files().sync(parent);
  } catch (const std::exception& failed) {
    throw std::runtime_error{"cannot copy the store in " + folder.string() + " to " +
                             target.string() + ": " + failed.what()};
  }
}

std::vector<std::string> check(const fs::path& folder) {
  const auto source = open_to_read(folder);
  try {
    auto findings = find_inconsistencies(*source, most_findings);
    if (const auto why = distrust(folder); !why.empty())
      findings.insert(findings.begin(), why + '.');
    return findings;
  } catch (const database_error& failed) {
    return {store_file(folder).string() + " cannot be read: " + failed.what() + "."};
  }
}

} // namespace klatch::store
