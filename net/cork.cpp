#include "net/cork.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace klatch::net {

namespace asio = boost::asio;

namespace {

/// Capacity that an idle connection may keep.
constexpr std::size_t kept_capacity = 1024;

} // namespace

bool cork::append(std::string_view head, std::string_view body) {
  const auto exceeds = [&] {
    return waiting_.size() + in_flight_.size() + head.size() + body.size() > bound_;
  };
  if (exceeds())
    flush(); // A reader is slow only when the system takes nothing more.
  if (sealed_ || broken_)
    return true;
  if (exceeds())
    return false;
  waiting_.append(head).append(body);
  home_.flush_later(*this);
  return true;
}

void cork::append_last(std::string_view last) {
  if (sealed_ || broken_)
    return;
  sealed_ = true;
  waiting_.append(last);
  home_.flush_later(*this);
}

void cork::drop_unsent() noexcept { waiting_.clear(); }

void cork::flush() {
  if (!in_flight_.empty() || broken_ || waiting_.empty())
    return;
  boost::system::error_code error;
  std::size_t written = socket_.write_some(asio::buffer(waiting_), error);
  if (error == asio::error::would_block || error == asio::error::try_again)
    written = 0;
  else if (error) {
    broken_ = true;
    return on_write_error(error);
  }
  if (written < waiting_.size())
    return write_rest(written);
  if (waiting_.capacity() > kept_capacity)
    std::string{}.swap(waiting_);
  else
    waiting_.clear();
  on_idle();
}

void cork::write_rest(std::size_t written) {
  in_flight_ = std::exchange(waiting_, {});
  const auto rest = asio::buffer(asio::buffer(in_flight_) + written);
  asio::async_write(socket_, rest,
                    [this, kept = keep_alive()](boost::system::error_code error, std::size_t) {
                      std::string{}.swap(in_flight_);
                      if (error) {
                        broken_ = true;
                        return on_write_error(error);
                      }
                      if (waiting_.empty())
                        on_idle();
                      else
                        flush();
                    });
}

} // namespace klatch::net
