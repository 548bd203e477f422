/// The page's files.
#pragma once

#include "net/loop/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace klatch::net {

/// What a file holds, piece by piece. Move-only.
class asset_content {
public:
  asset_content() = default;
  /// Of the binary: stays where it is.
  explicit asset_content(std::string_view whole) : from_(whole) {}
  explicit asset_content(std::string whole) : from_(std::move(whole)) {}
  explicit asset_content(descriptor file) : from_(std::move(file)) {}

  /// At most as many bytes from `at` on as `buffer` has room for; empty if there are none, or they
  /// cannot be read. Valid until `buffer` or this is used otherwise.
  std::string_view piece(std::uint64_t at, std::span<char> buffer) const;

private:
  std::variant<std::string_view, std::string, descriptor> from_;
};

/// A file as it is served.
struct asset {
  asset_content content;
  std::uint64_t size = 0; ///< bytes
  std::string_view content_type;
  std::string etag;      ///< with its quotes (RFC 9110 section 8.8.3)
  bool available = true; ///< false: it is there and cannot be opened now
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

/// Serves a folder, read anew for each request: for work on the page. A file of up to 64 KiB is
/// served as it was at the request; of a larger one the descriptor is kept, not the bytes.
class asset_folder final : public asset_source {
public:
  /// Throws `std::filesystem::filesystem_error` if there is no such folder.
  explicit asset_folder(const std::filesystem::path& root)
      : root_(std::filesystem::canonical(root)) {}

  /// Nothing for hidden files and for what a link leads out of the folder.
  std::optional<asset> find(std::string_view path) const override;

private:
  std::filesystem::path root_;
};

} // namespace klatch::net
