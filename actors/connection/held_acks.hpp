/// Acknowledgements that go out later, in the place of inbox entries.
#pragma once

#include "messages/frame.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace klatch::actors {

/// Were an acknowledgement sent before the entries in front of its own, the client would take its
/// `seq` for a cursor and miss what lies between. There are no more than sends that were under way.
class held_acks {
public:
  void hold(std::uint64_t seq, frame ack) { acks_.emplace(seq, std::move(ack)); }

  /// Takes out an acknowledgement for the entry `seq`; there may be several.
  std::optional<frame> take(std::uint64_t seq) {
    auto held = acks_.extract(seq);
    return held ? std::optional{std::move(held.mapped())} : std::nullopt;
  }

  bool empty() const noexcept { return acks_.empty(); }

private:
  std::multimap<std::uint64_t, frame> acks_; ///< by seq
};

} // namespace klatch::actors
