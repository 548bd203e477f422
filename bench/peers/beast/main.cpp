// A router of Klatch's plain dialect on Boost.Beast without actors, written as one would write it:
// a strand for each connection, a map behind a shared mutex, as many threads as Klatch has by
// default. Its codec is Klatch's, so that what differs is what actors and the writing once a round
// cost and save. beast_peer [PORT]    Port 0, the default, takes a free one. Prints the address
// once it accepts connections.
#include "bench/peers/beast/registry.hpp"
#include "bench/peers/beast/session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

void accept(asio::io_context& io, tcp::acceptor& acceptor, peer::registry& users) {
  acceptor.async_accept(asio::make_strand(io),
                        [&](const boost::system::error_code& error, tcp::socket socket) {
                          if (!error)
                            std::make_shared<peer::session>(std::move(socket), users)->run();
                          accept(io, acceptor, users);
                        });
}

void serve(unsigned short port) {
  const auto threads = std::max(std::thread::hardware_concurrency(), 1U);
  peer::registry users;
  asio::io_context io(static_cast<int>(threads));
  tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), port));
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  accept(io, acceptor, users);
  std::printf("listening on http://127.0.0.1:%d/\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  std::vector<std::jthread> others;
  while (others.size() + 1 < threads)
    others.emplace_back([&] { io.run(); });
  io.run();
}

} // namespace

int main(int count, char** arguments) {
  try {
    serve(static_cast<unsigned short>(count > 1 ? std::atoi(arguments[1]) : 0));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "beast_peer: %s\n", error.what());
    return 1;
  }
}
