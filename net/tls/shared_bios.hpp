/// How the TLS connections of one worker reach their bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct bio_st;
struct bio_method_st;

namespace klatch::net {

/// The two ends that OpenSSL reads from and writes to, one after the other for every connection of
/// a worker: so a connection has none of its own, nor buffers in them.
class shared_bios {
public:
  /// Throws `std::bad_alloc`.
  shared_bios();
  shared_bios(const shared_bios&) = delete;
  shared_bios& operator=(const shared_bios&) = delete;
  ~shared_bios() = default;

  bio_st* reading() const noexcept { return reading_.get(); }
  bio_st* writing() const noexcept { return writing_.get(); }

  /// From now on `records` are read, and what is written is appended to `output`.
  void lead(std::string_view records, std::string& output) noexcept {
    unread_ = records;
    output_ = &output;
  }
  bool all_read() const noexcept { return unread_.empty(); }

private:
  struct release {
    void operator()(bio_st* each) const noexcept;
    void operator()(bio_method_st* each) const noexcept;
  };

  static int read(bio_st* from, char* into, int most);
  static int write(bio_st* to, const char* bytes, int count);
  static long control(bio_st* of, int command, long number, void* pointer);

  std::string_view unread_;
  std::string* output_ = nullptr;
  std::unique_ptr<bio_method_st, release> method_;
  std::unique_ptr<bio_st, release> reading_;
  std::unique_ptr<bio_st, release> writing_;
};

} // namespace klatch::net
