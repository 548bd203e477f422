#include "bench/load/lines.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>

namespace load {

namespace {

using json = nlohmann::ordered_json;

/// The number at a path such as `/page/p50_ms`.
double at(const json& result, const char* path) {
  return result.at(json::json_pointer(path)).get<double>();
}

template<class... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 400> line{};
  std::snprintf(line.data(), line.size(), format, values...);
  return line.data();
}

std::string bottleneck_note(const json& result) {
  return result.at("load_is_bottleneck").get<bool>() ? "; THE LOAD PROGRAM IS THE BOTTLENECK" : "";
}

} // namespace

std::string idle_line(const json& result) {
  return formatted(
             "%sidle: %.0f connections, %.0f bytes resident each (Pss %.0f), %.1f ms CPU in %.0f s",
             result.at("extended").get<bool>() ? "extended " : "", at(result, "/connections"),
             at(result, "/rested/rss_bytes_per_connection"),
             at(result, "/rested/pss_bytes_per_connection"), at(result, "/idle_cpu_ms"),
             at(result, "/idle_seconds")) +
         (result.contains("after_traffic")
              ? formatted("; %.0f bytes each after %.0f s of traffic",
                          at(result, "/after_traffic/rss_bytes_per_connection"),
                          at(result, "/after_traffic/seconds"))
              : std::string());
}

std::string pairs_line(const json& result) {
  return formatted("%s: %.2f us server CPU a delivered message, %.0f messages/s; load program "
                   "%.0f %% busy",
                   result.at("mode").get<std::string>().c_str(),
                   at(result, "/server_cpu_us_per_message"), at(result, "/delivered_per_second"),
                   at(result, "/load_busy_share") * 100) +
         bottleneck_note(result);
}

std::string open_loop_line(const json& result) {
  return formatted("open-loop: ack p50 %.3f ms, p99 %.3f ms (%.2f and %.2f appends of %.3f ms); "
                   "%.2f us server CPU a message; sends p50 %.3f, p99 %.3f ms late",
                   at(result, "/to_ack/p50_ms"), at(result, "/to_ack/p99_ms"),
                   at(result, "/ack_p50_in_appends"), at(result, "/ack_p99_in_appends"),
                   at(result, "/append/ms"), at(result, "/server_cpu_us_per_message"),
                   at(result, "/late/p50_ms"), at(result, "/late/p99_ms")) +
         bottleneck_note(result);
}

std::string rate_line(const json& result) {
  return formatted(
             "rate: %.0f/s between %.0f connections: p50 %.3f ms, p99 %.3f ms; %.2f us server "
             "CPU a message; sends p50 %.3f, p99 %.3f ms late",
             at(result, "/rate"), at(result, "/connections"), at(result, "/to_delivery/p50_ms"),
             at(result, "/to_delivery/p99_ms"), at(result, "/server_cpu_us_per_message"),
             at(result, "/late/p50_ms"), at(result, "/late/p99_ms")) +
         bottleneck_note(result);
}

std::string slow_reader_line(const json& result) {
  return formatted(
             "slow-reader: others' p99 %.3f ms before, %.3f ms during; %.0f KiB more resident; "
             "%.0f of %.0f slow ones were closed",
             at(result, "/before/p99_ms"), at(result, "/during/p99_ms"),
             at(result, "/rss_growth_kib"), at(result, "/slow_closed"), at(result, "/slow")) +
         bottleneck_note(result);
}

std::string churn_line(const json& result) {
  return formatted("churn: %.1f us server CPU a cycle, %.0f cycles/s; load program %.0f %% busy",
                   at(result, "/server_cpu_us_per_message"), at(result, "/cycles_per_second"),
                   at(result, "/load_busy_share") * 100) +
         bottleneck_note(result);
}

std::string storm_line(const json& result) {
  return formatted("storm: %.0f clients, each with %.0f missed messages, back in %.3f s; %.1f us "
                   "server CPU each",
                   at(result, "/connections"), at(result, "/missed"), at(result, "/seconds"),
                   at(result, "/server_cpu_us_per_message")) +
         bottleneck_note(result);
}

std::string fill_line(const json& result) {
  return formatted("fill: %.0f messages in %.1f s, %.0f/s, %.2f us server CPU each",
                   at(result, "/stored"), at(result, "/seconds"), at(result, "/stored_per_second"),
                   at(result, "/server_cpu_us_per_message")) +
         bottleneck_note(result);
}

std::string missed_line(const json& result) {
  return formatted("missed: %.0f messages in %.3f s, %.2f us server CPU each",
                   at(result, "/missed"), at(result, "/seconds"),
                   at(result, "/server_cpu_us_per_message")) +
         bottleneck_note(result);
}

std::string history_line(const json& result) {
  return formatted("history: a page of %.0f out of %.0f messages p50 %.3f ms, p99 %.3f ms; %.0f us "
                   "server CPU",
                   at(result, "/limit"), at(result, "/messages"), at(result, "/page/p50_ms"),
                   at(result, "/page/p99_ms"), at(result, "/server_cpu_us_per_page")) +
         bottleneck_note(result);
}

std::string start_line(const json& result) {
  return formatted(
      "start: ready after %.1f ms, a first client registered after %.1f ms, %.1f ms CPU "
      "up to there; stopped in %.1f ms; %.1f MiB resident",
      at(result, "/ready/p50_ms"), at(result, "/first_registration/p50_ms"),
      at(result, "/cpu/p50_ms"), at(result, "/stop/p50_ms"), at(result, "/rss_kib") / 1024);
}

std::string disk_line(const json& result) {
  return formatted("disk: 4 KiB and fdatasync p50 %.3f ms, p99 %.3f ms", at(result, "/p50_ms"),
                   at(result, "/p99_ms"));
}

} // namespace load
