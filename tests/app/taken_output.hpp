/// What a program writes for people, taken by a test.
#pragma once

#include <ostream>
#include <sstream>
#include <string>

namespace klatch::app {

/// Takes what a stream is given while it lives.
class taken_output {
public:
  explicit taken_output(std::ostream& stream)
      : stream_(stream), before_(stream.rdbuf(text_.rdbuf())) {}
  ~taken_output() { stream_.rdbuf(before_); }
  taken_output(taken_output&&) = delete;
  taken_output& operator=(taken_output&&) = delete;

  std::string text() const { return text_.str(); }

private:
  std::ostringstream text_;
  std::ostream& stream_;
  std::streambuf* before_;
};

} // namespace klatch::app
