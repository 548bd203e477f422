/// The line for people that says what a measurement has found.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace load {

std::string idle_line(const nlohmann::ordered_json& result);
std::string pairs_line(const nlohmann::ordered_json& result);
std::string open_loop_line(const nlohmann::ordered_json& result);
std::string rate_line(const nlohmann::ordered_json& result);
std::string slow_reader_line(const nlohmann::ordered_json& result);
std::string churn_line(const nlohmann::ordered_json& result);
std::string storm_line(const nlohmann::ordered_json& result);
std::string fill_line(const nlohmann::ordered_json& result);
std::string missed_line(const nlohmann::ordered_json& result);
std::string history_line(const nlohmann::ordered_json& result);
std::string start_line(const nlohmann::ordered_json& result);
std::string disk_line(const nlohmann::ordered_json& result);

} // namespace load
