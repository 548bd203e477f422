/// Owners of what a library in C has made.
#pragma once

namespace klatch {

/// A deleter for `std::unique_ptr` that calls the library's own function.
template<auto Free>
struct freed_by {
  template<class T>
  void operator()(T* what) const noexcept {
    Free(what);
  }
};

} // namespace klatch
