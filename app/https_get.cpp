#include "app/https_get.hpp"

#include "app/config_error.hpp"

#include <array>
#include <cstdlib>
#include <curl/curl.h>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

namespace klatch::app {

namespace {

struct freed_by_curl {
  void operator()(CURL* handle) const { ::curl_easy_cleanup(handle); }
  void operator()(CURLU* address) const { ::curl_url_cleanup(address); }
  void operator()(char* text) const { ::curl_free(text); }
};
using request_pointer = std::unique_ptr<CURL, freed_by_curl>;
using address_pointer = std::unique_ptr<CURLU, freed_by_curl>;
using text_pointer = std::unique_ptr<char, freed_by_curl>;

/// Once in the process.
void start_library() {
  static const auto result = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  if (result != CURLE_OK)
    throw std::runtime_error("libcurl cannot be started");
}

bool has_part(CURLU* address, CURLUPart part) {
  char* text = nullptr;
  const auto result = ::curl_url_get(address, part, &text, 0);
  const text_pointer owner{text};
  return result == CURLUE_OK;
}

/// What has come of an answer.
struct transfer {
  std::string body;
  std::size_t header_bytes = 0;
  const std::atomic<bool>& stopping;
};

// Returning less than what was given ends the transfer.
std::size_t take_body(const char* bytes, std::size_t unit, std::size_t count, void* target) {
  auto& body = static_cast<transfer*>(target)->body;
  const auto size = unit * count;
  if (body.size() + size > max_https_bytes)
    return 0;
  body.append(bytes, size);
  return size;
}

std::size_t take_header(const char* /*bytes*/, std::size_t unit, std::size_t count, void* target) {
  auto& total = static_cast<transfer*>(target)->header_bytes;
  total += unit * count;
  return total > max_https_bytes ? 0 : unit * count;
}

// NOLINTNEXTLINE(google-runtime-int): what libcurl calls it with
int ask_whether_to_stop(void* target, curl_off_t /*all*/, curl_off_t /*now*/, curl_off_t /*all_up*/,
                        curl_off_t /*now_up*/) {
  return static_cast<transfer*>(target)->stopping ? 1 : 0;
}

template<class Value>
void set_option(CURL* request, CURLoption option, Value value) {
  const auto result = ::curl_easy_setopt(request, option, value); // NOLINT: its only interface
  if (result != CURLE_OK)
    throw std::runtime_error(std::string{"libcurl does not take an option: "} +
                             ::curl_easy_strerror(result));
}

void set_limits(CURL* request, transfer& target) {
  set_option(request, CURLOPT_PROTOCOLS_STR, "https");
  set_option(request, CURLOPT_FOLLOWLOCATION, 0L);
  set_option(request, CURLOPT_TIMEOUT_MS, static_cast<long>(max_https_time.count()));
  set_option(request, CURLOPT_MAXFILESIZE, static_cast<long>(max_https_bytes));
  set_option(request, CURLOPT_NOSIGNAL, 1L);
  set_option(request, CURLOPT_QUICK_EXIT, 1L); // A name server that is silent is not waited for.
  set_option(request, CURLOPT_WRITEFUNCTION, &take_body);
  set_option(request, CURLOPT_WRITEDATA, &target);
  set_option(request, CURLOPT_HEADERFUNCTION, &take_header);
  set_option(request, CURLOPT_HEADERDATA, &target);
  set_option(request, CURLOPT_NOPROGRESS, 0L);
  set_option(request, CURLOPT_XFERINFOFUNCTION, &ask_whether_to_stop);
  set_option(request, CURLOPT_XFERINFODATA, &target);
}

void set_trust(CURL* request, const trusted_authorities& trusted) {
  set_option(request, CURLOPT_SSL_VERIFYPEER, 1L);
  set_option(request, CURLOPT_SSL_VERIFYHOST, 2L);
  set_option(request, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!trusted.file.empty())
    set_option(request, CURLOPT_CAINFO, trusted.file.c_str());
  if (!trusted.folder.empty())
    set_option(request, CURLOPT_CAPATH, trusted.folder.c_str());
}

fetch_fault unreachable(std::string text) {
  return {fetch_fault::kind::unreachable, std::move(text)};
}
fetch_fault bad_answer(std::string text) { return {fetch_fault::kind::refused, std::move(text)}; }

fetch_fault fault_of(CURLcode result, const char* details) {
  switch (result) {
  case CURLE_OPERATION_TIMEDOUT:
    return unreachable("has not answered within " + std::to_string(max_https_time.count() / 1'000) +
                       " s");
  case CURLE_WRITE_ERROR:
  case CURLE_FILESIZE_EXCEEDED:
    return bad_answer("answers with more than " + std::to_string(max_https_bytes / 1'024) + " KiB");
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_WEIRD_SERVER_REPLY:
    return bad_answer("does not answer as HTTP has it");
  case CURLE_PEER_FAILED_VERIFICATION:
    return unreachable(std::string{"is not who it has to be: "} + details);
  default:
    return unreachable(std::string{"cannot be reached: "} + ::curl_easy_strerror(result));
  }
}

std::variant<std::string, fetch_fault> answer_of(CURL* request, std::string body) {
  long status = 0; // NOLINT(google-runtime-int): what libcurl writes
  ::curl_easy_getinfo(request, CURLINFO_RESPONSE_CODE, &status); // NOLINT: its only interface
  constexpr long good = 200;
  if (status >= 300 && status < 400)
    return bad_answer("answers with status " + std::to_string(status) +
                      ", and is not followed to another address");
  if (status != good)
    return bad_answer("answers with status " + std::to_string(status));
  return body;
}

} // namespace

trusted_authorities authorities_of_environment() {
  const auto value = [](const char* name) {
    const char* const text = std::getenv(name); // NOLINT: no other thread yet
    return std::string{text == nullptr ? "" : text};
  };
  return {value("SSL_CERT_FILE"), value("SSL_CERT_DIR")};
}

std::string parse_https_address(std::string_view text) {
  start_library();
  std::string given{text};
  const address_pointer address{::curl_url()};
  if (address == nullptr)
    throw std::bad_alloc{};
  // libcurl takes the first name of a path for a host that is missing.
  if (!given.starts_with("https://") || given.starts_with("https:///") ||
      ::curl_url_set(address.get(), CURLUPART_URL, given.c_str(), 0) != CURLUE_OK)
    throw config_error(in_quotes(text) + " is no address that begins with https://");
  for (const auto part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT})
    if (has_part(address.get(), part))
      throw config_error("an address of a JWK set has neither a user nor a password nor a "
                         "fragment (#)");
  return given;
}

std::variant<std::string, fetch_fault> https_get(const std::string& address,
                                                 const trusted_authorities& trusted,
                                                 const std::atomic<bool>& stopping) {
  start_library();
  const request_pointer request{::curl_easy_init()};
  if (request == nullptr)
    throw std::bad_alloc{};
  transfer target{{}, 0, stopping};
  std::array<char, CURL_ERROR_SIZE> details{};
  set_option(request.get(), CURLOPT_URL, address.c_str());
  set_option(request.get(), CURLOPT_ERRORBUFFER, details.data());
  set_option(request.get(), CURLOPT_USERAGENT, "klatch");
  set_limits(request.get(), target);
  set_trust(request.get(), trusted);
  const auto result = ::curl_easy_perform(request.get());
  if (result != CURLE_OK)
    return fault_of(result, details.data());
  return answer_of(request.get(), std::move(target.body));
}

} // namespace klatch::app
