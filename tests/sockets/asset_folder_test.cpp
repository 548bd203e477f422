/// `--web DIR`: a folder is served, and nothing outside of it.
#include "tests/sockets/raw_client.hpp"
#include "tests/sockets/running_service.hpp"

#include <filesystem>
#include <fstream>

namespace klatch::sockets {

namespace {

namespace fs = std::filesystem;

/// A folder to serve, beside files that must not be served; gone at the end.
class web_folder {
public:
  web_folder() {
    auto pattern = (fs::temp_directory_path() / "klatch-web-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    base_ = pattern;
    fs::create_directories(web() / "sub");
    fs::create_directories(web() / ".git");
    fs::create_directories(base_ / "web-other");
    write(web() / "index.html", "the page");
    write(web() / "sub" / "app.js", "the script");
    write(web() / ".env", "secret");
    write(web() / ".git" / "config", "secret");
    write(base_ / "outside.txt", "secret");
    write(base_ / "web-other" / "other.txt", "secret");
    fs::create_symlink(base_ / "outside.txt", web() / "link.txt");
    fs::create_directory_symlink(base_, web() / "up");
    fs::create_symlink(web() / "sub" / "app.js", web() / "inside.js");
  }
  web_folder(const web_folder&) = delete;
  web_folder& operator=(const web_folder&) = delete;
  ~web_folder() {
    std::error_code ignored;
    fs::remove_all(base_, ignored);
  }

  fs::path web() const { return base_ / "web"; }

  static void write(const fs::path& file, std::string_view text) {
    std::ofstream{file, std::ios::binary} << text;
  }

private:
  fs::path base_;
};

http_reply get(const running_service& server, std::string_view path) {
  raw_client client{server.endpoint()};
  client.write("GET " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return client.read_reply();
}

} // namespace

TEST_CASE("a folder's files are served as they are at the moment") {
  const web_folder folder;
  const net::asset_folder assets{folder.web()};
  running_service server{usual_options(), &assets};
  CHECK(get(server, "/").body == "the page");
  CHECK(get(server, "/index.html").fields.at("content-type") == "text/html; charset=utf-8");
  CHECK(get(server, "/sub/app.js").body == "the script");
  CHECK(get(server, "/inside.js").body == "the script");
  const auto tag = get(server, "/").fields.at("etag");
  web_folder::write(folder.web() / "index.html", "the pagf");
  const auto changed = get(server, "/");
  CHECK(changed.body == "the pagf");
  CHECK(changed.fields.at("etag") != tag);
}

TEST_CASE("nothing outside of the folder and nothing hidden is served") {
  const web_folder folder;
  const net::asset_folder assets{folder.web()};
  running_service server{usual_options(), &assets};
  const auto absolute = fs::weakly_canonical(folder.web() / "../outside.txt").string();
  const auto path = GENERATE_COPY(values<std::string>({"/../outside.txt",
                                                       "/sub/../../outside.txt",
                                                       "/./index.html",
                                                       "/%2e%2e/outside.txt",
                                                       "/%2e%2e%2foutside.txt",
                                                       "/..%2foutside.txt",
                                                       "/..\\outside.txt",
                                                       "/.env",
                                                       "/%2eenv",
                                                       "/.git/config",
                                                       "/link.txt",
                                                       "/up/outside.txt",
                                                       "/up/web-other/other.txt",
                                                       "/../web-other/other.txt",
                                                       "/sub",
                                                       "/sub/",
                                                       "//etc/passwd",
                                                       "/" + absolute,
                                                       absolute,
                                                       "/index.html%00.js",
                                                       "/index.html/",
                                                       "/" + std::string(5000, 'x')}));
  INFO(path);
  const auto reply = get(server, path);
  CHECK(reply.status == 404);
  CHECK(reply.body.find("secret") == std::string::npos);
}

} // namespace klatch::sockets
