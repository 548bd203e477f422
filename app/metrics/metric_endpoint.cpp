#include "app/metrics/metric_endpoint.hpp"

#include "app/metrics/metric_table.hpp"
#include "net/stream/text_response.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>

#include <chrono>
#include <prometheus/text_serializer.h>
#include <string>

namespace klatch::app {

namespace http = boost::beast::http;

std::vector<prometheus::MetricFamily> metric_collector::Collect() const {
  std::vector<prometheus::MetricFamily> result;
  for (const auto& row : all_metrics())
    if (auto values = row.read(from_); !values.empty())
      result.push_back({std::string{row.name}, std::string{row.help}, row.type, std::move(values)});
  return result;
}

net::route metrics_route(const metric_collector& collector, metric_readers_allowed who) {
  auto answer = [&collector, who](const net::incoming& asked, const net::reply& to) {
    const bool from_here = asked.from.on_loopback && !net::is_forwarded(asked.header);
    if (who == metric_readers_allowed::this_machine && !from_here)
      return to.send(net::text_response(asked.header, http::status::not_found,
                                        "There is nothing at this address."));
    auto response = net::make_response(asked.header, http::status::ok,
                                       "text/plain; version=0.0.4; charset=utf-8",
                                       prometheus::TextSerializer{}.Serialize(collector.Collect()));
    response.set(http::field::cache_control, "no-store");
    to.send(std::move(response));
  };
  return {.method = http::verb::get, .path = "/metrics", .handle = std::move(answer)};
}

net::route ready_route(const readiness& state) {
  auto answer = [&state](const net::incoming& asked, const net::reply& to) {
    const auto reasons = state.reasons(std::chrono::steady_clock::now());
    std::string text = reasons.empty() ? R"({"ready":true})" : R"({"ready":false,"reasons":[)";
    for (const auto& each : reasons)
      text.append(&each == &reasons.front() ? "\"" : ",\"").append(each) += '"';
    if (!reasons.empty())
      text += "]}";
    auto response = net::make_response(
        asked.header, reasons.empty() ? http::status::ok : http::status::service_unavailable,
        "application/json", std::move(text) + '\n');
    response.set(http::field::cache_control, "no-store");
    if (!reasons.empty())
      response.set(http::field::retry_after, "1"); // seconds
    to.send(std::move(response));
  };
  return {.method = http::verb::get, .path = "/readyz", .handle = std::move(answer)};
}

} // namespace klatch::app
