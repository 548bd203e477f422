/// The page's files.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace klatch::net {

/// A file as it is served.
struct asset {
  std::string body;
  std::string_view content_type;
  std::string etag; ///< with its quotes (RFC 9110 section 8.8.3)
};

/// Where the page's files come from. Safe to use from all workers.
class asset_source {
public:
  virtual ~asset_source() = default;

  /// The file at `path`, which starts with a slash; `/` is the page itself.
  virtual std::optional<asset> find(std::string_view path) const = 0;
};

/// A file compiled into the binary.
struct embedded_file {
  std::string_view path; ///< with its slash
  std::string_view content;
  std::string_view hash;
};

/// Serves what the binary holds.
class embedded_assets final : public asset_source {
public:
  explicit embedded_assets(std::span<const embedded_file> files) noexcept : files_(files) {}
  std::optional<asset> find(std::string_view path) const override;

private:
  std::span<const embedded_file> files_;
};

/// Serves a folder, read anew for each request: for work on the page.
class asset_folder final : public asset_source {
public:
  /// Throws `std::filesystem::filesystem_error` where there is no such folder.
  explicit asset_folder(const std::filesystem::path& root)
      : root_(std::filesystem::canonical(root)) {}

  /// Nothing for hidden files and for what a link leads out of the folder.
  std::optional<asset> find(std::string_view path) const override;

private:
  std::filesystem::path root_;
};

} // namespace klatch::net
