#include "net/tls/shared_bios.hpp"

#include <algorithm>
#include <cstddef>
#include <new>
#include <openssl/bio.h>

namespace klatch::net {

void shared_bios::release::operator()(bio_st* each) const noexcept { BIO_free(each); }

void shared_bios::release::operator()(bio_method_st* each) const noexcept { BIO_meth_free(each); }

shared_bios::shared_bios()
    : method_(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "klatch worker")) {
  if (!method_)
    throw std::bad_alloc{};
  BIO_meth_set_read(method_.get(), &shared_bios::read);
  BIO_meth_set_write(method_.get(), &shared_bios::write);
  BIO_meth_set_ctrl(method_.get(), &shared_bios::control);
  reading_.reset(BIO_new(method_.get()));
  writing_.reset(BIO_new(method_.get()));
  if (!reading_ || !writing_)
    throw std::bad_alloc{};
  for (auto* each : {reading_.get(), writing_.get()}) {
    BIO_set_data(each, this);
    BIO_set_init(each, 1);
  }
}

int shared_bios::read(bio_st* from, char* into, int most) {
  auto& unread = static_cast<shared_bios*>(BIO_get_data(from))->unread_;
  BIO_clear_retry_flags(from);
  if (unread.empty()) {
    BIO_set_retry_read(from);
    return -1;
  }
  const auto count = std::min(unread.size(), static_cast<std::size_t>(std::max(most, 0)));
  std::copy_n(unread.begin(), count, into);
  unread.remove_prefix(count);
  return static_cast<int>(count);
}

int shared_bios::write(bio_st* to, const char* bytes, int count) {
  auto* output = static_cast<shared_bios*>(BIO_get_data(to))->output_;
  BIO_clear_retry_flags(to);
  if (output == nullptr || count < 0)
    return -1;
  output->append(bytes, static_cast<std::size_t>(count));
  return count;
}

long shared_bios::control(bio_st* /*of*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

} // namespace klatch::net
