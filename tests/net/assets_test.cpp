// The page's files, from the binary and from a folder.
#include "net/http/assets.hpp"
#include "tests/catch.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace klatch::net {

namespace fs = std::filesystem;

namespace {

/// A folder `page` with files, beside one that must not be seen. Removed at the end.
class folders {
public:
  folders() : root_(fs::temp_directory_path() / ("klatch-assets-" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(page() / "sub");
    fs::create_directories(root_ / "page-secret");
    write("page/index.html", "<!doctype html>");
    write("page/sub/a.js", "export {};");
    write("page/.hidden", "hidden");
    write("page-secret/key.txt", "secret");
    write("key.txt", "secret");
    fs::create_symlink(root_ / "key.txt", page() / "out.txt");
    fs::create_directory_symlink(root_ / "page-secret", page() / "way-out");
    fs::create_symlink("sub/a.js", page() / "in.js");
    fs::create_symlink("nowhere", page() / "dangling.txt");
  }
  ~folders() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  folders(const folders&) = delete;
  folders& operator=(const folders&) = delete;

  fs::path page() const { return root_ / "page"; }
  void write(const std::string& path, std::string_view content) const {
    std::ofstream{root_ / path, std::ios::binary} << content;
  }

private:
  fs::path root_;
};

/// All of a file, in small pieces.
std::string whole(const asset& file) {
  std::array<char, 7> buffer{};
  std::string all;
  for (auto piece = file.content.piece(0, buffer); !piece.empty();
       piece = file.content.piece(all.size(), buffer))
    all += piece;
  CHECK(file.size == all.size());
  return all;
}

/// Longer than any file's name may be.
std::string long_path() {
  std::string path(5000, 'a');
  path.front() = '/';
  return path;
}

constexpr std::array files{
    embedded_file{"/index.html", "<!doctype html>", "aaa"},
    embedded_file{"/sub/a.js", "export {};", "bbb"},
};

} // namespace

TEST_CASE("embedded files are found by their path, and only by it", "[assets]") {
  const embedded_assets assets{files};
  const auto page = assets.find("/");
  REQUIRE(page);
  CHECK(whole(*page) == "<!doctype html>");
  CHECK(page->content_type == "text/html; charset=utf-8");
  CHECK(page->etag == "\"aaa\"");
  REQUIRE(assets.find("/index.html"));
  CHECK(whole(*assets.find("/index.html")) == whole(*page));
  REQUIRE(assets.find("/sub/a.js"));
  CHECK(assets.find("/sub/a.js")->content_type == "text/javascript; charset=utf-8");
  for (const auto* path :
       {"", "index.html", "/index.htm", "/index.html/", "//index.html", "/sub", "/sub/",
        "/sub/../index.html", "/./index.html", "/INDEX.HTML", "/..", "/a"})
    CHECK_FALSE(assets.find(path));
}

TEST_CASE("a folder's files are found, read anew each time", "[assets]") {
  const folders around;
  const asset_folder assets{around.page()};
  const auto page = assets.find("/");
  REQUIRE(page);
  CHECK(whole(*page) == "<!doctype html>");
  CHECK(page->content_type == "text/html; charset=utf-8");
  CHECK(page->etag.size() > 2);
  CHECK(page->etag.front() == '"');
  CHECK(page->etag.back() == '"');
  CHECK(assets.find("/")->etag == page->etag);
  CHECK(whole(*assets.find("/sub/a.js")) == "export {};");
  CHECK(whole(*assets.find("/in.js")) == "export {};");

  around.write("page/index.html", "<!doctype HTML>");
  CHECK(whole(*assets.find("/")) == "<!doctype HTML>");
  CHECK(assets.find("/")->etag != page->etag);
  const std::string binary("\0\r\n\xFF", 4);
  around.write("page/new.png", binary);
  REQUIRE(assets.find("/new.png"));
  CHECK(whole(*assets.find("/new.png")) == binary);
  CHECK(assets.find("/new.png")->content_type == "image/png");
  fs::remove(around.page() / "index.html");
  CHECK_FALSE(assets.find("/"));
}

TEST_CASE("a large file is read as it goes", "[assets]") {
  const folders around;
  const asset_folder assets{around.page()};
  std::string content(1'000'000, 'x');
  content[500'000] = 'y';
  around.write("page/large.js", content);
  const auto found = assets.find("/large.js");
  REQUIRE(found);
  CHECK(found->size == content.size());
  CHECK(whole(*found) == content);
  CHECK(assets.find("/large.js")->etag == found->etag);
  around.write("page/large.js", content + "z");
  CHECK(assets.find("/large.js")->etag != found->etag);
  fs::resize_file(around.page() / "large.js", 10);
  std::array<char, 100> buffer{};
  CHECK(found->content.piece(500'000, buffer).empty());
}

TEST_CASE("a pipe is no file", "[assets]") {
  const folders around;
  const asset_folder assets{around.page()};
  REQUIRE(::mkfifo((around.page() / "pipe.js").c_str(), 0600) == 0);
  CHECK_FALSE(assets.find("/pipe.js"));
}

TEST_CASE("without a descriptor a file is there and not available", "[assets]") {
  const folders around;
  const asset_folder assets{around.page()};
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  auto none = before;
  none.rlim_cur = 0;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const auto found = assets.find("/index.html");
  const auto missing = assets.find("/nothing.html");
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE(found);
  CHECK_FALSE(found->available);
  CHECK_FALSE(missing);
}

TEST_CASE("nothing leads out of the folder", "[assets]") {
  const folders around;
  const asset_folder assets{around.page()};
  const auto path = GENERATE(
      as<std::string>{}, "/../key.txt", "/sub/../../key.txt", "/sub/../index.html", "/./index.html",
      "/..", "/.", "/out.txt", "/way-out/key.txt", "/../page-secret/key.txt", "//etc/passwd",
      "//etc/hostname", "/.hidden", "/sub/.", "/sub", "/sub/", "/nothing", "/dangling.txt",
      "/%2e%2e/key.txt", "/..%2fkey.txt", "/..\\key.txt", "/index.html/", "/index.html/../sub/a.js",
      std::string("/index.html\0.js", 15), long_path());
  CAPTURE(path);
  CHECK_FALSE(assets.find(path));
  CHECK_FALSE(assets.find('/' + around.page().string()));
}

TEST_CASE("a folder may be named through a link, or with a slash at its end", "[assets]") {
  const folders around;
  const auto link = around.page().parent_path() / "link";
  fs::create_directory_symlink(around.page(), link);
  for (const auto& name : {link, around.page() / "", around.page() / "sub" / ".."}) {
    CAPTURE(name);
    const asset_folder assets{name};
    REQUIRE(assets.find("/index.html"));
    CHECK_FALSE(assets.find("/out.txt"));
  }
}

TEST_CASE("a folder that is not there is refused at once", "[assets]") {
  const folders around;
  CHECK_THROWS_AS(asset_folder{around.page() / "none"}, fs::filesystem_error);
}

TEST_CASE("content types go by the name's end", "[assets]") {
  const folders around;
  const asset_folder assets{around.page()};
  const auto [name, type] = GENERATE(table<std::string, std::string>({
      {"a.html", "text/html; charset=utf-8"},
      {"a.css", "text/css; charset=utf-8"},
      {"a.js", "text/javascript; charset=utf-8"},
      {"a.mjs", "text/javascript; charset=utf-8"},
      {"a.json", "application/json"},
      {"a.svg", "image/svg+xml"},
      {"a.ico", "image/x-icon"},
      {"a.webmanifest", "application/manifest+json"},
      {"a.txt", "text/plain; charset=utf-8"},
      {"a.woff2", "font/woff2"},
      {"a.min.js", "text/javascript; charset=utf-8"},
      {"a.exe", "application/octet-stream"},
      {"a", "application/octet-stream"},
      {"a.js.bin", "application/octet-stream"},
  }));
  around.write("page/" + name, "x");
  const auto found = assets.find('/' + name);
  REQUIRE(found);
  CHECK(found->content_type == type);
}

} // namespace klatch::net
