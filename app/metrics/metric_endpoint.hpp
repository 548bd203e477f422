/// What operators' programs ask the service: `/metrics` and `/readyz`.
#pragma once

#include "app/metrics/metric_readers.hpp"
#include "app/readiness.hpp"
#include "net/http/router.hpp"

#include <cstdint>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <utility>
#include <vector>

namespace klatch::app {

/// The table's metrics as they are now.
class metric_collector final : public prometheus::Collectable {
public:
  explicit metric_collector(metric_sources from) : from_(std::move(from)) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

private:
  metric_sources from_;
};

/// Whom `/metrics` is for: `this_machine`: requests that have come in at a loopback address and
/// that no proxy has passed on; all others find nothing there.
enum class metric_readers_allowed : std::uint8_t { everybody, this_machine };

/// `/metrics` in Prometheus' text format. `collector` outlives it.
net::route metrics_route(const metric_collector& collector, metric_readers_allowed who);

/// `/readyz`: 200, or 503 with the reasons. `state` outlives it.
net::route ready_route(const readiness& state);

} // namespace klatch::app
