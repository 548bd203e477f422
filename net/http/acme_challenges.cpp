#include "net/http/acme_challenges.hpp"

#include "net/loop/descriptor.hpp"
#include "net/stream/text_response.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>

namespace klatch::net {

namespace http = boost::beast::http;

namespace {

constexpr std::string_view challenge_path = "/.well-known/acme-challenge/";
constexpr std::size_t max_token_bytes = 128;
constexpr std::size_t max_challenge_bytes = 1024;

/// RFC 8555 section 8.3: base64url. So none leads out of the folder.
bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= max_token_bytes &&
         std::all_of(text.begin(), text.end(), [](char each) {
           return (each >= 'A' && each <= 'Z') || (each >= 'a' && each <= 'z') ||
                  (each >= '0' && each <= '9') || each == '-' || each == '_';
         });
}

} // namespace

acme_challenges::acme_challenges(const std::filesystem::path& webroot)
    : folder_(webroot.string() + std::string{challenge_path}) {}

std::optional<std::string> acme_challenges::find(std::string_view token) const {
  const auto path = folder_ + std::string{token};
  const descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  struct stat found {};
  if (!file.is_open() || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode))
    return std::nullopt;
  std::array<char, max_challenge_bytes + 1> text{};
  const auto size = ::read(file.get(), text.data(), text.size());
  if (size < 0 || static_cast<std::size_t>(size) > max_challenge_bytes)
    return std::nullopt;
  return std::string{text.data(), static_cast<std::size_t>(size)};
}

std::optional<http_response> acme_challenges::answer(const http_request& request,
                                                     std::string_view path) const {
  const auto method = request.method();
  if (!path.starts_with(challenge_path) ||
      (method != http::verb::get && method != http::verb::head))
    return std::nullopt;
  const auto token = path.substr(challenge_path.size());
  auto text = is_token(token) ? find(token) : std::nullopt;
  auto answer = text ? make_response(request, http::status::ok, "text/plain", *std::move(text))
                     : text_response(request, http::status::not_found, "There is no such token.");
  answer.set(http::field::cache_control, "no-store");
  answer.keep_alive(false); // What may follow as a body is read by nobody.
  return answer;
}

} // namespace klatch::net
