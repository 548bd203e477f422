#include "net/http/assets.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace klatch::net {

namespace fs = std::filesystem;

namespace {

std::string_view page_if_root(std::string_view path) { return path == "/" ? "/index.html" : path; }

std::string_view content_type_of(std::string_view path) {
  using row = std::pair<std::string_view, std::string_view>;
  static constexpr std::array types{
      row{".html", "text/html; charset=utf-8"},
      row{".css", "text/css; charset=utf-8"},
      row{".js", "text/javascript; charset=utf-8"},
      row{".mjs", "text/javascript; charset=utf-8"},
      row{".json", "application/json"},
      row{".svg", "image/svg+xml"},
      row{".png", "image/png"},
      row{".ico", "image/x-icon"},
      row{".webmanifest", "application/manifest+json"},
      row{".txt", "text/plain; charset=utf-8"},
      row{".woff2", "font/woff2"},
  };
  const auto found = std::find_if(types.begin(), types.end(),
                                  [&](const row& each) { return path.ends_with(each.first); });
  return found == types.end() ? "application/octet-stream" : found->second;
}

/// Largest file that is read at once, in bytes.
constexpr std::size_t max_small_bytes = 64UL * 1024;

/// Returns true if the fault is the system's for now, and not the file's.
bool is_passing(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == EIO || error == EINTR;
}

std::size_t read_at(int file, std::uint64_t at, std::span<char> into) {
  const auto got = ::pread(file, into.data(), into.size(), static_cast<off_t>(at));
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

asset unavailable_file() {
  asset there;
  there.available = false;
  return there;
}

asset small_file(int file, std::size_t size, std::string_view type) {
  std::string body(size, '\0');
  if (read_at(file, 0, body) != size)
    return unavailable_file();
  auto etag = '"' + std::to_string(body.size()) + '-' +
              std::to_string(std::hash<std::string>{}(body)) + '"';
  const auto bytes = body.size();
  return {asset_content{std::move(body)}, bytes, type, std::move(etag)};
}

asset large_file(descriptor file, const struct stat& about, std::string_view type) {
  auto etag = '"' + std::to_string(about.st_size) + '-' + std::to_string(about.st_ino) + '-' +
              std::to_string(about.st_mtim.tv_sec) + '.' + std::to_string(about.st_mtim.tv_nsec) +
              '"';
  return {asset_content{std::move(file)}, static_cast<std::uint64_t>(about.st_size), type,
          std::move(etag)};
}

bool within(const fs::path& root, const fs::path& file) {
  return std::mismatch(root.begin(), root.end(), file.begin(), file.end()).first == root.end();
}

} // namespace

std::string_view asset_content::piece(std::uint64_t at, std::span<char> buffer) const {
  if (const auto* file = std::get_if<descriptor>(&from_))
    return {buffer.data(), read_at(file->get(), at, buffer)};
  const auto* const own = std::get_if<std::string>(&from_);
  const auto whole = own != nullptr ? std::string_view{*own} : std::get<std::string_view>(from_);
  return whole.substr(std::min<std::uint64_t>(at, whole.size()), buffer.size());
}

std::optional<asset> embedded_assets::find(std::string_view path) const {
  const auto wanted = page_if_root(path);
  const auto found = std::find_if(files_.begin(), files_.end(),
                                  [&](const auto& each) { return each.path == wanted; });
  if (found == files_.end())
    return std::nullopt;
  return asset{asset_content{found->content}, found->content.size(), content_type_of(wanted),
               '"' + std::string{found->hash} + '"'};
}

std::optional<asset> asset_folder::find(std::string_view path) const {
  const auto wanted = page_if_root(path);
  if (wanted.find("/.") != std::string_view::npos || wanted.find('\0') != std::string_view::npos)
    return std::nullopt;
  std::error_code error;
  const auto file = fs::canonical(root_ / wanted.substr(1), error);
  if (error || !within(root_, file))
    return std::nullopt;
  descriptor opened{::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)};
  if (!opened.is_open())
    return is_passing(errno) ? std::optional{unavailable_file()} : std::nullopt;
  struct stat about {};
  if (::fstat(opened.get(), &about) != 0 || !S_ISREG(about.st_mode))
    return std::nullopt;
  const auto size = static_cast<std::size_t>(about.st_size);
  return size <= max_small_bytes ? small_file(opened.get(), size, content_type_of(wanted))
                                 : large_file(std::move(opened), about, content_type_of(wanted));
}

} // namespace klatch::net
