/// Why a store cannot be opened.
#pragma once

#include <stdexcept>

namespace klatch::store {

/// `what()` is one sentence for the operator. Nothing has been changed on disk.
class cannot_open : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace klatch::store
