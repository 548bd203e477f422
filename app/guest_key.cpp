#include "app/guest_key.hpp"

#include "app/config_error.hpp"
#include "messages/auth/key_text.hpp"
#include "net/loop/descriptor.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace klatch::app {

namespace fs = std::filesystem;

namespace {

/// Longest file that is read, in bytes.
constexpr std::size_t max_bytes = 1024;

[[noreturn]] void fail(const fs::path& file, std::string_view what) {
  throw config_error(file.string() + ' ' + std::string{what} + ": " + std::strerror(errno));
}

void write_all(int descriptor, std::string_view text, const fs::path& file) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      fail(file, "cannot be written");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync_folder(const fs::path& folder) {
  const net::descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened.is_open() || ::fsync(opened.get()) != 0)
    fail(folder, "cannot be synced");
}

std::string read_text(int descriptor, const fs::path& file) {
  std::array<char, max_bytes + 1> text;
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(descriptor, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      fail(file, "cannot be read");
    if (got == 0)
      return {text.data(), size};
    size += static_cast<std::size_t>(got);
  }
  throw config_error(file.string() + " is larger than a key can be");
}

} // namespace

token_key guest_key_of(std::string_view text) {
  auto key = parse_secret(std::string{guest_kid}, text);
  key.of_guests = true;
  key.role_limit = role::guest;
  return key;
}

std::optional<std::string> read_guest_secret(const fs::path& folder) {
  const auto file = folder / guest_key_file;
  const net::descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!opened.is_open() && errno == ENOENT)
    return std::nullopt;
  struct stat found {};
  if (!opened.is_open() || ::fstat(opened.get(), &found) != 0)
    fail(file, "cannot be read");
  if ((found.st_mode & S_IRWXO) != 0)
    throw config_error(file.string() + " is a secret that every user of this machine can read: "
                                       "chmod 0600");
  auto text = read_text(opened.get(), file);
  try {
    guest_key_of(text);
  } catch (const bad_key& error) {
    throw config_error(file.string() + ' ' + error.what() +
                       "; or delete it: another is made, and all guests of before are new ones");
  }
  return text;
}

void make_guest_key(const fs::path& folder) {
  const auto file = folder / guest_key_file;
  const auto unfinished = fs::path{file} += ".new";
  ::unlink(unfinished.c_str()); // of a start that was cut off
  {
    constexpr mode_t for_its_owner = 0600;
    const net::descriptor made{
        ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, for_its_owner)};
    if (!made.is_open())
      fail(unfinished, "cannot be made");
    write_all(made.get(), make_secret_text({}), unfinished);
    if (::fsync(made.get()) != 0)
      fail(unfinished, "cannot be written");
  }
  if (::rename(unfinished.c_str(), file.c_str()) != 0)
    fail(file, "cannot be made");
  sync_folder(folder);
}

} // namespace klatch::app
