// Receipts: how far messages have been delivered and read.
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/model/model.hpp"

#include <string>

namespace klatch::simulation {

namespace {

void check_read(const model& of, const device_state& by, const user& reader, const user& with,
                std::uint64_t n) {
  const auto said = of.said_read.find({&reader, &with});
  if (said == of.said_read.end() || said->second < n)
    throw failure{by.name() + " is told that " + reader.name() + " has read up to " +
                  std::to_string(n) + ", which nobody has said"};
}

} // namespace

void check_delivered(const model& of, const device_state& by, const user& reader, std::uint64_t n) {
  const auto which = of.book.numbered(by.who, &reader, n);
  if (!which)
    return;
  const auto& message = of.book.messages[*which];
  const auto on_devices = of.on_a_device.find(&reader);
  const auto began = of.began_at.find(&reader);
  if (began != of.began_at.end() && message.to_seq <= began->second)
    return;
  if (message.to != &reader)
    throw failure{by.name() + " is told that a message of " + reader.name() +
                  "'s own was delivered to " + reader.name()};
  if (on_devices == of.on_a_device.end() || !on_devices->second.contains(*which))
    throw failure{by.name() + " is told that message " + std::to_string(*which) +
                  " was delivered, which no device of " + reader.name() + " was sent"};
}

void check_receipt(model& of, const device_state& by, const frame_view& frame) {
  if (frame.type() != "receipt")
    return;
  const auto n = frame.number("n").value_or(0);
  const auto kind = std::string{frame.string("kind")};
  const auto* with = of.find(*by.who, frame.string("with"));
  const auto* reader = of.find(*by.who, frame.string("by"));
  if (with == nullptr || reader == nullptr || (reader != with && reader != by.who))
    throw failure{by.name() + " is sent a receipt of a conversation that is not its"};
  const auto last = by.receipts.find(kind + ' ' + with->id + ' ' + reader->id);
  // Those of several nodes may overtake each other.
  if (!of.chosen.is_cluster() && last != by.receipts.end() && n <= last->second)
    throw failure{by.name() + " is told of a mark that falls: " + kind + " by " + reader->name() +
                  " was " + std::to_string(last->second) + " and is " + std::to_string(n)};
  const auto* other = reader == by.who ? with : by.who;
  if (kind == "read")
    check_read(of, by, *reader, *other, n);
  else if (kind == "delivered" && reader == with)
    check_delivered(of, by, *reader, n);
  else
    throw failure{by.name() + " is sent a receipt of an unknown kind: " + kind};
  const auto what = kind == "delivered" ? mark::peer_delivered
                    : reader == by.who  ? mark::read
                                        : mark::peer_read;
  of.learn_mark(*by.who, *with, what, n);
  reached(kind == "read" ? "a receipt of reading" : "a receipt of delivery");
}

} // namespace klatch::simulation
