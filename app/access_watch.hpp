/// Who may come in, while the service runs.
#pragma once

#include "app/config.hpp"
#include "app/guest_access.hpp"
#include "app/key_set_watch.hpp"
#include "app/shared_access.hpp"
#include "messages/auth/access_rules.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>

namespace klatch::app {

/// Makes the rules of the settings, of the keys in files, guests' among them, of those that are
/// fetched, and of what nodes share, and makes them anew when other keys were fetched or what is
/// shared is another. Outlives whoever has its rules.
class access_watch {
public:
  /// Is called on the thread of the loop with rules that take the place of all before, and with
  /// what is to be called, on any thread, once they have.
  using change_handler = std::function<void(access_rules_ptr, std::function<void()> in_force)>;

  /// Rules, and what they are made of.
  struct prepared {
    access_rules_ptr of_files; ///< with the settings
    key_source fetched;
    access_rules_ptr whole;
  };

  /// `loop` outlives this, and so does `shared`, which is what a node has in common with others;
  /// null: it is alone. `options`: as `guest_access` takes them.
  access_watch(boost::asio::io_context& loop, const config& options, trusted_authorities trusted,
               wanted_keys::times when = {}, shared_access* shared = nullptr);

  /// What `options` say at the start. A set of keys that cannot be fetched is waited for. Throws
  /// `config_error`.
  prepared begin(const config& options);
  /// What `next` says in the place of what holds. Throws `config_error`, also for a set of keys
  /// that is another one and cannot be fetched. Changes nothing. Blocks as `https_get` does.
  prepared prepare(const config& next);
  /// It holds from now on.
  void take(prepared next);
  /// From now on `on_change` is called.
  void on_change(change_handler handler) { on_change_ = std::move(handler); }

  const key_set_counters& counters() const noexcept { return keys_.counters(); }

private:
  access_rules_ptr rules_of_files(const config& options);
  access_rules_ptr whole(const access_rules& of_files, const key_source& fetched) const;
  void use_changed(const std::function<void()>& in_force);

  shared_access* shared_;
  guest_access guests_;
  access_rules_ptr of_files_;
  change_handler on_change_;
  key_set_watch keys_; ///< last, since its thread uses the others
};

} // namespace klatch::app
