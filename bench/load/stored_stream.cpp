#include "bench/load/stored_stream.hpp"

#include "bench/load/failure.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace load {

namespace {

constexpr std::string_view cid_form = "00000000-0000-4000-8000-000000000000";

/// The finaliser of splitmix64: neighbours become far apart, and no two inputs the same.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9U;
  value = (value ^ value >> 27) * 0x94d049bb133111ebU;
  return value ^ value >> 31;
}

std::uint64_t random_seed() {
  std::random_device source;
  return static_cast<std::uint64_t>(source()) << 32 | source();
}

} // namespace

stored_stream::stored_stream(std::size_t from, std::size_t to, std::size_t text_bytes)
    : cid_seed_(random_seed()), from_(user_name(from)), to_(user_name(to)),
      expected_(from, to, text_bytes), json_(R"({"type":"user","to_id":")"), cid_(cid_form),
      text_bytes_(text_bytes) {
  json_.append(to_).append(R"(","message":")");
  text_at_ = json_.size();
  json_.append(expected_.with(0)).append(R"(","cid":")");
  cid_at_ = json_.size();
  json_.append(cid_form).append(R"("})");
}

void stored_stream::put_cid(std::string& json, std::size_t at, std::uint64_t number) const {
  constexpr std::string_view hexadecimal = "0123456789abcdef";
  constexpr std::size_t version_at = 14;
  constexpr std::size_t variant_at = 19;
  std::array<std::uint64_t, 2> bits{mixed(cid_seed_ + number), 0};
  bits[1] = mixed(bits[0]);
  std::size_t digit = 0;
  for (std::size_t i = 0; i < cid_form.size(); ++i) {
    if (cid_form[i] == '-' || i == version_at || i == variant_at)
      continue;
    json[at + i] = hexadecimal[bits[digit / 16] >> (digit % 16 * 4) & 0xfU];
    ++digit;
  }
}

std::string_view stored_stream::next() { return again(++sent_); }

std::string_view stored_stream::again(std::uint64_t number) {
  put_number(json_, text_at_, text_bytes_, number);
  put_cid(json_, cid_at_, number);
  return json_;
}

void stored_stream::take_ack(const frame_fields& frame) {
  put_cid(cid_, 0, ++acked_);
  if (frame.text("type") != "ack" || frame.text("cid") != cid_ || frame.text("mid").empty())
    throw failure("expected the ack of message " + std::to_string(acked_) + " from " + from_ +
                  " to " + to_ + " with the cid " + cid_ + ", got: " + shortened(frame.json()));
  placed_ = std::max(placed_, acked_);
}

void stored_stream::take_message(const frame_fields& frame) { check_message(frame, ++taken_); }

void stored_stream::take_own(const frame_fields& frame) { check_message(frame, ++placed_); }

void stored_stream::check_message(const frame_fields& frame, std::uint64_t number) {
  const auto& text = expected_.with(number);
  if (frame.text("type") != "usermsg" || frame.text("message") != text ||
      frame.text("from") != from_ || frame.text("to") != to_ || frame.text("name") != from_ ||
      frame.text("color") != "#F00" || frame.text("mid").empty())
    throw failure("expected the message \"" + shortened(text) +
                  "\", got: " + shortened(frame.json()));
}

} // namespace load
