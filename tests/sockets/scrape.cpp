#include "tests/sockets/scrape.hpp"

#include "tests/catch.hpp"

#include <cmath>
#include <regex>
#include <sstream>

namespace klatch::sockets {

namespace {

/// The metric that a sample belongs to.
std::string metric_of(const std::string& name, const scrape& found) {
  for (const std::string_view ending : {"_bucket", "_sum", "_count"})
    if (name.ends_with(ending))
      if (auto stem = name.substr(0, name.size() - ending.size());
          found.types.count(stem) > 0 && found.types.at(stem) == "histogram")
        return stem;
  return name;
}

void take_sample(const std::string& line, const std::string& metric, scrape& into) {
  static const std::regex form{
      R"(([a-z_:][a-z0-9_:]*)(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? ([-+0-9.e]+|\+?Inf))"};
  std::smatch parts;
  INFO(line);
  REQUIRE(std::regex_match(line, parts, form));
  CHECK(metric_of(parts[1], into) == metric); // All of a metric stand together.
  const auto number = parts[4].str();
  const auto value = number.ends_with("Inf") ? INFINITY : std::stod(number);
  CHECK(into.samples.emplace(parts[1].str() + parts[2].str(), value).second);
  CHECK(value >= 0);
}

void take_type(std::istringstream& words, const std::string& metric, scrape& found) {
  std::string name;
  std::string type;
  words >> name >> type;
  CHECK(name == metric);
  CHECK((type == "counter" || type == "gauge" || type == "histogram"));
  found.types[name] = type;
}

} // namespace

double scrape::at(const std::string& sample) const {
  INFO(sample);
  REQUIRE(samples.count(sample) == 1);
  return samples.at(sample);
}

http_reply get_from(const net::tcp_endpoint& from, std::string_view path, std::string_view fields) {
  raw_client client{from};
  client.write(std::string{"GET "}
                   .append(path)
                   .append(" HTTP/1.1\r\nHost: localhost\r\n")
                   .append(fields)
                   .append("\r\n"));
  return client.read_reply();
}

scrape parse_scrape(const std::string& text) {
  scrape found;
  std::string metric;
  REQUIRE(text.ends_with('\n'));
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string mark;
    std::string what;
    words >> mark >> what;
    if (mark != "#") {
      take_sample(line, metric, found);
      continue;
    }
    if (what == "TYPE") {
      take_type(words, metric, found);
      continue;
    }
    REQUIRE(what == "HELP");
    words >> metric;
    CHECK(found.types.count(metric) == 0);
  }
  return found;
}

scrape scrape_of(const net::tcp_endpoint& from) {
  const auto reply = get_from(from, "/metrics");
  REQUIRE(reply.status == 200);
  CHECK(reply.fields.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  return parse_scrape(reply.body);
}

} // namespace klatch::sockets
