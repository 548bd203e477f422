// TLS records are found however they are cut, and what is none is refused as early as it shows.
#include "tests/catch.hpp"
#include "tests/net/cut_records.hpp"

#include <string>

namespace klatch::net {

namespace {

constexpr unsigned handshake = 22;
constexpr unsigned application = 23;

/// The header of a record of that type and length.
std::string header(unsigned type, std::size_t length, char major = 3) {
  return {static_cast<char>(type), major, '\3', static_cast<char>(length >> 8U),
          static_cast<char>(length & 0xffU)};
}

const std::string hello = tls_record(handshake, "hello");

} // namespace

TEST_CASE("records are whole however they are cut", "[record_cutter]") {
  const auto wire = hello + tls_record(20, "1") + tls_record(application, std::string(700, 'x')) +
                    tls_record(21, "al") + tls_record(application, "y");
  for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
    INFO("pieces of " << piece);
    const auto found = cut_in_pieces(wire, piece);
    CHECK(found.whole == wire);
    CHECK_FALSE(found.failed);
    CHECK(found.in_bounds);
  }
}

TEST_CASE("a record of two parts is whole wherever the cut is", "[record_cutter]") {
  const auto wire = hello + tls_record(application, std::string(300, 'x')) + hello;
  for (std::size_t split = 1; split < wire.size(); ++split) {
    record_cutter cutter;
    std::string whole;
    for (std::string_view input :
         {std::string_view{wire}.substr(0, split), std::string_view{wire}.substr(split)})
      for (auto found = cutter.next(input); !found.empty(); found = cutter.next(input))
        whole.append(found);
    INFO("cut at " << split);
    REQUIRE(whole == wire);
    CHECK(cutter.bytes() == 0);
  }
}

TEST_CASE("records that stand in a row are found at once", "[record_cutter]") {
  const auto wire = hello + hello + hello + "\x16";
  std::string_view input = wire;
  record_cutter cutter;
  CHECK(cutter.next(input) == hello + hello + hello);
  CHECK(cutter.next(input).empty());
  CHECK(input.empty());
  CHECK_FALSE(cutter.failed());
  CHECK(cutter.bytes() > 0);
}

TEST_CASE("the largest record is taken, and nothing larger or empty", "[record_cutter]") {
  constexpr auto most = record_cutter::max_payload_bytes;
  const auto largest = hello + tls_record(application, std::string(most, 'x'));
  CHECK(cut_in_pieces(largest, 1000).whole == largest);
  CHECK(cut_in_pieces(largest, 1000).in_bounds);
  for (const std::size_t length : {std::size_t{0}, most + 1, std::size_t{65'535}})
    for (const std::size_t piece : {1U, 3U, 5U, 100U}) {
      INFO("length " << length << " in pieces of " << piece);
      const auto found = cut_in_pieces(hello + header(application, length) + "more", piece);
      CHECK(found.failed);
      CHECK(found.whole == hello);
    }
}

TEST_CASE("what is no record is refused at its first byte", "[record_cutter]") {
  for (unsigned type = 0; type < 256; ++type) {
    INFO("type " << type);
    CHECK(cut_in_pieces(std::string(1, static_cast<char>(type)), 1).failed == (type != handshake));
    const auto second = cut_in_pieces(hello + static_cast<char>(type), 1);
    CHECK(second.failed == (type < 20 || type > 23));
    CHECK(second.whole == hello);
  }
  CHECK(cut_in_pieces("\x16\x02", 1).failed);
  CHECK(cut_in_pieces(hello + header(application, 10, 2), 100).failed);
  CHECK(cut_in_pieces("GET / HTTP/1.1\r\n\r\n", 100).failed);
}

TEST_CASE("nothing is found after a refusal", "[record_cutter]") {
  record_cutter cutter;
  std::string_view bad = "\x17\3\3";
  CHECK(cutter.next(bad).empty());
  std::string_view good = hello;
  CHECK(cutter.next(good).empty());
  CHECK(cutter.failed());
}

TEST_CASE("what is announced and does not come is not allocated for", "[record_cutter]") {
  record_cutter cutter;
  const auto wire =
      hello + header(application, record_cutter::max_payload_bytes) + std::string(95, 'x');
  std::string_view input = wire;
  CHECK(cutter.next(input) == hello);
  CHECK(cutter.next(input).empty());
  CHECK(cutter.bytes() <= 200);
}

} // namespace klatch::net
