#include "net/accept/listener.hpp"

#include "net/http/http_response.hpp"
#include "net/http/http_session.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <sstream>
#include <sys/socket.h>
#include <utility>

namespace klatch::net {

namespace asio = boost::asio;

namespace {

/// Connections that are accepted before others have their turn.
constexpr int most_at_once = 64;

bool is_starved(const std::error_code& error) {
  return error == std::errc::too_many_files_open ||
         error == std::errc::too_many_files_open_in_system || error == std::errc::no_buffer_space ||
         error == std::errc::not_enough_memory;
}

/// Sockets turned away that may stay open for a moment, if there are descriptors enough.
constexpr std::size_t most_turned_away = 16;

std::string to_text(http_response answer) {
  answer.set(boost::beast::http::field::retry_after, "10"); // seconds
  std::ostringstream text;
  text << answer;
  return text.str();
}

const std::string& too_many() {
  static const auto text =
      to_text(text_response(boost::beast::http::status::too_many_requests,
                            "This address has all the HTTP connections that it may have."));
  return text;
}

const std::string& too_few_descriptors() {
  static const auto text = to_text(text_response(boost::beast::http::status::service_unavailable,
                                                 "No connection more can be taken now."));
  return text;
}

/// Whether a connection that `bound` has accepted has come in at a loopback address.
bool is_on_loopback(const tcp_endpoint& bound, int accepted) {
  if (!bound.address().is_unspecified())
    return unmapped(bound.address()).is_loopback();
  tcp_endpoint local;
  auto size = static_cast<socklen_t>(local.capacity());
  if (::getsockname(accepted, local.data(), &size) != 0)
    return true; // The stricter one.
  local.resize(size);
  return unmapped(local.address()).is_loopback();
}

} // namespace

bound_socket::bound_socket(const std::string& host, std::uint16_t port, families taken) {
  asio::io_context nowhere;
  const tcp_endpoint wanted{asio::ip::make_address(host), port};
  tcp_acceptor acceptor{nowhere};
  acceptor.open(wanted.protocol());
  acceptor.set_option(tcp_acceptor::reuse_address{true});
  if (wanted.address().is_v6()) {
    boost::system::error_code refused = asio::error::operation_not_supported;
    if (taken == families::both)
      acceptor.set_option(asio::ip::v6_only{false}, refused);
    if (refused)
      acceptor.set_option(asio::ip::v6_only{true});
  }
  acceptor.set_option(asio::ip::tcp::no_delay{true}); // What is accepted has it from here.
  acceptor.bind(wanted);
  acceptor.listen(tcp_acceptor::max_listen_connections);
  endpoint_ = acceptor.local_endpoint();
  socket_ = descriptor{acceptor.release()};
}

listener::listener(bound_socket socket, std::vector<session_host*> hosts,
                   std::shared_ptr<admission_control> control)
    : hosts_(std::move(hosts)), control_(std::move(control)), endpoint_(socket.endpoint()),
      acceptor_(control_->home.io().get_executor(), endpoint_.protocol(), socket.release()),
      pause_(control_->home.io().get_executor()), closing_(control_->home.io().get_executor()),
      of_descriptors_(hosts_.front()->chosen().times.same_shortage) {
  acceptor_.non_blocking(true);
}

void listener::accept() {
  acceptor_.async_wait(
      tcp_acceptor::wait_read,
      [self = shared_from_this()](boost::system::error_code error) { self->on_ready(error); });
}

void listener::on_ready(boost::system::error_code failed) {
  if (failed || !acceptor_.is_open())
    return;
  reserve_.refresh();
  std::error_code error;
  for (int i = 0; i < most_at_once && accept_one(error); ++i) {
  }
  if (!is_starved(error))
    return accept();
  if (of_descriptors_.is_new(repeat_filter::clock::now()))
    spdlog::error("no descriptor left for a new connection ({}): raise the limit (ulimit -n); "
                  "those who are connected are not touched, new ones wait",
                  error.message());
  // Whoever waits for its client makes room, until there is a reserve again.
  while (control_->http.make_room(reserve_.size())) {
  }
  pause();
}

// Not Asio's, which takes three system calls more for each.
bool listener::accept_one(std::error_code& error) {
  tcp_endpoint from;
  auto size = static_cast<socklen_t>(from.capacity());
  descriptor accepted{
      ::accept4(acceptor_.native_handle(), from.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!accepted.is_open()) {
    error = {errno, std::system_category()};
    // Errors of the connection that was to be accepted say nothing of the next one (accept(2)).
    return error != std::errc::operation_would_block && !is_starved(error);
  }
  error = {};
  from.resize(size);
  if (has_descriptors_for(accepted))
    begin_session(std::move(accepted), from);
  else
    turn_away(std::move(accepted), too_few_descriptors());
  return true;
}

bool listener::has_descriptors_for(const descriptor& accepted) {
  if (!reserve_.is_touched_by(accepted.get()) || control_->http.make_room(reserve_.size() / 2))
    return true;
  if (of_descriptors_.is_new(repeat_filter::clock::now()))
    spdlog::error("only {} descriptors of {} are left: raise the limit (ulimit -n); those who are "
                  "connected are not touched, new ones are answered with 503",
                  reserve_.size(), reserve_.limit());
  return false;
}

void listener::begin_session(descriptor socket, const tcp_endpoint& from) {
  auto& where = *hosts_[turn_++ % hosts_.size()];
  const arrival arrived{unmapped(from.address()), is_on_loopback(endpoint_, socket.get())};
  auto begun = std::make_shared<http_session>(where, std::move(socket), control_, arrived);
  if (!control_->http.take(arrived.address, begun))
    return turn_away(begun->release(), too_many());
  asio::dispatch(where.home().io(), [begun = std::move(begun), &where] {
    if (!where.closed())
      begun->start();
  });
}

void listener::turn_away(descriptor socket, const std::string& answer) {
  turned_away_.add(std::move(socket), answer, std::min(most_turned_away, reserve_.size() / 2),
                   turned_away::clock::now());
  close_turned_away();
}

void listener::close_turned_away() {
  if (closing_awaited_ || !turned_away_.close_due(turned_away::clock::now()))
    return;
  closing_awaited_ = true;
  closing_.expires_after(turned_away::time_to_read);
  closing_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    self->closing_awaited_ = false;
    if (!error)
      self->close_turned_away();
  });
}

void listener::pause() {
  pause_.expires_after(hosts_.front()->chosen().times.accept_pause);
  pause_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error && self->acceptor_.is_open())
      self->accept();
  });
}

void listener::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  closing_.cancel();
  turned_away_.clear();
}

} // namespace klatch::net
