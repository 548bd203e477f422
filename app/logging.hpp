/// The service's log.
#pragma once

#include "app/background_writer.hpp"

#include <memory>
#include <string>

namespace klatch::app {

/// While it lives, spdlog's default logger writes to standard error, without ever keeping the one
/// who logs waiting. At the end what has been logged is written.
class logging {
public:
  /// `level`: the least severe that is logged, as spdlog spells it.
  explicit logging(const std::string& level);
  ~logging();

  /// Logs what is at least as severe as `level` from now on.
  void use(const std::string& level);

  logging(logging&&) = delete;
  logging& operator=(logging&&) = delete;

private:
  std::unique_ptr<background_writer> out_;
};

} // namespace klatch::app
