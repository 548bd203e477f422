#include "tests/faults/chat_stream.hpp"

#include "tests/catch.hpp"
#include "tests/sockets/wire_frame.hpp"
#include "tests/sockets/ws_client.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <sys/socket.h>
#include <utility>

namespace klatch::faults {

using sockets::server_frame;
using sockets::wire_frame;
namespace opcode = sockets::opcode;

namespace {

std::size_t byte(char value) { return static_cast<unsigned char>(value); }

/// Nothing was read or written now, but may be later.
bool would_wait() { return errno == EAGAIN || errno == EWOULDBLOCK; }

} // namespace

chat_stream::chat_stream(const net::tcp_endpoint& to)
    : socket_(to), output_(sockets::upgrade_request()) {}

chat_stream::chat_stream(net::descriptor connecting)
    : socket_(std::move(connecting)), output_(sockets::upgrade_request()), may_be_refused_(true) {}

void chat_stream::push(std::string_view text) {
  (open_ ? output_ : waiting_).append(wire_frame{.payload = std::string{text}}.bytes());
}

bool chat_stream::step(std::vector<std::string>& came) {
  // What is there to be read counts, even where the server is gone and nothing can be written.
  write_some();
  const bool more = read_some();
  if (!upgraded())
    return more && !refused_;
  for (server_frame frame{}; take_frame(frame);) {
    if (frame.kind == opcode::close) {
      if (frame.payload.size() >= 2)
        close_code_ = static_cast<unsigned>(byte(frame.payload[0]) << 8U | byte(frame.payload[1]));
      return false;
    }
    if (frame.kind == opcode::ping)
      output_ += wire_frame{.kind = opcode::pong, .payload = frame.payload}.bytes();
    if (frame.kind == opcode::text)
      came.push_back(std::move(frame.payload));
  }
  write_some();
  return more;
}

bool chat_stream::write_some() {
  if (output_.empty())
    return true;
  const auto sent =
      ::send(descriptor(), output_.data(), output_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0)
    output_.erase(0, static_cast<std::size_t>(sent));
  return sent >= 0 || would_wait();
}

bool chat_stream::read_some() {
  std::array<char, 64 * 1024> chunk{};
  for (;;) {
    const auto got = ::recv(descriptor(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got <= 0)
      return got < 0 && would_wait();
    input_.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

bool chat_stream::upgraded() {
  const auto end = open_ ? std::string::npos : input_.find("\r\n\r\n");
  if (end == std::string::npos)
    return open_;
  INFO(input_.substr(0, end));
  refused_ = may_be_refused_ && !input_.starts_with("HTTP/1.1 101 ");
  if (refused_)
    return false;
  REQUIRE(input_.starts_with("HTTP/1.1 101 "));
  input_.erase(0, end + 4);
  output_ += waiting_;
  waiting_.clear();
  return open_ = true;
}

bool chat_stream::take_frame(server_frame& into) {
  if (input_.size() < 2)
    return false;
  std::size_t length = byte(input_[1]);
  std::size_t head = 2;
  if (length >= 126) {
    head = length == 126 ? 4 : 10;
    if (input_.size() < head)
      return false;
    length = 0;
    for (std::size_t at = 2; at < head; ++at)
      length = length << 8U | byte(input_[at]);
  }
  if (input_.size() < head + length)
    return false;
  into = {(byte(input_[0]) & 0x80U) != 0, static_cast<unsigned>(byte(input_[0]) & 0x0FU),
          input_.substr(head, length)};
  REQUIRE(into.fin);
  input_.erase(0, head + length);
  return true;
}

} // namespace klatch::faults
