// Which row answers a request, and what is answered if none does.
#include "net/http/router.hpp"
#include "tests/catch.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace klatch::net {

namespace {

namespace http = boost::beast::http;

route row_for(http::verb method, std::string path, std::size_t body_limit = 0) {
  return {.method = method,
          .path = std::move(path),
          .handle = [](const incoming&, const reply&) {},
          .body_limit = body_limit};
}

router table(std::vector<route> rows) { return {std::move(rows), upgrade_route{}}; }

http_request request(http::verb method) {
  http_request result;
  result.version(11);
  result.method(method);
  return result;
}

/// "path of the row", or "status allow".
std::string outcome(const router& routes, http::verb method, std::string_view path,
                    router::body_size body = {}) {
  const auto match = routes.match(request(method), path, body);
  if (const auto* found = std::get_if<const route*>(&match))
    return (*found)->path;
  const auto& answer = std::get<http_response>(match);
  const auto allow = view(answer[http::field::allow]);
  return std::to_string(answer.result_int()) + (allow.empty() ? "" : " ") + std::string{allow} +
         (answer.keep_alive() ? "" : " close");
}

} // namespace

TEST_CASE("the first row of the method and the path answers", "[router]") {
  const auto routes = table({row_for(http::verb::get, "/a"), row_for(http::verb::post, "/a"),
                             row_for(http::verb::get, "/b/*"), row_for(http::verb::get, "/*")});
  CHECK(outcome(routes, http::verb::get, "/a") == "/a");
  CHECK(outcome(routes, http::verb::head, "/a") == "/a");
  CHECK(outcome(routes, http::verb::post, "/a") == "/a");
  CHECK(outcome(routes, http::verb::get, "/a/") == "/*");
  CHECK(outcome(routes, http::verb::get, "/b/c") == "/b/*");
  CHECK(outcome(routes, http::verb::get, "/b") == "/*");
}

TEST_CASE("what no row answers is told what may be asked", "[router]") {
  const auto routes = table({row_for(http::verb::post, "/a"), row_for(http::verb::get, "/b")});
  CHECK(outcome(routes, http::verb::put, "/a") == "405 OPTIONS, POST");
  CHECK(outcome(routes, http::verb::put, "/b") == "405 GET, HEAD, OPTIONS");
  CHECK(outcome(routes, http::verb::options, "/b") == "204 GET, HEAD, OPTIONS");
  CHECK(outcome(routes, http::verb::options, "*") == "204 GET, HEAD, OPTIONS, POST");
  CHECK(outcome(routes, http::verb::get, "/c") == "404");
  CHECK(outcome(routes, http::verb::put, "/b", {false, 1}) == "405 GET, HEAD, OPTIONS close");
}

TEST_CASE("a body is taken up to the row's limit", "[router]") {
  const auto routes =
      table({row_for(http::verb::post, "/none"), row_for(http::verb::post, "/some", 10),
             row_for(http::verb::get, "/get")});
  CHECK(outcome(routes, http::verb::post, "/none") == "/none");
  CHECK(outcome(routes, http::verb::post, "/none", {false, 1}) == "413 close");
  CHECK(outcome(routes, http::verb::post, "/none", {false, 0}) == "413 close"); // in chunks
  CHECK(outcome(routes, http::verb::post, "/some", {false, 10}) == "/some");
  CHECK(outcome(routes, http::verb::post, "/some", {false, 0}) == "/some");
  CHECK(outcome(routes, http::verb::post, "/some", {false, 11}) == "413 close");
  CHECK(outcome(routes, http::verb::get, "/get", {false, 1}) == "400 close");
}

} // namespace klatch::net
