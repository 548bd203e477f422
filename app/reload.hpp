/// Other settings for a service that runs.
#pragma once

#include "app/config.hpp"

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace klatch::app {

/// Takes something over that was checked before, and so cannot fail.
using commit = std::function<void()>;

/// A part of the program that a reload concerns.
struct reload_participant {
  /// Reads and checks whatever `next` names, and changes nothing. Returns what takes it over, or
  /// why it cannot be taken, in one sentence without a stop. Does not throw.
  std::function<std::variant<commit, std::string>(const config& next)> prepare;
};

/// Has all of them prepare for `next`. Returns what they would do, in their order, or what the
/// first said that cannot take it.
std::variant<std::vector<commit>, std::string>
prepare_all(const std::vector<reload_participant>& participants, const config& next);

/// Reads all settings anew, and has them taken over wholly or not at all.
class reloader {
public:
  using source = std::function<std::variant<config, early_exit>()>;

  /// `running`: what the service was started with. `read`: reads the settings as at the start.
  reloader(config running, source read);

  /// Not while a reload is under way.
  void add(reload_participant participant) { participants_.push_back(std::move(participant)); }

  /// Takes over the settings that may change while the service runs, and logs what was done: for
  /// the others, if they have changed, one warning that names them. Returns why it was refused, in
  /// one sentence; empty: it was not. If it was, nothing has changed.
  std::string reload();

  /// What holds now.
  const config& running() const noexcept { return running_; }

private:
  config running_;
  source read_;
  std::vector<reload_participant> participants_;
};

} // namespace klatch::app
