/// A set that is small most of the time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>
#include <utility>
#include <vector>

namespace klatch::actors {

/// A set that is a vector up to 8 elements and a hash table above; it returns to a vector at 4
/// (hysteresis). Owns no memory when empty.
template<class Value>
class small_set {
public:
  /// Most that are kept in a vector.
  static constexpr std::size_t few = 8;

  std::size_t size() const noexcept { return many_ == nullptr ? few_.size() : many_->size(); }
  bool empty() const noexcept { return size() == 0; }

  bool contains(const Value& value) const {
    return many_ == nullptr ? std::find(few_.begin(), few_.end(), value) != few_.end()
                            : many_->contains(value);
  }

  void insert(const Value& value) {
    if (contains(value))
      return;
    if (many_ == nullptr && few_.size() == few) {
      many_ = std::make_unique<std::unordered_set<Value>>(few_.begin(), few_.end());
      few_ = {};
    }
    if (many_ == nullptr)
      few_.push_back(value);
    else
      many_->insert(value);
  }

  void erase(const Value& value) {
    if (many_ == nullptr) {
      if (std::erase(few_, value) != 0 && few_.empty())
        few_ = {};
    } else if (many_->erase(value) != 0 && many_->size() <= few / 2) {
      few_.assign(many_->begin(), many_->end());
      many_.reset();
    }
  }

  /// Calls `visit` with every value.
  template<class Visitor>
  void for_each(Visitor visit) const {
    if (many_ == nullptr)
      std::for_each(few_.begin(), few_.end(), std::ref(visit));
    else
      std::for_each(many_->begin(), many_->end(), std::ref(visit));
  }

private:
  std::vector<Value> few_;
  std::unique_ptr<std::unordered_set<Value>> many_; ///< null: they are few
};

} // namespace klatch::actors
