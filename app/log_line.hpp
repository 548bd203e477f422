/// A line of the log, as it is written.
#pragma once

#include "app/log_format.hpp"

#include <spdlog/details/log_msg.h>
#include <spdlog/formatter.h>

#include <memory>

namespace klatch::app {

/// Text: time, level, message. JSON: `{"ts":…,"level":…,"msg":…}`, with `?` for bytes of the
/// message that are no UTF-8. With `priority`, `<N>` of sd-daemon(3) before either.
std::unique_ptr<spdlog::formatter> make_log_formatter(log_format format, bool priority);

} // namespace klatch::app
