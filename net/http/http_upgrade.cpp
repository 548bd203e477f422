// http_session: how a connection stops being HTTP.
#include "net/http/forwarded.hpp"
#include "net/http/http_session.hpp"
#include "net/http/operator_routes.hpp"
#include "net/http/upgrade_token.hpp"
#include "net/stream/http_fields.hpp"
#include "net/stream/text_response.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

http_response too_many_refused_tokens(std::chrono::steady_clock::duration wait) {
  auto answer = text_response(http::status::too_many_requests,
                              "Too many tokens from this address were refused: wait a minute.");
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  answer.set(http::field::retry_after, std::to_string(seconds));
  return answer;
}

/// `count`: of those that were refused before, so that clients do not come back all at once.
http_response service_stops(std::uint64_t count) {
  constexpr std::uint64_t longest = 5;
  auto answer = text_response(http::status::service_unavailable,
                              "The service stops, or starts anew: come back in a moment.");
  answer.set(http::field::retry_after, std::to_string(1 + count % longest));
  return answer;
}

} // namespace

void http_session::refuse_upgrade(upgrade_refusal why, const http_response& answer) {
  host_.home().counters().upgrades_refused[why].add();
  write(answer);
}

void http_session::on_upgrade(const incoming& asked) {
  if (asked.header.count(http::field::origin) > 1)
    return refuse_upgrade(
        upgrade_refusal::bad_request,
        text_response(http::status::bad_request, "The request has more than one Origin."));
  const auto found = asked.header.find(http::field::origin);
  const auto page = provenance_of(
      asked, found == asked.header.end() ? std::nullopt : std::optional{view(found->value())});
  if (!service_.origins.here().admits(page)) {
    service_.refusals.origin_refused(page, host_.name_in_log(from_.address));
    return refuse_upgrade(upgrade_refusal::origin,
                          text_response(http::status::forbidden, why_origin_refused(page)));
  }
  if (!body_size().none)
    return refuse_upgrade(
        upgrade_refusal::bad_request,
        text_response(http::status::bad_request, "A request for an upgrade has no body here."));
  if (const auto refusal = service_.routes.upgrade().refuse(asked.header))
    return refuse_upgrade(upgrade_refusal::bad_request, *refusal);
  if (host_.stopping()) {
    const auto& refused = host_.home().counters().upgrades_refused[upgrade_refusal::draining];
    return refuse_upgrade(upgrade_refusal::draining, service_stops(refused.value()));
  }
  client_ = client_of(asked.header);
  if (const auto wait = host_.blocked_for(network_of(client_).to_string()); wait > wait.zero())
    return refuse_upgrade(upgrade_refusal::token_failures, too_many_refused_tokens(wait));
  token_ = token_of_upgrade(asked.header, service_.origins.here().admits_by_name(page));
  seek_slot();
}

boost::asio::ip::address http_session::client_of(const http_request& request) const {
  const auto& proxies = host_.options().proxies;
  if (request.count(proxies.header) == 0)
    return from_.address;
  if (!proxies.has(from_.address)) {
    service_.refusals.header_ignored(proxies.header, host_.name_in_log(from_.address));
    return from_.address;
  }
  return client_address(from_.address, list_of(request, proxies.header), proxies);
}

/// The WebSocket needs a slot under the limit of its address.
void http_session::seek_slot() {
  stage_ = stage::seeking_slot;
  begin_busy();
  if (service_.control->websockets.is_unlimited())
    return upgrade(nullptr);
  at_control(service_.control, [self = shared_from_this()](admission_control& control) mutable {
    const bool taken = control.websockets.take(self->client_);
    auto& home = self->host_.home();
    if (worker::current() == &home)
      return self->on_slot(taken);
    boost::asio::post(home.io(), [self = std::move(self), taken] { self->on_slot(taken); });
  });
}

void http_session::on_slot(bool taken) {
  if (stage_ == stage::seeking_slot && taken)
    return upgrade(service_.control);
  if (taken)
    admission{service_.control, client_}.give_back();
  if (stage_ == stage::seeking_slot)
    refuse_upgrade(upgrade_refusal::address_limit,
                   text_response(http::status::too_many_requests, no_websocket_slot));
}

void http_session::upgrade(std::shared_ptr<admission_control> control) {
  stage_ = stage::closed;
  leave_host();
  give_slot_back();
  service_.routes.upgrade().take_over({host_, socket_, admission{std::move(control), client_},
                                       std::move(parser_->get()), std::move(input_),
                                       std::move(token_)});
}

} // namespace klatch::net
