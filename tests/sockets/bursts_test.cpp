/// Much that comes at once, and then nothing, or the end: all of it is taken.
#include "tests/sockets/running_service.hpp"
#include "tests/sockets/ws_client.hpp"

#include <latch>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <thread>

namespace klatch::sockets {

namespace {

/// Of which the server reads 64 KiB at once: two times all of that, and then a good part of it.
constexpr std::size_t burst_bytes = 176 * kib;
/// Of the server's sockets: room for a burst, and no more than Linux allows by default.
constexpr int linux_default_buffer = 208 * kib;

enum class ending { none, close, end_of_stream };

std::string text_to(std::string_view to, std::string_view text) {
  return wire_frame{.payload = message_to(to, text)}.bytes();
}

std::string close_frame() {
  return wire_frame{.kind = opcode::close, .payload = close_payload(1000)}.bytes();
}

/// Keeps the worker that is asked for it until the test lets it go.
class holding_page final : public net::asset_source {
public:
  std::optional<net::asset> find(std::string_view /*path*/) const override {
    asked_.count_down();
    released_.wait();
    return std::nullopt;
  }

  void wait_until_asked() const { asked_.wait(); }
  void release() const { released_.count_down(); }

private:
  mutable std::latch asked_{1};
  mutable std::latch released_{1};
};

/// As long as it lives the only worker of the service is held, and reads nothing.
class held_worker {
public:
  held_worker(const net::tcp_endpoint& to, const holding_page& page) : page_(page), request_(to) {
    request_.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    page_.wait_until_asked();
  }
  held_worker(const held_worker&) = delete;
  held_worker& operator=(const held_worker&) = delete;
  ~held_worker() { page_.release(); }

private:
  const holding_page& page_;
  raw_client request_;
};

app::service_options with_one_worker() {
  auto options = usual_options();
  options.threads = 1;
  return options;
}

/// Whose connections have a receive buffer for a burst.
std::vector<net::bound_socket> with_room() {
  std::vector<net::bound_socket> sockets;
  sockets.emplace_back("127.0.0.1", 0);
  // It keeps its descriptor to itself, which has to be looked for by the address.
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    net::tcp_endpoint at;
    auto size = static_cast<socklen_t>(at.capacity());
    if (::getsockname(descriptor, at.data(), &size) == 0 && at == sockets.front().endpoint()) {
      REQUIRE(::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &linux_default_buffer,
                           sizeof linux_default_buffer) == 0);
      return sockets;
    }
  }
  FAIL("the listening socket was not found");
  return sockets;
}

/// Until all that was written, and the end of it, lies in the server's socket.
void wait_until_arrived(const raw_client& client) {
  const auto limit = std::chrono::steady_clock::now() + patience;
  for (int under_way = 1; under_way > 0;
       std::this_thread::sleep_for(std::chrono::milliseconds{1})) {
    REQUIRE(::ioctl(client.descriptor(), SIOCOUTQ, &under_way) == 0);
    INFO(under_way << " bytes do not fit into the server's socket");
    REQUIRE(std::chrono::steady_clock::now() < limit);
  }
}

/// Answers may come before it.
void expect_close_in_the_end(raw_client& client) {
  auto frame = client.read_frame();
  while (frame.kind == opcode::text)
    frame = client.read_frame();
  REQUIRE(frame.kind == opcode::close);
  CHECK(frame.payload == close_payload(1000));
  client.expect_end();
}

} // namespace

TEST_CASE("messages, a close and the end of the stream at once: all of it is taken") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  auto other = ws_client::registered(server.endpoint(), "5");
  const auto all = text_to("5", "first") + text_to("9", "to nobody") + text_to("5", "second") +
                   text_to("7", "to myself") + close_frame();
  SECTION("in one segment") { client.raw().write_last(all); }
  SECTION("the end right after them") {
    client.raw().write(all);
    client.raw().shut_down();
  }
  client.expect_push(not_connected("9"));
  client.expect_push(usermsg("7", "7", "to myself"));
  client.expect_close(1000);
  other.expect_push(usermsg("7", "5", "first"));
  other.expect_push(usermsg("7", "5", "second"));
  other.push(message_to("7", "gone?"));
  other.expect_push(not_connected("7"));
}

TEST_CASE("messages and the end of the stream, without a close: they are delivered") {
  running_service server;
  auto client = ws_client::registered(server.endpoint(), "7");
  auto other = ws_client::registered(server.endpoint(), "5");
  const auto all = text_to("5", "first") + text_to("5", "second") + text_to("5", "third");
  SECTION("in one segment") { client.raw().write_last(all); }
  SECTION("the end right after them") {
    client.raw().write(all);
    client.raw().shut_down();
  }
  for (const auto* text : {"first", "second", "third"})
    other.expect_push(usermsg("7", "5", text));
  client.raw().expect_end();
  other.push(message_to("7", "gone?"));
  other.expect_push(not_connected("7"));
  auto newcomer = ws_client::registered(server.endpoint(), "3");
  newcomer.push(message_to("7", "gone?"));
  newcomer.expect_push(not_connected("7"));
}

TEST_CASE("a burst is delivered though nothing comes after it") {
  const holding_page page;
  running_service server{with_one_worker(), &page, with_room()};
  auto client = ws_client::registered(server.endpoint(), "7");
  auto other = ws_client::registered(server.endpoint(), "5");
  client.push(message_to("5", "hi")); // so that messages to 5 need no look-up, which would pause it
  other.expect_push(usermsg("7", "5", "hi"));
  const auto pauses = GENERATE(false, true);
  const auto ends_with = GENERATE(ending::none, ending::close, ending::end_of_stream);
  INFO("pauses: " << pauses << ", ending " << static_cast<int>(ends_with));

  const std::string padding(kib, 'x');
  std::string burst;
  int count = 0;
  while (burst.size() < burst_bytes) {
    if (pauses)
      burst += text_to("9", "to nobody");
    burst += text_to("5", std::to_string(count++) + padding);
  }
  if (ends_with == ending::close)
    burst += close_frame();
  {
    const held_worker held{server.endpoint(), page};
    client.raw().write(burst);
    if (ends_with != ending::none)
      client.raw().shut_down();
    wait_until_arrived(client.raw());
  }
  for (int number = 0; number < count; ++number)
    other.expect_push(usermsg("7", "5", std::to_string(number) + padding));
  if (ends_with == ending::none)
    return;
  if (ends_with == ending::close)
    expect_close_in_the_end(client.raw());
  else
    client.raw().drain_to_end();
  other.push(message_to("7", "gone?"));
  other.expect_push(not_connected("7"));
}

} // namespace klatch::sockets
