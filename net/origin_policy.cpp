#include "net/origin_policy.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <utility>

namespace klatch::net {

namespace {

using boost::beast::iequals;

/// The part of a URL between `://` and a path.
std::string_view authority_of(std::string_view origin) {
  const auto start = origin.find("://");
  return start == std::string_view::npos ? std::string_view{} : origin.substr(start + 3);
}

std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos || (end + 1 < authority.size() && authority[end + 1] != ':'))
      return {};
    return authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool is_loopback_host(std::string_view host) {
  if (iequals(host, "localhost"))
    return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string{host}, error);
  return !error && address.is_loopback();
}

} // namespace

origin_policy::origin_policy(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {
  all_ = std::find(allowed_.begin(), allowed_.end(), "*") != allowed_.end();
}

bool origin_policy::admits(std::optional<std::string_view> origin, std::string_view host,
                           bool from_loopback) const {
  if (!origin || all_)
    return true;
  if (*origin == "null" && from_loopback)
    return true;
  const auto authority = authority_of(*origin);
  if (authority.empty())
    return false;
  return iequals(authority, host) || is_loopback_host(without_port(authority)) ||
         std::any_of(allowed_.begin(), allowed_.end(),
                     [&](const auto& each) { return iequals(each, *origin); });
}

} // namespace klatch::net
