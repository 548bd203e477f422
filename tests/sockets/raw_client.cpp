#include "tests/sockets/raw_client.hpp"

#include "tests/catch.hpp"
#include "tests/sockets/wire_frame.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace klatch::sockets {

namespace {

using steady_clock = std::chrono::steady_clock;

std::string reason() { return std::strerror(errno); }

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char each) { return static_cast<char>(std::tolower(each)); });
  return text;
}

} // namespace

http_reply parse_head(const std::string& head) {
  http_reply reply{};
  REQUIRE(head.starts_with("HTTP/1."));
  std::from_chars(head.data() + 9, head.data() + 12, reply.status);
  auto at = head.find("\r\n") + 2;
  for (auto end = head.find("\r\n", at); end != at; end = head.find("\r\n", at)) {
    const auto line = head.substr(at, end - at);
    const auto colon = line.find(": ");
    REQUIRE(colon != std::string::npos);
    reply.fields.emplace(lower_case(line.substr(0, colon)), line.substr(colon + 2));
    at = end + 2;
  }
  return reply;
}

bool wait_for(int descriptor, short events, steady_clock::time_point limit) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - steady_clock::now());
    pollfd watched{descriptor, events, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(std::max<long long>(left.count(), 0)));
    if (ready > 0)
      return true;
    if (ready == 0)
      return false;
    REQUIRE(errno == EINTR);
  }
}

raw_client::raw_client(const net::tcp_endpoint& to, int receive_buffer)
    : descriptor_(::socket(to.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  REQUIRE(descriptor_ >= 0);
  if (receive_buffer > 0)
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  INFO("connecting to port " << to.port() << ": " << reason());
  REQUIRE(::connect(descriptor_, to.data(), static_cast<socklen_t>(to.size())) == 0);
}

raw_client::raw_client(raw_client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), input_(std::move(other.input_)) {}

raw_client::~raw_client() { disconnect(); }

void raw_client::write(std::string_view bytes) {
  const auto written = write_until_refused(bytes);
  INFO("the server took " << written << " of " << bytes.size() << " bytes: " << reason());
  REQUIRE(written == bytes.size());
}

std::size_t raw_client::write_until_refused(std::string_view bytes) {
  const auto limit = steady_clock::now() + patience;
  std::size_t written = 0;
  while (written < bytes.size()) {
    const auto sent = ::send(descriptor_, bytes.data() + written, bytes.size() - written,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
      written += static_cast<std::size_t>(sent);
    else if (errno != EAGAIN)
      break;
    else if (!wait_for(descriptor_, POLLOUT, limit))
      FAIL("the server took only " << written << " of " << bytes.size() << " bytes in time");
  }
  return written;
}

void raw_client::write_last(std::string_view bytes) {
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_CORK, &on, sizeof on); // the end lets go of it
  write(bytes);
  shut_down();
}

void raw_client::shut_down() { ::shutdown(descriptor_, SHUT_WR); }

void raw_client::disconnect() noexcept {
  if (descriptor_ >= 0)
    ::close(std::exchange(descriptor_, -1));
}

bool raw_client::read_more() {
  std::array<char, 16 * 1024> chunk{};
  if (!wait_for(descriptor_, POLLIN, steady_clock::now() + patience))
    FAIL("nothing came in time; before that came: " << input_.substr(0, 200));
  const auto got = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
  INFO("reading failed: " << reason());
  REQUIRE(got >= 0);
  input_.append(chunk.data(), static_cast<std::size_t>(got));
  return got > 0;
}

void raw_client::need(std::size_t bytes) {
  while (input_.size() < bytes)
    if (!read_more())
      FAIL("the server closed; before that came: " << input_.substr(0, 200));
}

std::string raw_client::read(std::size_t bytes) {
  need(bytes);
  auto result = input_.substr(0, bytes);
  input_.erase(0, bytes);
  return result;
}

std::string raw_client::read_line_block() {
  constexpr std::string_view mark = "\r\n\r\n";
  while (input_.find(mark) == std::string::npos)
    need(input_.size() + 1);
  return read(input_.find(mark) + mark.size());
}

http_reply raw_client::read_reply(bool to_head) {
  auto reply = parse_head(read_line_block());
  if (const auto length = reply.fields.find("content-length");
      length != reply.fields.end() && !to_head && reply.status != 304)
    reply.body = read(std::stoul(length->second));
  return reply;
}

server_frame raw_client::read_frame() {
  const auto byte = [](char value) {
    return static_cast<std::size_t>(static_cast<unsigned char>(value));
  };
  const auto head = read(2);
  server_frame result{
      (byte(head[0]) & 0x80U) != 0, static_cast<unsigned>(byte(head[0]) & 0x0FU), {}};
  INFO("a frame with opcode " << result.kind);
  REQUIRE((byte(head[0]) & 0x70U) == 0); // no reserved bits
  REQUIRE((byte(head[1]) & 0x80U) == 0); // RFC 6455 section 5.1: not masked
  std::size_t length = byte(head[1]);
  const bool is_short = length < 126;
  if (!is_short) {
    const auto lowest = length == 126 ? 126U : 0x10000U;
    const auto more = read(length == 126 ? 2 : 8);
    length = 0;
    for (const char each : more)
      length = length << 8U | byte(each);
    REQUIRE(length >= lowest); // the shortest form
  }
  if (result.kind >= opcode::close)
    REQUIRE((result.fin && is_short)); // RFC 6455 section 5.5
  result.payload = read(length);
  return result;
}

bool raw_client::readable_within(std::chrono::milliseconds limit) {
  return !input_.empty() || wait_for(descriptor_, POLLIN, steady_clock::now() + limit);
}

void raw_client::expect_end() {
  REQUIRE(input_.empty());
  const bool more = read_more();
  INFO("before the end came: " << input_.substr(0, 200));
  REQUIRE_FALSE(more);
}

void raw_client::drain_to_end() {
  std::array<char, 64 * 1024> chunk{};
  const auto limit = steady_clock::now() + patience;
  for (;;) {
    if (!wait_for(descriptor_, POLLIN, limit))
      FAIL("the connection did not end in time");
    if (::recv(descriptor_, chunk.data(), chunk.size(), 0) <= 0)
      return;
  }
}

bool raw_client::has_ended() {
  std::array<char, 16 * 1024> chunk{};
  for (;;) {
    const auto got = ::recv(descriptor_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
      return false;
    if (got <= 0)
      return true;
    input_.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

} // namespace klatch::sockets
