#include "tests/allocation_count.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace klatch {

namespace {

thread_local allocation_count* counting = nullptr;

} // namespace

allocation_count::allocation_count() noexcept { counting = this; }

allocation_count::~allocation_count() { counting = nullptr; }

void allocation_count::on_new(std::size_t bytes) noexcept {
  ++allocations_;
  largest_ = std::max(largest_, bytes);
}

} // namespace klatch

void* operator new(std::size_t bytes, const std::nothrow_t& /*nothrow*/) noexcept {
  if (klatch::counting != nullptr)
    klatch::counting->on_new(bytes);
  return std::malloc(std::max(bytes, std::size_t{1}));
}

void* operator new(std::size_t bytes) {
  if (void* memory = operator new(bytes, std::nothrow))
    return memory;
  throw std::bad_alloc{};
}

void operator delete(void* memory) noexcept {
  if (klatch::counting != nullptr && memory != nullptr)
    klatch::counting->on_delete();
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*bytes*/) noexcept { operator delete(memory); }
