#include "bench/load/scraper.hpp"

#include "bench/load/failure.hpp"

#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace load {

namespace {

constexpr int patience_ms = 5000;

void wait_for(int fd, short what) {
  pollfd wanted{fd, what, 0};
  if (poll(&wanted, 1, patience_ms) <= 0)
    throw failure("the server did not answer /metrics within 5 s");
}

/// How long the body is that follows the header.
std::size_t content_length(std::string_view header) {
  constexpr std::string_view name = "\r\nContent-Length: ";
  const auto at = header.find(name);
  std::size_t length = 0;
  if (at != std::string_view::npos)
    std::from_chars(header.data() + at + name.size(), header.data() + header.size(), length);
  if (length == 0 || !header.starts_with("HTTP/1.1 200 "))
    throw failure("/metrics was answered with: " + std::string(header.substr(0, 200)));
  return length;
}

} // namespace

scraper::scraper(const target& server) : fd_(begin_connection(server, server.port, 0)) {
  request_.append("GET /metrics HTTP/1.1\r\nHost: ").append(server.host);
  request_.append(":").append(std::to_string(server.port)).append("\r\n\r\n");
  pollfd connected{fd_, POLLOUT, 0};
  if (poll(&connected, 1, patience_ms) > 0 && connection_error(fd_) == 0)
    return;
  close(fd_);
  throw failure("no connection for /metrics");
}

scraper::~scraper() { close(fd_); }

std::string scraper::scrape() {
  if (send(fd_, request_.data(), request_.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request_.size()))
    throw system_failure("asking for /metrics");
  return read_answer();
}

std::string scraper::read_answer() {
  std::string answer;
  auto end = std::string::npos;
  while ((end = answer.find("\r\n\r\n")) == std::string::npos)
    read_more(answer);
  const auto header_size = end + 4;
  const auto whole = header_size + content_length({answer.data(), header_size});
  while (answer.size() < whole)
    read_more(answer);
  return answer.substr(header_size);
}

void scraper::read_more(std::string& into) const {
  std::array<char, 16384> buffer;
  wait_for(fd_, POLLIN);
  const auto count = recv(fd_, buffer.data(), buffer.size(), 0);
  if (count <= 0)
    throw failure("the server ended the connection for /metrics");
  into.append(buffer.data(), static_cast<std::size_t>(count));
}

regular_scrapes::regular_scrapes(const target& server, std::chrono::duration<double> every) {
  if (every.count() > 0)
    thread_ = std::jthread([=, this](const std::stop_token& over) { run(over, server, every); });
}

void regular_scrapes::run(const std::stop_token& over, const target& server,
                          std::chrono::duration<double> every) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  try {
    scraper connection(server);
    for (; !over.stop_requested(); ++count_) {
      connection.scrape();
      stopped.wait_for(lock, over, every, [] { return false; });
    }
  } catch (const std::exception& caught) {
    error_ = caught.what();
  }
}

std::uint64_t regular_scrapes::end() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  if (!error_.empty())
    throw failure(error_);
  return count_;
}

} // namespace load
