/// A device as the SDK makes one of it: it remembers how far it has come and what is not
/// acknowledged, and comes back with both.
#pragma once

#include "tests/simulation/fleet.hpp"
#include "tests/simulation/link.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/model/model.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/tokens.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace klatch::simulation {

/// As JSON writes a text in which nothing is to be escaped.
inline std::string in_quotes(std::string_view text) { return '"' + std::string{text} + '"'; }

/// What all devices of a run share.
struct neighbourhood {
  machine& on;
  fleet& services;
  model& truth;
  const options& chosen;
  std::uint64_t seed;
  std::uint64_t links = 0; ///< that there have been
};

class device final : public link_user {
public:
  device(neighbourhood& around, const user& who, std::size_t number, bool plain);

  const device_state& state() const noexcept { return state_; }
  /// Is it one that comes back?
  bool takes_part() const noexcept { return has_come_ && !gave_up_; }
  link* connection() const noexcept { return link_.get(); }

  enum class how_to_come { with_all, further_back, without_registering };
  /// Connects, if it is not; tries again until it is.
  void come(how_to_come how);
  void hang_up();
  void reset();
  /// Notices that nobody has answered for long.
  void give_up_silent();

  void write(const user& to, bool with_cid, std::size_t size, random& with);
  /// The same again, acknowledged or not, also what another device of the user has written.
  void write_again(message_number which, random& with);
  void say(std::string text);
  void ask_history(const user& with, std::optional<std::uint64_t> before,
                   std::optional<std::uint64_t> after, std::uint64_t limit);
  void ask_conversations(std::optional<std::uint64_t> before, std::uint64_t limit,
                         std::set<const user*> listed = {});
  void set_read(const user& with, std::uint64_t n);
  void set_received(std::uint64_t seq);
  void register_again(std::string_view name);
  void ask_pong();

  /// Its machine is lost with the service's: comes back in a while.
  void lose_connection(us away);
  /// From now on it does not come back.
  void leave_for_good();
  bool is_settled() const noexcept;
  /// Throws `failure` if an answer is owed to it for longer than `bound`, from `since` on.
  void check_patience(us since, us bound) const;
  /// What is left to be done, in words; empty if nothing is.
  std::string waits_for() const;

  std::string name() const override { return state_.name(); }
  void on_frame(std::string_view text) override;
  void on_closed(std::uint16_t code) override;
  void on_sent(std::string_view text) override;
  void on_closing(std::uint16_t code) override;
  void on_gone() override;
  void on_heard(std::string_view text) override;
  void on_delivery_known(std::uint64_t seq) override;

private:
  void connect();
  void register_now();
  std::string token_field();
  std::string token(token_worth worth);
  void renew(const frame_view& frame);
  void note_token(std::string_view text);
  void look_at_token();
  void come_back(us away = 0);
  void let_go();
  void transmit(message_number which, bool with_ref);
  void send_again_later(message_number which, us wait);
  std::string ask(question what);

  std::optional<message_number> message_in(std::string_view text) const;
  void take_plain(const frame_view& frame);
  void take(const frame_view& frame);
  void take_welcome(const frame_view& frame);
  void take_entry(const frame_view& frame);
  void take_ack(const frame_view& frame);
  void take_error(const frame_view& frame, const std::optional<question>& asked);
  void take_list(const frame_view& frame, const question& asked);
  task turn(std::function<void()> run);

  neighbourhood& around_;
  server* home_; ///< that it has connected to last
  device_state state_;
  random choices_;
  std::shared_ptr<link> link_;
  std::uint64_t asked_ = 0;
  us told_at_ = 0;                 ///< when it was sent something last
  std::set<message_number> waits_; ///< what is sent again later
  how_to_come how_ = how_to_come::with_all;
  bool has_come_ = false;
  bool comes_back_ = true;
  bool coming_ = false;  ///< an attempt is to be made
  bool gave_up_ = false; ///< it is one device too many
};

} // namespace klatch::simulation
