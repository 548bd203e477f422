/// Everything that clients have been told about what is stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace klatch::faults {

/// The text that goes with a cid: who reads it can tell which send it was, and that it is whole.
std::string text_of(const std::string& cid);
/// The cid of such a text.
std::string cid_of(const std::string& text);

/// A message's numbers, as far as they have been told; 0: not yet.
struct told_message {
  std::string from;
  std::string to;
  std::uint64_t mid = 0;
  std::uint64_t n = 0;
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;
  std::int64_t ts = 0;
  bool acknowledged = false;
};

/// How often it was not as promised.
struct faults_found {
  std::uint64_t lost = 0;    ///< told once, and not there later
  std::uint64_t twice = 0;   ///< one message with two places
  std::uint64_t gaps = 0;    ///< numbers left out
  std::uint64_t changed = 0; ///< another message, text or number than before

  std::uint64_t all() const noexcept { return lost + twice + gaps + changed; }
};

/// Whatever is told has to agree with all that was told before, whenever and to whomever: through
/// kills and restarts. What does not is counted and described.
class told_log {
public:
  /// A place that is told along with a message.
  struct place {
    std::uint64_t mid = 0;
    std::uint64_t n = 0;
    std::uint64_t seq = 0; ///< in the inbox of the one who is told; 0: of no inbox
    std::int64_t ts = 0;
  };

  void acknowledged(const std::string& from, const std::string& to, const std::string& cid,
                    const place& where);
  /// `user` was told of a message of `from` to `to`, with its inbox or with a conversation.
  void told(const std::string& user, const std::string& from, const std::string& to,
            const std::string& text, const place& where);

  /// The inbox of `user` ends with `head`: no earlier than is known.
  void inbox_ends(const std::string& user, std::uint64_t head);
  /// The same of a conversation.
  void conversation_ends(const std::string& one, const std::string& other, std::uint64_t n);
  /// Everything is known now: numbers have no gap, `ts` and `mid` do not fall within a
  /// conversation.
  void check_whole();

  void gap(const std::string& what) { wrong(found_.gaps, what); }
  void lost(const std::string& what) { wrong(found_.lost, what); }
  void twice(const std::string& what) { wrong(found_.twice, what); }
  void changed(const std::string& what) { wrong(found_.changed, what); }

  using user_pair = std::pair<std::string, std::string>; ///< in their order
  /// cids by seq, or by n; the first is at 0, unknown ones are empty.
  const std::map<std::string, std::vector<std::string>>& inboxes() const noexcept {
    return inboxes_;
  }
  const std::map<user_pair, std::vector<std::string>>& conversations() const noexcept {
    return conversations_;
  }
  bool knows(const std::string& cid) const { return messages_.contains(cid); }
  const told_message& message(const std::string& cid) const { return messages_.at(cid); }

  std::size_t size() const noexcept { return messages_.size(); }
  std::uint64_t acknowledgements() const noexcept { return acknowledgements_; }
  const faults_found& found() const noexcept { return found_; }
  /// The first ones found, one a line.
  const std::string& description() const noexcept { return description_; }

private:
  void wrong(std::uint64_t& counter, const std::string& what);
  void agree(std::uint64_t& known, std::uint64_t told, const std::string& what);
  void put(std::vector<std::string>& places, std::uint64_t number, const std::string& cid,
           const std::string& what);
  told_message& note(const std::string& from, const std::string& to, const std::string& cid,
                     const place& where);
  void check_conversation(const user_pair& users, const std::vector<std::string>& cids);

  std::unordered_map<std::string, told_message> messages_; ///< by cid
  std::unordered_map<std::uint64_t, std::string> mids_;
  std::map<std::string, std::vector<std::string>> inboxes_;
  std::map<user_pair, std::vector<std::string>> conversations_;
  std::uint64_t acknowledgements_ = 0;
  faults_found found_;
  std::string description_;
};

} // namespace klatch::faults
