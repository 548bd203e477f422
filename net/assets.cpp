#include "net/assets.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
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

bool within(const fs::path& root, const fs::path& file) {
  return std::mismatch(root.begin(), root.end(), file.begin(), file.end()).first == root.end();
}

} // namespace

std::optional<asset> embedded_assets::find(std::string_view path) const {
  const auto wanted = page_if_root(path);
  const auto found = std::find_if(files_.begin(), files_.end(),
                                  [&](const auto& each) { return each.path == wanted; });
  if (found == files_.end())
    return std::nullopt;
  return asset{std::string{found->content}, content_type_of(wanted),
               '"' + std::string{found->hash} + '"'};
}

std::optional<asset> asset_folder::find(std::string_view path) const {
  const auto wanted = page_if_root(path);
  if (wanted.find("/.") != std::string_view::npos || wanted.find('\0') != std::string_view::npos)
    return std::nullopt;
  std::error_code error;
  const auto file = fs::canonical(root_ / wanted.substr(1), error);
  if (error || !within(root_, file) || !fs::is_regular_file(file, error))
    return std::nullopt;
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return std::nullopt;
  std::string body{std::istreambuf_iterator<char>{in}, {}};
  auto etag = '"' + std::to_string(body.size()) + '-' +
              std::to_string(std::hash<std::string>{}(body)) + '"';
  return asset{std::move(body), content_type_of(wanted), std::move(etag)};
}

} // namespace klatch::net
