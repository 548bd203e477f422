/// What the nodes of a cluster need of the bus that joins them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace klatch::actors {

/// Of one link since it was made; they only rise.
struct link_figures {
  std::uint64_t published = 0;       ///< frames that `publish` has taken
  std::uint64_t published_bytes = 0; ///< of those frames
  std::uint64_t refused = 0;         ///< frames that `publish` has not taken
  std::uint64_t received = 0;        ///< frames of other links
  std::uint64_t received_bytes = 0;  ///< of those frames
  std::uint64_t dropped = 0;         ///< frames, at least, that were on their way and are lost
  std::uint64_t reconnects = 0;      ///< how often the link was up again after it was down
};

/// One node's link to the bus: what it publishes, the links of all other nodes of the cluster hear,
/// each publisher's frames in the order in which they were published. Its own frames it does not
/// hear.
///
/// At most once: a frame may be lost at any time without a word. Who needs to know counts.
class bus_link {
public:
  /// Called on threads of the link, one call at a time; none may block for long, throw, or call
  /// `start` or `stop`. They may call `publish`.
  struct events {
    /// Another node's frame, of whatever bytes: whoever may publish on the bus may have sent it.
    std::function<void(std::string frame)> on_frame;
    /// true: subscribed, and the bus knows it, so that whatever is published there from now on is
    /// heard. Where the bus is several servers, the others know it some milliseconds later: what
    /// is missed meanwhile has to be found by counts. false: disconnected, frames are neither heard
    /// nor taken. The two alternate, and a link begins down without saying so: a first false says
    /// that the first try has failed.
    std::function<void(bool up)> on_state;
    /// Frames for this node are lost although the link is up: it reads too slowly. Called after
    /// losses, some of which it may have been called for before; ten times a second at most.
    std::function<void()> on_lost;
  };

  bus_link() = default;
  bus_link(const bus_link&) = delete;
  bus_link& operator=(const bus_link&) = delete;
  virtual ~bus_link() = default;

  /// Begins to connect, and goes on trying for ever. Returns at once, whether there is a bus or
  /// not. Called once; throws `std::runtime_error` if what the link is to use can never work, such
  /// as an address that is none.
  virtual void start(events calls) = 0;

  /// Hands over a frame of at most `max_frame` bytes. Never blocks, never throws, for any thread.
  /// Returns false, and counts it as refused, if the frame is not taken: it is too large, the link
  /// is down, or what waits to be sent has reached the link's bound. True is no promise.
  virtual bool publish(std::string frame) noexcept = 0;

  /// The largest frame that `publish` takes, in bytes. Falls, if at all, only before a call of
  /// `on_state(true)`.
  virtual std::size_t max_frame() const noexcept = 0;

  /// Ends the link: what was taken is sent if that is soon done. Returns within a few seconds, and
  /// no event is called from then on. May be called again, and without `start`.
  virtual void stop() noexcept = 0;

  virtual link_figures figures() const noexcept = 0;
};

} // namespace klatch::actors
