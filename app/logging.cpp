#include "app/logging.hpp"

#include "app/log_line.hpp"

#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace klatch::app {

namespace {

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

/// Returns true if the journal of systemd reads standard error: JOURNAL_STREAM of systemd.exec(5)
/// names that by its device and inode.
bool journal_reads() {
  const auto* const stream = std::getenv("JOURNAL_STREAM");
  struct stat errors {};
  return stream != nullptr && ::fstat(STDERR_FILENO, &errors) == 0 &&
         std::to_string(errors.st_dev) + ':' + std::to_string(errors.st_ino) == stream;
}

std::string describe_lost(std::uint64_t lines, log_format format) {
  const auto text = std::to_string(lines) +
                    " lines of the log were dropped: standard error did not take them in time";
  spdlog::memory_buf_t line;
  make_log_formatter(format, journal_reads())->format({"klatch", spdlog::level::warn, text}, line);
  return std::string{view(line)};
}

void log_to(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("klatch", std::move(sink));
  logger->set_level(spdlog::get_level());
  spdlog::set_default_logger(std::move(logger));
}

} // namespace

logging::logging(const std::string& level, log_format format)
    : format_(std::make_shared<std::atomic<log_format>>(format)),
      out_(std::make_unique<background_writer>(
          STDERR_FILENO,
          [shared = format_](std::uint64_t lines) { return describe_lost(lines, *shared); })) {
  log_to(std::make_shared<background_sink>(*out_));
  use(level, format);
}

void logging::use(const std::string& level, log_format format) {
  *format_ = format;
  spdlog::default_logger()->set_formatter(make_log_formatter(format, journal_reads()));
  spdlog::set_level(spdlog::level::from_str(level));
}

// Nobody else logs any more; what is logged from here on goes nowhere.
logging::~logging() { log_to(std::make_shared<spdlog::sinks::null_sink_mt>()); }

} // namespace klatch::app
