#include "app/log_line.hpp"

#include "messages/text/utf8.hpp"
#include "messages/wire/json_text.hpp"

#include <spdlog/pattern_formatter.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace klatch::app {

namespace {

constexpr const char* time_pattern = "%Y-%m-%dT%H:%M:%S.%e%z";
constexpr const char* text_pattern = "%Y-%m-%dT%H:%M:%S.%e%z %l %v";

struct level_row {
  std::string_view name;     ///< as `--log-level` has it
  std::string_view priority; ///< syslog(3)
};

/// By spdlog's levels.
constexpr std::array<level_row, 7> level_rows{{{"trace", "<7>"},
                                               {"debug", "<7>"},
                                               {"info", "<6>"},
                                               {"warn", "<4>"},
                                               {"error", "<3>"},
                                               {"critical", "<2>"},
                                               {"off", "<7>"}}};

const level_row& row_of(spdlog::level::level_enum level) {
  return level_rows.at(static_cast<std::size_t>(level));
}

void append(spdlog::memory_buf_t& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

std::string_view view_of(const spdlog::memory_buf_t& text) { return {text.data(), text.size()}; }

/// `text` as UTF-8; if it is none, its ASCII.
std::string readable(std::string_view text) {
  std::string result{text};
  if (!is_valid_utf8(text))
    for (auto& each : result)
      if (static_cast<unsigned char>(each) >= 0x80U)
        each = '?';
  return result;
}

class priority_formatter final : public spdlog::formatter {
public:
  explicit priority_formatter(std::unique_ptr<spdlog::formatter> line) : line_(std::move(line)) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    append(out, row_of(message.level).priority);
    line_->format(message, out);
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<priority_formatter>(line_->clone());
  }

private:
  std::unique_ptr<spdlog::formatter> line_;
};

class json_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    spdlog::memory_buf_t time;
    time_.format(message, time);
    std::string line = R"({"ts":)";
    append_json_string(line, view_of(time));
    line += R"(,"level":)";
    append_json_string(line, row_of(message.level).name);
    line += R"(,"msg":)";
    append_json_string(line, readable({message.payload.data(), message.payload.size()}));
    append(out, line + "}\n");
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<json_formatter>();
  }

private:
  spdlog::pattern_formatter time_{time_pattern, spdlog::pattern_time_type::local, ""};
};

} // namespace

std::unique_ptr<spdlog::formatter> make_log_formatter(log_format format, bool priority) {
  std::unique_ptr<spdlog::formatter> line;
  if (format == log_format::json)
    line = std::make_unique<json_formatter>();
  else
    line = std::make_unique<spdlog::pattern_formatter>(text_pattern);
  if (priority)
    line = std::make_unique<priority_formatter>(std::move(line));
  return line;
}

} // namespace klatch::app
