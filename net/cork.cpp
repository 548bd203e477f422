#include "net/cork.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include <utility>

namespace klatch::net {

namespace asio = boost::asio;

bool cork::has_room_for(std::size_t bytes) const noexcept {
  const auto size_of = [](const buffer_pool::buffer& each) { return each ? each->size() : 0; };
  return size_of(waiting_) + size_of(in_flight_) + bytes <= bound_;
}

std::string& cork::waiting() {
  if (!waiting_)
    waiting_ = home_.buffers().take();
  return *waiting_;
}

bool cork::append(std::string_view head, std::string_view body) {
  const auto bytes = head.size() + body.size();
  if (!has_room_for(bytes))
    flush(); // A reader is slow only when the system takes nothing more.
  if (sealed_ || broken_)
    return true;
  if (!has_room_for(bytes))
    return false;
  waiting().append(head).append(body);
  home_.flush_later(*this);
  return true;
}

void cork::append_last(std::string_view last) {
  if (sealed_ || broken_)
    return;
  sealed_ = true;
  waiting().append(last);
  home_.flush_later(*this);
}

void cork::drop_unsent() noexcept { waiting_.reset(); }

void cork::flush() {
  if (in_flight_ || broken_ || !waiting_)
    return;
  boost::system::error_code error;
  std::size_t written = socket_.write_some(asio::buffer(*waiting_), error);
  if (error == asio::error::would_block || error == asio::error::try_again)
    written = 0;
  else if (error) {
    broken_ = true;
    return on_write_error(error);
  }
  if (written < waiting_->size())
    return write_rest(written);
  home_.buffers().give_back(std::exchange(waiting_, nullptr));
  on_idle();
}

void cork::write_rest(std::size_t written) {
  in_flight_ = std::exchange(waiting_, nullptr);
  const auto rest = asio::buffer(asio::buffer(*in_flight_) + written);
  asio::async_write(socket_, rest,
                    [this, kept = keep_alive()](boost::system::error_code error, std::size_t) {
                      home_.buffers().give_back(std::exchange(in_flight_, nullptr));
                      if (error) {
                        broken_ = true;
                        return on_write_error(error);
                      }
                      if (waiting_)
                        flush();
                      else
                        on_idle();
                    });
}

} // namespace klatch::net
