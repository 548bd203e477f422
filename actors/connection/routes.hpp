/// To whom a connection has written: users and their devices.
#pragma once

#include "messages/ids.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace klatch::actors {

/// A user's id and devices, of which there is at least one, in one allocation: one pointer, and
/// behind it the numbers, the id and the devices. Immutable but for assignment.
template<class Device>
class route {
public:
  route() noexcept = default; ///< to nobody
  route(std::string_view user, std::span<const Device> to) {
    const auto at = devices_at(user.size());
    auto* memory = static_cast<char*>(::operator new(at + to.size_bytes()));
    packed_ = new (memory)
        head{static_cast<std::uint32_t>(to.size()), static_cast<std::uint8_t>(user.size())};
    std::copy(user.begin(), user.end(), memory + id_at);
    std::uninitialized_copy(to.begin(), to.end(), reinterpret_cast<Device*>(memory + at));
  }
  route(route&& other) noexcept : packed_(std::exchange(other.packed_, nullptr)) {}
  route& operator=(route&& other) noexcept {
    std::swap(packed_, other.packed_);
    return *this;
  }
  ~route() {
    if (packed_ == nullptr)
      return;
    std::destroy_n(first(), packed_->devices);
    ::operator delete(packed_);
  }

  explicit operator bool() const noexcept { return packed_ != nullptr; }
  /// Empty for nobody, as no user's id is.
  std::string_view user() const noexcept {
    return packed_ == nullptr ? std::string_view{}
                              : std::string_view{bytes() + id_at, packed_->id_bytes};
  }
  std::span<const Device> devices() const noexcept {
    return packed_ == nullptr ? std::span<const Device>{}
                              : std::span<const Device>{first(), packed_->devices};
  }

private:
  struct head {
    std::uint32_t devices;
    std::uint8_t id_bytes;
  };
  static constexpr std::size_t id_at = offsetof(head, id_bytes) + 1;
  static_assert(max_id_bytes <= UINT8_MAX);
  static_assert(alignof(Device) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

  static constexpr std::size_t devices_at(std::size_t id_bytes) noexcept {
    return (std::max(id_at + id_bytes, sizeof(head)) + alignof(Device) - 1) / alignof(Device) *
           alignof(Device);
  }
  char* bytes() const noexcept { return reinterpret_cast<char*>(packed_); }
  Device* first() const noexcept {
    return std::launder(reinterpret_cast<Device*>(bytes() + devices_at(packed_->id_bytes)));
  }

  head* packed_ = nullptr;
};

/// Routes by their users' ids: one takes no memory beside its own, a few are found one by one, many
/// by hash. `Device` is a handle that can be compared and copied.
template<class Device>
class routes {
public:
  using devices = std::span<const Device>;

  /// Most that are found one by one; half as many are again, after there were more.
  static constexpr std::size_t few = 8;

  std::size_t size() const noexcept {
    if (const auto* only = std::get_if<one>(&all_))
      return *only ? 1 : 0;
    if (const auto* some = std::get_if<some_ptr>(&all_))
      return (*some)->size();
    return std::get<many_ptr>(all_)->size();
  }

  /// The devices of `user` until the next change; none if there is no route.
  devices find(std::string_view user) const {
    if (const auto* only = std::get_if<one>(&all_))
      return only->user() == user ? only->devices() : devices{};
    if (const auto* some = std::get_if<some_ptr>(&all_)) {
      const auto known = place_of(user, **some);
      return known == (*some)->end() ? devices{} : known->devices();
    }
    const auto& many = *std::get<many_ptr>(all_);
    const auto known = many.find(user);
    return known == many.end() ? devices{} : known->devices();
  }

  /// Sets the devices of `user`; without any, there is no route any more.
  void set(std::string_view user, devices to) {
    auto made = to.empty() ? one{} : one{user, to};
    erase(user);
    if (made)
      insert(std::move(made));
  }

  /// Removes a device of `user`. Returns true if it was the last.
  bool remove(std::string_view user, const Device& device) {
    const auto known = find(user);
    std::vector<Device> left{known.begin(), known.end()};
    std::erase(left, device);
    set(user, left);
    return left.empty();
  }

  /// Drops the routes to the users for whom `unwanted` is true.
  template<class Predicate>
  void drop_if(Predicate unwanted) {
    std::vector<std::string> gone;
    for_each([&](std::string_view user) {
      if (unwanted(user))
        gone.emplace_back(user);
    });
    for (const auto& user : gone)
      erase(user);
  }

  /// Any user there is a route to, until the next change; empty if there is none.
  std::string_view any() const {
    std::string_view found;
    for_each([&found](std::string_view user) { found = user; });
    return found;
  }

  /// Calls `visit` with every user.
  template<class Visitor>
  void for_each(Visitor visit) const {
    const auto of_each = [&visit](const auto& in) {
      for (const auto& known : in)
        visit(known.user());
    };
    if (const auto* some = std::get_if<some_ptr>(&all_))
      of_each(**some);
    else if (const auto* many = std::get_if<many_ptr>(&all_))
      of_each(**many);
    else if (const auto& only = std::get<one>(all_))
      visit(only.user());
  }

private:
  using one = route<Device>;
  static std::string_view text(std::string_view user) noexcept { return user; }
  static std::string_view text(const one& known) noexcept { return known.user(); }
  struct same_user {
    using is_transparent = void;
    bool operator()(const auto& left, const auto& right) const noexcept {
      return text(left) == text(right);
    }
  };
  struct hash_of_user {
    using is_transparent = void;
    std::size_t operator()(const auto& key) const noexcept { return text_hash{}(text(key)); }
  };
  using some_ptr = std::unique_ptr<std::vector<one>>;
  using many_ptr = std::unique_ptr<std::unordered_set<one, hash_of_user, same_user>>;

  static auto place_of(std::string_view user, auto& in) {
    return std::find_if(in.begin(), in.end(),
                        [user](const one& known) { return known.user() == user; });
  }

  /// Of a user there is no route to yet.
  void insert(one made) {
    if (auto* only = std::get_if<one>(&all_)) {
      if (!*only) {
        *only = std::move(made);
        return;
      }
      auto both = std::make_unique<std::vector<one>>(2);
      both->front() = std::move(*only);
      both->back() = std::move(made);
      all_ = std::move(both);
    } else if (auto* some = std::get_if<some_ptr>(&all_); some != nullptr && (*some)->size() < few)
      (*some)->push_back(std::move(made));
    else
      make_many().insert(std::move(made));
  }

  void erase(std::string_view user) {
    if (auto* only = std::get_if<one>(&all_)) {
      if (only->user() == user)
        *only = one{};
    } else if (auto* some = std::get_if<some_ptr>(&all_)) {
      auto& in = **some;
      if (const auto known = place_of(user, in); known != in.end())
        in.erase(known);
      if (in.size() == 1)
        all_ = one{std::move(in.front())};
    } else {
      auto& in = *std::get<many_ptr>(all_);
      if (const auto known = in.find(user); known != in.end())
        in.erase(known);
      if (in.size() <= few / 2)
        make_few();
    }
  }

  auto& make_many() {
    if (auto* some = std::get_if<some_ptr>(&all_)) {
      auto in = std::move(**some);
      auto& many =
          all_.template emplace<many_ptr>(std::make_unique<typename many_ptr::element_type>());
      for (auto& known : in)
        many->insert(std::move(known));
    }
    return *std::get<many_ptr>(all_);
  }

  void make_few() {
    auto in = std::move(*std::get<many_ptr>(all_));
    auto& some = all_.template emplace<some_ptr>(std::make_unique<std::vector<one>>());
    while (!in.empty())
      some->push_back(std::move(in.extract(in.begin()).value()));
  }

  std::variant<one, some_ptr, many_ptr> all_;
};

} // namespace klatch::actors
