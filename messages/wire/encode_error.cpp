#include "messages/wire/encode_error.hpp"

#include "messages/wire/frame_parts.hpp"

#include <string>
#include <utility>

namespace klatch {

namespace {

std::string open_error(dialect speaks, const error_report& report) {
  const auto& row = describe(report.code);
  const auto text = report.text.empty() ? row.text : report.text;
  if (speaks == dialect::plain) {
    auto out = open_system_frame(text);
    out += R"(,"error":)";
    append_json_string(out, row.name);
    return out;
  }
  std::string out = R"({"type":"error","code":)";
  append_json_string(out, row.name);
  out += R"(,"message":)";
  append_json_string(out, text);
  append_key(out, report.about);
  out += row.temporary ? R"(,"temporary":true)" : R"(,"temporary":false)";
  return out;
}

} // namespace

frame encode_error(dialect speaks, const error_report& report) {
  auto out = open_error(speaks, report);
  if (!report.to.empty()) {
    out += R"(,"to":)";
    append_json_string(out, report.to);
  }
  if (report.retry) {
    out += R"(,"retry_ms":)";
    append_number(out, report.retry->count());
  }
  if (report.guests)
    out += R"(,"guests":true)";
  return closed_frame(std::move(out),
                      speaks == dialect::plain ? frame_type::system : frame_type::error,
                      report.code);
}

frame encode_not_connected(dialect speaks, std::string_view to, const frame_key& about) {
  const auto text = std::string{to} + " is not connected";
  return encode_error(speaks,
                      {.code = error_code::not_connected, .text = text, .about = about, .to = to});
}

} // namespace klatch
