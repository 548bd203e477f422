/// What HTTP and WebSocket sessions have in common.
#pragma once

#include "messages/auth/access_rules.hpp"
#include "net/loop/deadline_wheel.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <cstddef>

namespace klatch::net {

struct by_host;

/// A client's socket with its session host: has at most one deadline, and can be ended at once.
/// Unlinked from the session host on its worker, when the socket closes: a last reference may drop
/// on any thread.
class session : public timed,
                public boost::intrusive::list_base_hook<
                    boost::intrusive::tag<by_host>,
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  using host_hook =
      boost::intrusive::list_base_hook<boost::intrusive::tag<by_host>,
                                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

  /// What the session's buffers hold, in bytes of memory.
  virtual std::size_t held_bytes() const noexcept = 0;
  /// Frees them, since all sessions together hold too much, and ends the session: with a close
  /// code the first time, at once if it is ending already.
  virtual void shed() = 0;

  /// The rules of who may come in have taken the place of `before`.
  virtual void on_access_changed(const access_rules& /*before*/) {}

  /// Closes the socket now. Pending operations end with an error.
  virtual void abort() = 0;

protected:
  ~session() = default;

  void leave_host() noexcept {
    timed::unlink();
    host_hook::unlink();
  }
};

using session_list =
    boost::intrusive::list<session, boost::intrusive::base_hook<session::host_hook>,
                           boost::intrusive::constant_time_size<false>>;

} // namespace klatch::net
