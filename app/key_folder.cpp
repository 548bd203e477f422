#include "app/key_folder.hpp"

#include "app/config_error.hpp"
#include "messages/auth/key_text.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

namespace klatch::app {

namespace fs = std::filesystem;

namespace {

/// Longest file that is read, in bytes.
constexpr std::size_t max_key_bytes_of_file = 64UL * 1024;

std::string read_text(const fs::path& file) {
  std::ifstream input{file, std::ios::binary};
  if (!input.is_open())
    throw config_error(file.string() + " cannot be read: " + std::strerror(errno) +
                       "; it has to be readable by the service's user (chgrp klatch, chmod 0640)");
  std::string text{std::istreambuf_iterator<char>{input}, {}};
  if (text.size() > max_key_bytes_of_file)
    throw config_error(file.string() + " is larger than 64 KiB, which no key is");
  return text;
}

void check_is_secret(const fs::path& file) {
  std::error_code error;
  const auto permissions = fs::status(file, error).permissions();
  if ((permissions & fs::perms::others_all) != fs::perms::none)
    throw config_error(file.string() + " is a secret that every user of this machine can read: "
                                       "chmod 0640 (or less)");
}

std::vector<token_key> read_key_file(const fs::path& file, const std::string& kid) {
  const auto ending = file.extension();
  if (ending == ".token")
    check_is_secret(file);
  const auto text = read_text(file);
  try {
    if (ending == ".token")
      return {parse_secret(kid, text)};
    if (ending == ".pem")
      return {parse_public_key(kid, text)};
    return parse_key_set(text);
  } catch (const bad_key& error) {
    throw config_error(file.string() + ' ' + error.what());
  }
}

bool is_key_file(const fs::path& file, std::string_view prefix) {
  static constexpr std::string_view endings[]{".token", ".pem", ".jwks"};
  const auto name = file.filename().string();
  return name.starts_with(prefix) && !name.starts_with('.') &&
         std::find(std::begin(endings), std::end(endings), file.extension().string()) !=
             std::end(endings);
}

std::vector<fs::path> key_files(const fs::path& folder, std::string_view prefix) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator each{folder, error}, end; !error && each != end;
       each.increment(error))
    if (is_key_file(each->path(), prefix))
      found.push_back(each->path());
  if (error)
    throw config_error(folder.string() + " cannot be read: " + error.message());
  std::sort(found.begin(), found.end());
  return found;
}

void add_key(std::vector<token_key>& keys, token_key added, const fs::path& file) {
  const auto same = [&](const token_key& each) { return each.kid == added.kid; };
  if (std::any_of(keys.begin(), keys.end(), same))
    throw config_error(file.string() + " has a key of the name " + added.kid +
                       ", which another file has too: which one a token means nobody could tell");
  if (keys.size() == max_keys)
    throw config_error(file.string() + " is one key too many: a folder may have " +
                       std::to_string(max_keys));
  keys.push_back(std::move(added));
}

// -- revoked users --------------------------------------------------------------------------------

/// `SECONDS<tab>PROJECT<tab>USER`: no id has a tab.
std::optional<std::pair<user_key, std::int64_t>> parse_revocation(std::string_view line) {
  const auto first = line.find('\t');
  const auto second = first == std::string_view::npos ? first : line.find('\t', first + 1);
  if (second == std::string_view::npos)
    return std::nullopt;
  std::int64_t since = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + first, since);
  auto project = project_id::parse(line.substr(first + 1, second - first - 1));
  auto user = user_id::parse(line.substr(second + 1));
  if (error != std::errc{} || end != line.data() + first || !project || !user)
    return std::nullopt;
  return std::pair{user_key{*std::move(project), *std::move(user)}, since};
}

} // namespace

std::vector<token_key> read_keys(const fs::path& folder, std::string_view prefix) {
  std::vector<token_key> keys;
  for (const auto& file : key_files(folder, prefix))
    for (auto& each : read_key_file(file, file.stem().string().substr(prefix.size())))
      add_key(keys, std::move(each), file);
  if (keys.empty())
    throw config_error(folder.string() +
                       " has no key of tokens: make one (klatch key new token "
                       "site --keys " +
                       folder.string() + ')');
  return keys;
}

void read_revocations(const fs::path& folder, access_rules& rules) {
  const auto file = folder / revocation_file;
  std::error_code error;
  if (!fs::exists(file, error))
    return;
  std::ifstream input{file};
  if (!input.is_open())
    throw config_error(file.string() + " cannot be read: " + std::strerror(errno));
  std::size_t number = 0;
  for (std::string line; std::getline(input, line);) {
    if (++number > max_revocations)
      throw config_error(file.string() + " has more than " + std::to_string(max_revocations) +
                         " lines: those older than the longest life of a token can go");
    auto found = parse_revocation(line);
    if (!found)
      throw config_error(file.string() + ", line " + std::to_string(number) +
                         ": expected is SECONDS, PROJECT and USER with tabs between them");
    auto& since = rules.not_before[std::move(found->first)];
    since = std::max(since, found->second);
  }
}

void add_revocation(const fs::path& folder, const user_key& user, std::int64_t since) {
  const auto file = folder / revocation_file;
  std::ofstream output{file, std::ios::app};
  output << since << '\t' << user.project.str() << '\t' << user.user.str() << '\n';
  output.flush();
  if (!output)
    throw config_error(file.string() + " cannot be written: " + std::strerror(errno));
}

} // namespace klatch::app
