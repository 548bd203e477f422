#include "app/logging.hpp"

#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <string_view>
#include <unistd.h>

namespace klatch::app {

namespace {

constexpr const char* pattern = "%Y-%m-%dT%H:%M:%S.%e%z %l %v";

std::string_view view(const spdlog::memory_buf_t& line) { return {line.data(), line.size()}; }

class background_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  /// `out` outlives its use.
  explicit background_sink(background_writer& out) : out_(out) {}

protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    out_.write(view(line));
  }
  void flush_() override {}

private:
  background_writer& out_;
};

std::string describe_lost(std::uint64_t lines) {
  const auto text = std::to_string(lines) +
                    " lines of the log were dropped: standard error did not take them in time";
  spdlog::memory_buf_t line;
  spdlog::pattern_formatter{pattern}.format({"klatch", spdlog::level::warn, text}, line);
  return std::string{view(line)};
}

void log_to(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("klatch", std::move(sink));
  logger->set_level(spdlog::get_level());
  logger->set_pattern(pattern);
  spdlog::set_default_logger(std::move(logger));
}

} // namespace

logging::logging(const std::string& level)
    : out_(std::make_unique<background_writer>(STDERR_FILENO, describe_lost)) {
  log_to(std::make_shared<background_sink>(*out_));
  use(level);
}

void logging::use(const std::string& level) { spdlog::set_level(spdlog::level::from_str(level)); }

// Nobody else logs any more; what is logged from here on goes nowhere.
logging::~logging() { log_to(std::make_shared<spdlog::sinks::null_sink_mt>()); }

} // namespace klatch::app
