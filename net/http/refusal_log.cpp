#include "net/http/refusal_log.hpp"

#include <spdlog/spdlog.h>

#include <optional>

namespace klatch::net {

namespace {

/// Longest part of a field that is repeated, in bytes.
constexpr std::size_t max_shown = 200;

/// What a client has written, safe for a log and a text: printable ASCII, and not much of it.
std::string shown(std::string_view text) {
  std::string result{'"'};
  for (const char each : text.substr(0, max_shown))
    result += each < ' ' || each > '~' || each == '"' ? '?' : each;
  return result + (text.size() > max_shown ? "…\"" : "\"");
}

std::string to_text(const authority& host) {
  return host.host + (host.port ? ':' + std::to_string(*host.port) : std::string{});
}

/// For an option in a sentence; a placeholder if `origin` is no site's.
std::string site_of(std::string_view text) {
  const auto origin = parse_origin(text);
  return origin ? to_string(*origin) : "ORIGIN";
}

std::string and_others(std::uint64_t count) {
  return count == 0 ? std::string{}
                    : " (" + std::to_string(count) + " more were refused since the last such line)";
}

} // namespace

std::string why_origin_refused(const provenance& asked) {
  const auto origin = asked.origin.value_or("");
  return "Pages of Origin " + shown(origin) + " may not connect to Host " +
         (asked.host ? shown(to_text(*asked.host)) : "(none)") +
         ". If it is this service's own page behind a proxy, let the proxy pass on the Host that "
         "browsers send (nginx: proxy_set_header Host $http_host;); if it is another site that may "
         "connect, start klatch with --allow-origin " +
         site_of(origin) + ".";
}

std::string why_host_refused(const authority& host) {
  return "This service listens on loopback and was asked for as Host " + shown(to_text(host)) +
         ", which is neither loopback nor named by --allow-origin. If a proxy on this machine "
         "publishes it under that name, start klatch with --allow-origin https://" +
         to_text(host) + " (or http://, as browsers open it).";
}

std::string why_open_mode_refused(const authority* host) {
  const std::string mend =
      " Nobody is asked for a token here, so only this machine is let in. Make "
      "a key (klatch key new token site --keys DIR) and start klatch with "
      "--keys DIR, or with --insecure to let everybody be whom they say.";
  if (host == nullptr)
    return "The request has come through a proxy." + mend;
  return "The request is for Host " + shown(to_text(*host)) + ", which is not this machine." + mend;
}

void refusal_log::open_mode_refused(const std::string& why, const std::string& peer) {
  if (const auto unlogged = open_mode_.take(log_limit::clock::now()))
    spdlog::warn("{}: refused with 403: {}{}", peer, why, and_others(*unlogged));
}

void refusal_log::header_ignored(const std::string& header, const std::string& peer) {
  if (headers_.take(log_limit::clock::now()))
    spdlog::info(
        "{}: its {} is ignored, since no --trusted-proxy names it: clients behind it count "
        "as one address",
        peer, header);
}

void refusal_log::origin_refused(const provenance& asked, const std::string& peer) {
  if (const auto unlogged = origins_.take(log_limit::clock::now()))
    spdlog::warn("{}: refused with 403: {}{}", peer, why_origin_refused(asked),
                 and_others(*unlogged));
}

void refusal_log::host_refused(const authority& host, const std::string& peer) {
  if (const auto unlogged = hosts_.take(log_limit::clock::now()))
    spdlog::warn("{}: refused with 403: {}{}", peer, why_host_refused(host), and_others(*unlogged));
}

} // namespace klatch::net
