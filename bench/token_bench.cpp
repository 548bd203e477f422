// What it costs to verify a token of each algorithm. Prints one JSON object: microseconds of CPU
// time a token, the best of several runs; the machine should be idle.
// token_bench [MILLISECONDS OF A RUN]
#include "messages/auth/freed_by.hpp"
#include "messages/auth/key_text.hpp"
#include "messages/auth/token.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <jwt.h>
#include <limits>
#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string>
#include <utility>
#include <variant>

namespace {

using namespace klatch;

constexpr int runs = 5;
constexpr std::int64_t now = 1'763'800'000;

using pkey = std::unique_ptr<EVP_PKEY, freed_by<::EVP_PKEY_free>>;
using bio = std::unique_ptr<BIO, freed_by<::BIO_free_all>>;

/// What a shop says of a user.
constexpr auto claims =
    R"({"sub":"7","project":"shop","name":"Mia","iat":1763800000,"exp":1763803600})";

/// A key as the site has it, and as the service has it.
struct key_pair {
  std::string signs;
  token_key verifies;
};

std::string text_of(const bio& from) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(from.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

key_pair pem_pair(const pkey& key) {
  const bio secret{BIO_new(BIO_s_mem())};
  const bio open{BIO_new(BIO_s_mem())};
  if (PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1 ||
      PEM_write_bio_PUBKEY(open.get(), key.get()) != 1)
    std::terminate();
  return {text_of(secret), parse_public_key("site", text_of(open))};
}

key_pair make_pair(signature_algorithm algorithm) {
  constexpr unsigned rsa_bits = 2048;
  if (algorithm == signature_algorithm::rs256)
    return pem_pair(pkey{EVP_RSA_gen(rsa_bits)});
  if (algorithm == signature_algorithm::es256)
    return pem_pair(pkey{EVP_EC_gen("P-256")});
  const std::string secret = "a secret of 32 bytes, not random";
  token_key key;
  key.kid = "site";
  key.material = secret;
  return {secret, key};
}

/// A token as a site makes it.
std::string signed_token(const key_pair& key) {
  jwt_t* made = nullptr;
  if (::jwt_new(&made) != 0)
    std::terminate();
  const std::unique_ptr<jwt_t, freed_by<::jwt_free>> owner{made};
  const std::string name{name_of(key.verifies.algorithm)};
  const auto* secret = reinterpret_cast<const unsigned char*>(key.signs.data());
  if (::jwt_add_header(made, "kid", "site") != 0 || ::jwt_add_grants_json(made, claims) != 0 ||
      ::jwt_set_alg(made, ::jwt_str_alg(name.c_str()), secret,
                    static_cast<int>(key.signs.size())) != 0)
    std::terminate();
  const std::unique_ptr<char, decltype(&std::free)> text{::jwt_encode_str(made), &std::free};
  return text.get();
}

double cpu_us() {
  timespec value{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &value);
  return static_cast<double>(value.tv_sec) * 1e6 + static_cast<double>(value.tv_nsec) / 1e3;
}

/// Of one token, which is verified again and again.
double verify_us(signature_algorithm algorithm, double run_ms) {
  constexpr int batch = 16;
  const auto key = make_pair(algorithm);
  const auto token = signed_token(key);
  access_rules rules;
  rules.keys = {key.verifies};
  auto best = std::numeric_limits<double>::max();
  for (int run = 0; run < runs; ++run) {
    const auto begin = cpu_us();
    double taken = 0;
    int done = 0;
    for (; taken < run_ms * 1e3; taken = cpu_us() - begin, done += batch)
      for (int i = 0; i < batch; ++i)
        if (!std::holds_alternative<token_claims>(verify(token, rules, now)))
          std::terminate();
    best = std::min(best, taken / done);
  }
  return best;
}

} // namespace

int main(int count, char** arguments) {
  const double run_ms = count > 1 ? std::atof(arguments[1]) : 100;
  if (run_ms <= 0)
    return 2;
  const nlohmann::ordered_json result{{"hs256_us", verify_us(signature_algorithm::hs256, run_ms)},
                                      {"rs256_us", verify_us(signature_algorithm::rs256, run_ms)},
                                      {"es256_us", verify_us(signature_algorithm::es256, run_ms)}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}
