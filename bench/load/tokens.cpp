#include "bench/load/tokens.hpp"

#include "bench/load/failure.hpp"
#include "bench/load/numbered_text.hpp"
#include "bench/load/plain_dialect.hpp"

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <utility>
#include <vector>

namespace load {

namespace {

constexpr std::chrono::hours life{1};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Base64url without padding (RFC 4648 section 5).
std::string encoded(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0'); // with the NUL that OpenSSL writes
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  text.erase(text.find_last_not_of('=') + 1);
  for (auto& each : text)
    each = each == '+' ? '-' : each == '/' ? '_' : each;
  return text;
}

/// The bytes of base64 with its padding.
std::string decoded(const std::string& text) {
  std::string bytes(text.size() / 4 * 3 + 1, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text),
                                   static_cast<int>(text.size()));
  if (size <= 0)
    throw failure("the key is not base64");
  const auto padding = text.size() - 1 - text.find_last_not_of('=');
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

std::string secret_in(const std::string& file) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line.front() != '#')
      return decoded(line);
  throw failure("there is no key in " + file);
}

} // namespace

token_maker::token_maker(const std::string& file) : secret_(secret_in(file)) {
  std::string json = R"({"alg":"HS256","typ":"JWT","kid":")";
  json.append(std::filesystem::path(file).stem().string()).append(R"("})");
  header_ = encoded(json);
}

std::string token_maker::token_of(std::string_view user) const {
  const auto end = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + life);
  std::string claims = R"({"sub":")";
  claims.append(user).append(R"(","project":"bench","name":")").append(user);
  claims.append(R"(","exp":)").append(std::to_string(end)).append("}");
  auto token = header_ + '.' + encoded(claims);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), bytes_of(token),
           token.size(), digest.data(), &size) == nullptr)
    throw failure("a token cannot be signed");
  return token + '.' + encoded({reinterpret_cast<const char*>(digest.data()), size});
}

greeting plain_greeting_with_tokens(const std::string& key_file, std::size_t clients) {
  auto words = plain_greeting();
  if (key_file.empty())
    return words;
  const token_maker site(key_file);
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < clients; ++i)
    tokens.push_back(site.token_of(user_name(i)));
  words.registration = [tokens = std::move(tokens)](std::size_t client) {
    auto json = registration(client);
    json.pop_back(); // the brace
    return json.append(R"(,"token":")").append(tokens[client]).append(R"("})");
  };
  return words;
}

} // namespace load
