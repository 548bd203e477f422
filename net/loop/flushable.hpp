/// What is written out at the end of a worker's round.
#pragma once

namespace klatch::net {

class flushable {
public:
  /// Writes out what was collected in the round.
  virtual void flush() = 0;

protected:
  flushable() = default;
  flushable(const flushable&) = delete;
  flushable& operator=(const flushable&) = delete;
  ~flushable() = default;

private:
  friend class worker;
  bool queued_ = false;
};

} // namespace klatch::net
