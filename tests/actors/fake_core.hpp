/// A connection's core without a connection: what its parts have it do is written down.
#pragma once

#include "actors/connection/cold_state.hpp"
#include "actors/connection/identity.hpp"
#include "actors/connection/stage.hpp"
#include "messages/errors.hpp"
#include "messages/frame.hpp"
#include "messages/ids.hpp"
#include "messages/wire/commands.hpp"
#include "messages/wire/encode_error.hpp"
#include "messages/wire/encode_session.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace klatch::test {

/// The functions of `connection::core`. Devices are numbers. A part's test calls a function of the
/// part and then looks at `done`: a line for each thing that the part had done, and "send TYPE",
/// with the frame's cid and ref where it has some.
class fake_core {
public:
  using cold_part = actors::cold_pointer<actors::cold_state<int>>;

  explicit fake_core(dialect speaks = dialect::extended) : speaks_(speaks) {
    const user_key anna{project_id::parse("p").value(), user_id::parse("anna").value()};
    me_ = actors::identity{actors::person{anna, "anna", ""}};
  }

  /// Returns what was done since the last call.
  std::vector<std::string> done() { return std::exchange(done_, {}); }
  bool reading() const { return pauses_ == 0; }

  actors::stage at = actors::stage::live;
  bool is_drained = true;
  bool may_cross = false; ///< entries of one inbox on their way here
  std::chrono::steady_clock::time_point time{};
  bool has_room = true; ///< the archive, for whatever it is sent

  const actors::identity& me() const { return me_; }
  dialect speaks() const { return speaks_; }
  bool is_guest() const { return false; }
  static bool may_write_first(std::string_view /*to*/) { return true; }
  bool is_live() const { return at == actors::stage::live; }
  bool takes_frames() const { return at < actors::stage::closing; }
  bool is_closed() const { return at == actors::stage::closed; }
  cold_part& cold() { return cold_; }
  std::int64_t wall_time_ms() const { return 7; }
  std::string_view epoch() const { return "e"; }
  std::chrono::seconds ping_every() const { return std::chrono::seconds{25}; }

  void send(const frame& text) {
    const auto said = nlohmann::json::parse(text.text());
    auto line = "send " + said.value("type", "");
    for (const auto* field : {"message", "code", "cid", "ref"})
      if (said.contains(field) && (field != std::string_view{"message"} || !said.contains("code")))
        line += ' ' + said.at(field).get<std::string>();
    done_.push_back(std::move(line));
  }
  void ping(std::string_view payload) { add("ping", payload); }
  bool drained() const { return is_drained; }
  void call_when_drained() { add("call when drained"); }
  void pause_reading() {
    if (pauses_++ == 0)
      add("pause");
  }
  void resume_reading() {
    if (--pauses_ == 0)
      add("resume");
  }
  void refuse(error_code code, std::string_view text = {}, const frame_key& about = {}) {
    send(encode_error(speaks_, {.code = code, .text = text, .about = about}));
  }
  void close(close_code code) {
    at = actors::stage::closed;
    add("close", std::to_string(static_cast<int>(code)));
  }
  void confirm_registration(const welcome& what) {
    at = actors::stage::live;
    add("welcome", (what.recovered ? "recovered " : "anew ") + std::to_string(what.head));
  }

  void deliver(int device, const frame& text) {
    add("deliver to", std::to_string(device) + ' ' +
                          nlohmann::json::parse(text.text()).at("message").get<std::string>());
  }
  void introduce(int device) { add("introduce to", std::to_string(device)); }
  void look_up(const user_id& user) { add("look up", user.str()); }
  void unfollow(std::string_view user) { add("unfollow", user); }

  bool store(const user_message& asked, const user_id& to, std::string_view /*ref*/) {
    return if_room("store " + std::string{asked.message} + " for " + to.str());
  }
  bool mark_received(std::uint64_t seq) { return if_room("received " + std::to_string(seq)); }
  bool mark_legacy_delivered(std::uint64_t seq) {
    return if_room("delivered " + std::to_string(seq));
  }
  bool mark_read(const user_id& with, std::uint64_t n, std::string_view /*ref*/) {
    return if_room("read " + with.str() + ' ' + std::to_string(n));
  }
  void call_delivery_due(std::chrono::seconds delay) {
    add("call in", std::to_string(delay.count()) + " s");
  }
  void call_held_due(std::chrono::milliseconds delay) {
    add("release in", std::to_string(delay.count()) + " ms");
  }
  void call_read_again(std::chrono::seconds delay) {
    add("read again in", std::to_string(delay.count()) + " s");
  }
  bool entries_may_cross() const { return may_cross; }
  std::chrono::steady_clock::time_point now() const { return time; }
  void open_inbox() { add("open inbox"); }
  void read_inbox(std::uint64_t after) { add("read inbox after", std::to_string(after)); }
  void run_query(const query& asked, std::string_view ref) {
    if (const auto* history = std::get_if<history_query>(&asked))
      add("read history with", history->with.str() + ' ' + std::string{ref});
    else
      add("read conversations", ref);
  }

private:
  void add(std::string_view what, std::string_view with = {}) {
    done_.push_back(std::string{what} + (with.empty() ? "" : " ") + std::string{with});
  }
  bool if_room(std::string_view what) {
    if (has_room)
      add(what);
    return has_room;
  }

  dialect speaks_;
  actors::identity me_;
  cold_part cold_;
  std::vector<std::string> done_;
  int pauses_ = 0;
};

/// What a part is expected to have had done.
using lines = std::vector<std::string>;

} // namespace klatch::test
