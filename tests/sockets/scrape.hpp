/// `/metrics` as Prometheus reads it.
#pragma once

#include "net/accept/socket.hpp"
#include "tests/sockets/raw_client.hpp"

#include <map>
#include <string>
#include <string_view>

namespace klatch::sockets {

/// What an answer says, by the rules of the text format 0.0.4: what is not by them fails the test.
struct scrape {
  std::map<std::string, double> samples;    ///< as `name{label="value"}`
  std::map<std::string, std::string> types; ///< by the name of the metric

  /// Of a sample that has to be there.
  double at(const std::string& sample) const;
};

/// A GET on a connection of its own.
http_reply get_from(const net::tcp_endpoint& from, std::string_view path,
                    std::string_view fields = {});

/// Parses the body of an answer.
scrape parse_scrape(const std::string& text);

/// Asks for `/metrics`, which has to be answered with 200.
scrape scrape_of(const net::tcp_endpoint& from);

} // namespace klatch::sockets
