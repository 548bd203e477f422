/// HTTP on the same port: the page, and what is no request for it.
#include "tests/sockets/raw_client.hpp"
#include "tests/sockets/running_service.hpp"

namespace klatch::sockets {

namespace {

std::string request(std::string_view method, std::string_view path, std::string_view more = {}) {
  std::string text{method};
  return text.append(" ")
      .append(path)
      .append(" HTTP/1.1\r\nHost: localhost\r\n")
      .append(more)
      .append("\r\n");
}

http_reply answer_to(const running_service& server, std::string_view text) {
  raw_client client{server.endpoint()};
  client.write(text);
  return client.read_reply(text.starts_with("HEAD"));
}

std::string header_of(std::size_t bytes) {
  const auto start = std::string{"GET / HTTP/1.1\r\nHost: localhost\r\n"};
  std::string text = start;
  for (int line = 0; text.size() + 1000 < bytes; ++line)
    text += "X-" + std::to_string(line) + ": " + std::string(900, 'x') + "\r\n";
  const std::string last = "X-Last: \r\n\r\n";
  text += "X-Last: " + std::string(bytes - text.size() - last.size(), 'x') + "\r\n\r\n";
  REQUIRE(text.size() == bytes);
  return text;
}

} // namespace

TEST_CASE("every file of the page is served with its type, a tag and a strict policy") {
  running_service server;
  REQUIRE(app::embedded_page().size() > 3);
  for (const auto& file : app::embedded_page()) {
    INFO(file.path);
    const auto reply = answer_to(server, request("GET", file.path));
    CHECK(reply.status == 200);
    CHECK(reply.body == file.content);
    CHECK(reply.fields.at("content-length") == std::to_string(file.content.size()));
    CHECK(reply.fields.at("content-type") != "application/octet-stream");
    CHECK(reply.fields.at("etag").size() > 10);
    CHECK(reply.fields.at("etag").front() == '"');
    CHECK(reply.fields.at("x-content-type-options") == "nosniff");
    const auto& policy = reply.fields.at("content-security-policy");
    CHECK(policy.find("default-src 'none'") != std::string::npos);
    CHECK(policy.find("script-src 'self';") != std::string::npos);
    CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
    CHECK(policy.find("unsafe") == std::string::npos);
  }
}

TEST_CASE("content types are what browsers want for modules, styles and pages") {
  running_service server;
  CHECK(answer_to(server, request("GET", "/")).fields.at("content-type") ==
        "text/html; charset=utf-8");
  CHECK(answer_to(server, request("GET", "/app.js")).fields.at("content-type") ==
        "text/javascript; charset=utf-8");
  CHECK(answer_to(server, request("GET", "/style/style.css")).fields.at("content-type") ==
        "text/css; charset=utf-8");
  CHECK(answer_to(server, request("GET", "/favicon.svg")).fields.at("content-type") ==
        "image/svg+xml");
}

TEST_CASE("/ is the page, with or without a query") {
  running_service server;
  const auto page = answer_to(server, request("GET", "/index.html")).body;
  CHECK(page.find("<html") != std::string::npos);
  CHECK(answer_to(server, request("GET", "/")).body == page);
  CHECK(answer_to(server, request("GET", "/?to=5")).body == page);
}

TEST_CASE("a file that the client has already is answered with 304") {
  running_service server;
  const auto tag = answer_to(server, request("GET", "/")).fields.at("etag");
  const auto status_for = [&](const std::string& known) {
    const auto reply = answer_to(server, request("GET", "/", "If-None-Match: " + known + "\r\n"));
    CHECK(reply.fields.at("etag") == tag);
    CHECK(reply.body.empty() == (reply.status == 304));
    return reply.status;
  };
  CHECK(status_for(tag) == 304);
  CHECK(status_for("W/" + tag) == 304);
  CHECK(status_for("\"other\", " + tag) == 304);
  CHECK(status_for("*") == 304);
  CHECK(status_for("\"other\"") == 200);
  CHECK(status_for(tag.substr(0, tag.size() - 2) + "\"") == 200);
}

TEST_CASE("HEAD is answered as GET, without the body") {
  running_service server;
  raw_client client{server.endpoint()};
  const auto whole = answer_to(server, request("GET", "/"));
  client.write(request("HEAD", "/") + request("HEAD", "/no") + request("GET", "/healthz"));
  const auto head = client.read_reply(true);
  CHECK(head.status == 200);
  CHECK(head.fields.at("content-length") == whole.fields.at("content-length"));
  CHECK(head.fields.at("etag") == whole.fields.at("etag"));
  CHECK(client.read_reply(true).status == 404);
  // What follows is the next answer and no body of those before.
  CHECK(client.read_reply().body == "ok\n");
}

TEST_CASE("/healthz answers ok, and may not be cached") {
  running_service server;
  const auto reply = answer_to(server, request("GET", "/healthz"));
  CHECK(reply.status == 200);
  CHECK(reply.body == "ok\n");
  CHECK(reply.fields.at("cache-control") == "no-store");
}

TEST_CASE("what is not there is 404, and the connection stays") {
  running_service server;
  raw_client client{server.endpoint()};
  client.write(request("GET", "/no.html") + request("GET", "/chat/server.php") +
               request("GET", "/healthz/more") + request("GET", "/healthz"));
  CHECK(client.read_reply().status == 404);
  CHECK(client.read_reply().status == 404);
  CHECK(client.read_reply().status == 404);
  CHECK(client.read_reply().status == 200);
}

TEST_CASE("other methods are refused with those that are not") {
  running_service server;
  const auto* method = GENERATE("POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW");
  INFO(method);
  const auto reply = answer_to(server, request(method, "/"));
  CHECK(reply.status == 405);
  CHECK(reply.fields.at("allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("OPTIONS is answered, as health checks ask") {
  running_service server;
  const auto* text =
      GENERATE("OPTIONS / HTTP/1.0\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
               "OPTIONS /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
               "OPTIONS http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n");
  INFO(text);
  const auto reply = answer_to(server, text);
  CHECK(reply.status == 204);
  CHECK(reply.fields.at("allow") == "GET, HEAD, OPTIONS");
  CHECK(reply.fields.count("content-length") == 0);
}

TEST_CASE("a target may be in absolute form, and then names the host") {
  running_service server;
  const auto get = [&](std::string_view target, std::string_view host = "localhost") {
    raw_client client{server.endpoint()};
    client.write("GET " + std::string{target} + " HTTP/1.1\r\nHost: " + std::string{host} +
                 "\r\n\r\n");
    return client.read_reply();
  };
  CHECK(get("http://localhost:9001/healthz").body == "ok\n");
  CHECK(get("HTTPS://localhost/healthz?a=b").body == "ok\n");
  CHECK(get("http://localhost").body == get("/").body);
  CHECK(get("http://localhost?to=5").body == get("/").body);
  CHECK(get("http://localhost/healthz", "evil.example").status == 200);
  CHECK(get("http://evil.example/healthz", "localhost").status == 403);
  CHECK(get("http://user@localhost/healthz").status == 400);
  CHECK(get("http:///healthz").status == 400);
  CHECK(get("ftp://localhost/healthz").status == 400);
  CHECK(get("localhost:9001").status == 400);
}

TEST_CASE("empty lines before a request mean nothing") {
  running_service server;
  raw_client client{server.endpoint()};
  client.write("\r\n" + request("GET", "/healthz") + "\r\n\r\n" + request("GET", "/healthz"));
  CHECK(client.read_reply().status == 200);
  CHECK(client.read_reply().status == 200);
  for (const char byte : "\r\n\r\n" + request("GET", "/healthz"))
    client.write({&byte, 1});
  CHECK(client.read_reply().status == 200);
}

TEST_CASE("a transfer coding other than chunked is refused with 501, and the connection ends") {
  running_service server;
  raw_client client{server.endpoint()};
  const auto* coding = GENERATE("gzip", "gzip, chunked", "chunked, chunked", "identity", "",
                                "gzip\r\nTransfer-Encoding: chunked");
  INFO(coding);
  const auto smuggled = request("GET", "/healthz");
  client.write(
      request(GENERATE("GET", "POST"), "/", "Transfer-Encoding: " + std::string{coding} + "\r\n") +
      smuggled);
  const auto reply = client.read_reply();
  CHECK((reply.status == 501 || reply.status == 400));
  CHECK((reply.status == 501 || std::string_view{coding}.find("chunked,") == 0));
  client.expect_end();
}

TEST_CASE("a body that is refused is never read as the next request") {
  running_service server;
  raw_client client{server.endpoint()};
  const auto smuggled = request("GET", "/healthz");
  const auto* method = GENERATE("POST", "GET");
  const bool chunked = GENERATE(false, true);
  INFO(method << (chunked ? " chunked" : " with a length"));
  const auto field = chunked ? std::string{"Transfer-Encoding: chunked\r\n"}
                             : "Content-Length: " + std::to_string(smuggled.size()) + "\r\n";
  client.write(request(method, "/", field) + smuggled);
  CHECK(client.read_reply().status == (std::string_view{method} == "GET" ? 400 : 405));
  client.expect_end();
}

TEST_CASE("two requests one after the other, and two at once, share a connection") {
  running_service server;
  raw_client client{server.endpoint()};
  client.write(request("GET", "/healthz"));
  CHECK(client.read_reply().body == "ok\n");
  client.write(request("GET", "/healthz"));
  CHECK(client.read_reply().body == "ok\n");
  client.write(request("GET", "/style/style.css") + request("GET", "/healthz"));
  CHECK(client.read_reply().fields.at("content-type") == "text/css; charset=utf-8");
  CHECK(client.read_reply().body == "ok\n");
}

TEST_CASE("an HTTP connection ends if the client asks for that") {
  running_service server;
  raw_client client{server.endpoint()};
  SECTION("by a field") { client.write(request("GET", "/healthz", "Connection: close\r\n")); }
  SECTION("by speaking HTTP/1.0") { client.write("GET /healthz HTTP/1.0\r\n\r\n"); }
  CHECK(client.read_reply().status == 200);
  client.expect_end();
}

TEST_CASE("who speaks TLS where there is none is closed, since no answer would be understood") {
  running_service server;
  raw_client client{server.endpoint()};
  client.write({"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\r\n\r\n", 15});
  client.expect_end();
}

TEST_CASE("what is no request is answered with 400, and the connection ends") {
  running_service server;
  raw_client client{server.endpoint()};
  SECTION("garbage") { client.write("garbage\r\n\r\n"); }
  SECTION("an unknown version") { client.write("GET / HTTP/3.0\r\nHost: localhost\r\n\r\n"); }
  SECTION("a header line without a colon") { client.write("GET / HTTP/1.1\r\nHost\r\n\r\n"); }
  SECTION("a control character in the target") {
    client.write("GET /\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  SECTION("two lengths") {
    client.write(
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n");
  }
  CHECK(client.read_reply().status == 400);
  client.expect_end();
}

TEST_CASE("a request has one Host and a path") {
  running_service server;
  for (const auto* host : {"local host", "user@localhost", "localhost:", "localhost:x",
                           "localhost:0", "localhost:65536", "[::1", "::1", "local/host", ""}) {
    INFO(host);
    const auto status =
        answer_to(server, "GET / HTTP/1.1\r\nHost: " + std::string{host} + "\r\n\r\n").status;
    const std::string_view given{host};
    CHECK(status == (given.empty() || given == "localhost:" ? 200 : 400));
  }
  CHECK(answer_to(server, "GET / HTTP/1.1\r\n\r\n").status == 400);
  CHECK(answer_to(server, "GET / HTTP/1.1\r\nHost: localhost\r\nHost: b\r\n\r\n").status == 400);
  CHECK(answer_to(server, "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 400);
  CHECK(answer_to(server, "GET / HTTP/1.0\r\n\r\n").status == 200);
}

TEST_CASE("a header of up to 16 KiB is taken, a larger one is refused with 431") {
  running_service server;
  CHECK(answer_to(server, header_of(16 * 1024 - 64)).status == 200);
  raw_client client{server.endpoint()};
  SECTION("whole") { client.write(header_of(16 * 1024 + 64)); }
  SECTION("much larger") { client.write_until_refused(header_of(512 * 1024)); }
  SECTION("in one line without an end") {
    client.write_until_refused("GET /" + std::string(64 * 1024, 'x'));
  }
  CHECK(client.read_reply().status == 431);
  client.expect_end();
}

TEST_CASE("a request that never ends is given up") {
  auto options = usual_options();
  options.network.times.tick = std::chrono::milliseconds{10};
  options.network.times.request = std::chrono::milliseconds{100};
  running_service server{options};
  raw_client client{server.endpoint()};
  SECTION("nothing comes at all") { client.expect_end(); }
  SECTION("half a header comes") {
    client.write("GET / HTTP/1.1\r\nHost:");
    CHECK(client.read_reply().status == 408);
    client.expect_end();
  }
  SECTION("a byte now and then does not help") {
    while (!client.readable_within(std::chrono::milliseconds{5}))
      client.write_until_refused("x");
    CHECK(client.read_reply().status == 408);
    client.expect_end();
  }
  SECTION("nothing follows the first request") {
    client.write(request("GET", "/healthz"));
    CHECK(client.read_reply().status == 200);
    client.expect_end();
  }
  SECTION("an upgraded one has no such limit") {
    client.write(
        "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    CHECK(client.read_reply().status == 101);
    CHECK_FALSE(client.readable_within(std::chrono::milliseconds{400}));
  }
}

} // namespace klatch::sockets
