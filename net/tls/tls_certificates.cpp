#include "net/tls/tls_certificates.hpp"

#include <array>
#include <sys/stat.h>
#include <utility>
#include <variant>

namespace klatch::net {

namespace {

/// Days before the end at which it is told, the last one first.
constexpr std::array<int, 4> warning_days{1, 3, 7, 14};

/// The step that a certificate with so many days left has come to; more than all: none.
int warning_step(std::chrono::system_clock::duration left) {
  for (const int days : warning_days)
    if (left <= std::chrono::hours{24} * days)
      return days;
  return warning_days.back() + 1;
}

} // namespace

tls_certificates::tls_certificates(tls_settings settings)
    : tickets_(std::chrono::steady_clock::now()), settings_(std::move(settings)) {}

// Through links: where one is led elsewhere, the file is another one.
tls_certificates::signature tls_certificates::look_at(const tls_settings& settings) {
  signature result;
  for (const auto& pair : settings.certificates)
    for (const auto* path : {&pair.chain, &pair.key}) {
      struct stat found {};
      if (::stat(path->c_str(), &found) != 0)
        found = {};
      for (const long long each :
           {static_cast<long long>(found.st_dev), static_cast<long long>(found.st_ino),
            static_cast<long long>(found.st_size), static_cast<long long>(found.st_mode),
            static_cast<long long>(found.st_mtim.tv_sec),
            static_cast<long long>(found.st_mtim.tv_nsec),
            static_cast<long long>(found.st_ctim.tv_sec),
            static_cast<long long>(found.st_ctim.tv_nsec)})
        result.push_back(each);
    }
  return result;
}

/// `found`: how the files were before they are read, so that no change after it is missed.
std::optional<std::string> tls_certificates::load(const tls_settings& settings,
                                                  const signature& found) {
  auto read = tls_contexts::load(settings, tickets_, std::chrono::system_clock::now());
  if (const auto* fault = std::get_if<certificate_fault>(&read)) {
    if (fault->missing && settings.may_be_missing && !current())
      return std::nullopt;
    return fault->text;
  }
  auto& contexts = std::get<std::shared_ptr<const tls_contexts>>(read);
  in_force_ = found;
  said_.clear();
  warned_days_.assign(contexts->expiries().size(), warning_days.back() + 1);
  const std::lock_guard lock{mutex_};
  current_ = std::move(contexts);
  return std::nullopt;
}

std::optional<std::string> tls_certificates::reload() {
  const std::lock_guard lock{loading_};
  return load(settings_, look_at(settings_));
}

std::optional<std::string> tls_certificates::reload(tls_settings settings) {
  const std::lock_guard lock{loading_};
  auto fault = load(settings, look_at(settings));
  if (!fault)
    settings_ = std::move(settings);
  return fault;
}

tls_certificates::change tls_certificates::look() {
  const std::lock_guard lock{loading_};
  const auto found = look_at(settings_);
  if (found == in_force_)
    return {};
  const auto before = current();
  auto fault = load(settings_, found);
  if (!fault)
    return {.replaced = current() != before, .fault = {}};
  if (*fault == said_)
    return {};
  said_ = *fault;
  return {.replaced = false, .fault = *std::move(fault)};
}

std::vector<std::string> tls_certificates::expiry_warnings(time now) {
  const std::lock_guard lock{loading_};
  std::vector<std::string> result;
  const auto all = expiries();
  for (std::size_t index = 0; index < all.size(); ++index) {
    const auto left = all[index].end - now;
    const auto step = warning_step(left);
    if (step >= warned_days_[index])
      continue;
    warned_days_[index] = step;
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(left).count();
    result.push_back("the certificate of " + all[index].name +
                     (left.count() <= 0
                          ? " has expired: "
                          : " expires in " + std::to_string(hours / 24) + " days and " +
                                std::to_string(hours % 24) + " hours: ") +
                     "renew it; klatch takes the new one over within a minute");
  }
  return result;
}

std::shared_ptr<const tls_contexts> tls_certificates::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

std::vector<certificate_expiry> tls_certificates::expiries() const {
  const auto contexts = current();
  return contexts ? contexts->expiries() : std::vector<certificate_expiry>{};
}

} // namespace klatch::net
