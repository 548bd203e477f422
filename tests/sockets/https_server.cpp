#include "tests/sockets/https_server.hpp"

#include "tests/catch.hpp"
#include "tests/sockets/raw_client.hpp"

#include <array>
#include <csignal>
#include <memory>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace klatch::sockets {

namespace {

constexpr std::chrono::milliseconds look_period{20};
constexpr long longest_silence = 5; // seconds

bool can_be_read(int socket) {
  pollfd waited{socket, POLLIN, 0};
  return ::poll(&waited, 1, static_cast<int>(look_period.count())) == 1;
}

/// False if the client did not ask.
bool read_request(SSL* connection) {
  std::string request;
  std::array<char, 4096> chunk{};
  while (request.find("\r\n\r\n") == std::string::npos) {
    const auto got = SSL_read(connection, chunk.data(), static_cast<int>(chunk.size()));
    if (got <= 0)
      return false;
    request.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return true;
}

bool write_all(SSL* connection, std::string_view bytes) {
  return SSL_write(connection, bytes.data(), static_cast<int>(bytes.size())) > 0;
}

} // namespace

std::string http_answer(std::string_view body, std::string_view status, std::string_view more) {
  return "HTTP/1.1 " + std::string{status} + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n" + std::string{more} + "\r\n" + std::string{body};
}

https_server::https_server(const test_certificate& pair) {
  std::signal(SIGPIPE, SIG_IGN); // Clients go in the middle of an answer.
  folder_.put("provider", pair);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(listener_, plain, size) == 0);
  REQUIRE(::listen(listener_, 16) == 0);
  REQUIRE(::getsockname(listener_, plain, &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

https_server::~https_server() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

std::string https_server::address(std::string_view host) const {
  return "https://" + std::string{host} + ':' + std::to_string(port_) + "/keys";
}

void https_server::answer(std::string bytes, std::chrono::milliseconds pause) {
  const std::lock_guard lock{mutex_};
  answer_ = std::move(bytes);
  pause_ = pause;
  hangs_up_ = false;
}

void https_server::hang_up() {
  const std::lock_guard lock{mutex_};
  hangs_up_ = true;
}

std::size_t https_server::requests() const {
  const std::lock_guard lock{mutex_};
  return requests_;
}

void https_server::wait_for_requests(std::size_t count) {
  std::unique_lock lock{mutex_};
  REQUIRE(changed_.wait_for(lock, patience, [&] { return requests_ >= count; }));
}

void https_server::run() {
  while (!stopping_) {
    if (!can_be_read(listener_))
      continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0)
      continue;
    const timeval silence{longest_silence, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    serve(socket);
    ::close(socket);
  }
}

void https_server::serve(int socket) {
  std::unique_lock lock{mutex_};
  const auto bytes = answer_;
  const auto pause = pause_;
  const bool hangs_up = hangs_up_;
  lock.unlock();
  bool answered = false;
  if (!hangs_up) {
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context{SSL_CTX_new(TLS_server_method()),
                                                               SSL_CTX_free};
    const auto files = folder_.files("provider");
    SSL_CTX_use_certificate_chain_file(context.get(), files.chain.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM);
    const std::unique_ptr<SSL, void (*)(SSL*)> connection{SSL_new(context.get()), SSL_free};
    SSL_set_fd(connection.get(), socket);
    if (SSL_accept(connection.get()) == 1 && read_request(connection.get())) {
      answered = true;
      if (pause.count() == 0)
        write_all(connection.get(), bytes);
      for (std::size_t at = 0; pause.count() > 0 && at < bytes.size() && !stopping_; ++at) {
        if (!write_all(connection.get(), std::string_view{bytes}.substr(at, 1)))
          break;
        std::this_thread::sleep_for(pause);
      }
      SSL_shutdown(connection.get());
    }
  }
  lock.lock();
  requests_ += answered || hangs_up ? 1 : 0;
  changed_.notify_all();
}

} // namespace klatch::sockets
