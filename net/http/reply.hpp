/// The way back from a request's handler to its client.
#pragma once

#include "net/http/http_answer.hpp"
#include "net/loop/worker.hpp"

#include <boost/asio/post.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace klatch::net {

/// Who waits for answers, on its worker.
class answerable {
public:
  /// The answer to the request of that `number`, which may no longer be awaited.
  virtual void on_answer(std::uint32_t number, http_answer answer) = 0;

protected:
  ~answerable() = default;
};

/// Answers one request, at once or later, on any thread as long as the workers live. If the session
/// has ended by then, or has given the request up, nothing happens. Copyable: the first answer
/// counts.
class reply {
public:
  reply(std::weak_ptr<answerable> asker, worker& home, std::uint32_t number) noexcept
      : asker_(std::move(asker)), home_(&home), number_(number) {}

  /// On the session's worker the answer is given before this returns.
  void send(http_answer answer) const {
    if (worker::current() == home_)
      return pass_on(asker_, number_, std::move(answer));
    boost::asio::post(home_->io(),
                      [asker = asker_, number = number_, answer = std::move(answer)]() mutable {
                        pass_on(asker, number, std::move(answer));
                      });
  }

private:
  static void pass_on(const std::weak_ptr<answerable>& asker, std::uint32_t number,
                      http_answer answer) {
    if (const auto alive = asker.lock())
      alive->on_answer(number, std::move(answer));
  }

  std::weak_ptr<answerable> asker_;
  worker* home_;
  std::uint32_t number_;
};

} // namespace klatch::net
