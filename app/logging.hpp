/// The service's log.
#pragma once

#include "app/background_writer.hpp"
#include "app/log_format.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace klatch::app {

/// While it lives, spdlog's default logger writes to standard error, without ever keeping the one
/// who logs waiting. If the journal of systemd reads that, each line begins with its priority, as
/// sd-daemon(3) has it. At the end what has been logged is written.
class logging {
public:
  /// `level`: the least severe that is logged, as spdlog spells it.
  logging(const std::string& level, log_format format);
  ~logging();

  logging(logging&&) = delete;
  logging& operator=(logging&&) = delete;

  /// The same from now on.
  void use(const std::string& level, log_format format);

private:
  std::shared_ptr<std::atomic<log_format>> format_; ///< shared with the writer's thread
  std::unique_ptr<background_writer> out_;
};

} // namespace klatch::app
