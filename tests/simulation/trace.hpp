/// What has happened in a run, for people to read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace klatch::simulation {

/// Virtual time, in microseconds since the start of a run.
using us = std::int64_t;
inline constexpr us ms = 1'000;
inline constexpr us second = 1'000 * ms;

/// A run is broken: what is wrong, in a sentence.
struct failure {
  std::string what;
};

enum class trace_detail {
  none,
  wire,  ///< frames, connections, faults
  actors ///< and whose turn it is
};

/// One line of a trace. Without `to` it is about `from` alone, without either about all.
struct trace_line {
  us at;
  std::string from;
  std::string to;
  std::string what;
};

class trace {
public:
  explicit trace(trace_detail wanted) : wanted_(wanted) {}

  bool wants(trace_detail detail) const noexcept { return wanted_ >= detail; }
  void add(us at, std::string from, std::string to, std::string what) {
    if (wanted_ != trace_detail::none)
      lines_.push_back({at, std::move(from), std::move(to), std::move(what)});
  }
  const std::vector<trace_line>& lines() const noexcept { return lines_; }

private:
  trace_detail wanted_;
  std::vector<trace_line> lines_;
};

/// "  2469.776 ms  u1/0 -> server  send 7 to u3"
std::string as_text(const trace_line& line);

/// The lines as a sequence diagram of Mermaid.
std::string as_mermaid(const std::vector<trace_line>& lines);

/// Returns the last lines, at most `most`, that name one of those whom `what` names, or all.
std::vector<trace_line> about(std::string_view what, const std::vector<trace_line>& lines,
                              std::size_t most);

} // namespace klatch::simulation
