/// What an operator does with a store, beside the service that may be using it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace klatch::store {

/// Copies the store in `folder` into the file `target`, as it is at one moment. Throws
/// `std::runtime_error`, also where `target` is there already, or others may write in `folder`; it
/// is there only when it is complete. The copy has a new epoch: what is numbered from it on is not
/// what the first one numbers, and so clients start over.
void backup(const std::filesystem::path& folder, const std::filesystem::path& target);

/// Looks for what is wrong with the store in `folder`; a sentence for each, a hundred at most.
/// Changes nothing. Throws `std::runtime_error` where it cannot be read at all.
std::vector<std::string> check(const std::filesystem::path& folder);

} // namespace klatch::store
