/// What are threads in the service: the archive, its readers, the checkpointer.
#pragma once

#include "store/sqlite/background.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/fiber.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/options.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace klatch::simulation {

/// Each runs on a fiber, and lets others run at calls of the file system. Never holds a mutex then:
/// whoever wants it would wait for ever.
class threads {
public:
  /// `host`: where their turns are.
  threads(machine& on, disk& files, const options& chosen, std::uint64_t seed, unsigned host = 0);
  ~threads();
  threads(threads&&) = delete;
  threads& operator=(threads&&) = delete;

  /// Does `work`, or its first part, now, and `after` when it is over. `entity` has its turns.
  void run(std::uint64_t entity, std::function<void()> work, std::function<void()> after);
  /// Jobs of a store.
  store::start_background start_background();

  /// Calls `work`; meanwhile nobody stops in the middle. Who does so now runs to the end before.
  void uninterrupted(const std::function<void()>& work);
  void finish() {
    uninterrupted([] {});
  }
  /// Does the entity stand in the middle of its work?
  bool busy(std::uint64_t entity) const;
  bool any() const noexcept { return !all_.empty(); }

  /// Within the work: others run for so long, unless nobody stops in the middle now.
  void sleep(us time);

  /// Every sync takes so much longer, in microseconds.
  us slower_sync = 0;

private:
  struct one;
  class job;

  void at_call(disk_call what);
  void pause_until(us when);
  void go_on(std::shared_ptr<one> which);

  machine& machine_;
  disk& disk_;
  const options& chosen_;
  random calls_;
  std::vector<std::shared_ptr<one>> all_;
  one* current_ = nullptr;
  bool uninterrupted_ = false;
  std::uint64_t jobs_ = 0;
  unsigned host_;
};

} // namespace klatch::simulation
