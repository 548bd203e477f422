/// A place to read a configuration in: nothing of ours in the environment, a folder for files, both
/// undone at the end.
#pragma once

#include "app/config.hpp"
#include "app/settings.hpp"
#include "tests/catch.hpp"

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

namespace klatch::app {

/// Sets a variable of the environment, or takes it away; puts back what was there.
class scoped_variable {
public:
  scoped_variable(std::string name, const std::optional<std::string>& value)
      : name_(std::move(name)) {
    if (const auto* before = std::getenv(name_.c_str()))
      before_ = before;
    assign(value);
  }
  scoped_variable(const scoped_variable&) = delete;
  scoped_variable& operator=(const scoped_variable&) = delete;
  ~scoped_variable() { assign(before_); }

private:
  void assign(const std::optional<std::string>& value) const {
    if (value)
      ::setenv(name_.c_str(), value->c_str(), 1);
    else
      ::unsetenv(name_.c_str());
  }

  std::string name_;
  std::optional<std::string> before_;
};

class config_fixture {
public:
  config_fixture() {
    for (const auto& row : all_settings())
      cleared_.emplace_back(row.variable, std::nullopt);
    auto pattern = (std::filesystem::temp_directory_path() / "klatch-config-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
  }
  config_fixture(const config_fixture&) = delete;
  config_fixture& operator=(const config_fixture&) = delete;
  ~config_fixture() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

protected:
  const std::filesystem::path& folder() const { return folder_; }

  /// Writes a file of the test's folder; returns its path.
  std::string write(const std::string& name, const std::string& text) const {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary} << text;
    return path.string();
  }

  /// A folder that --web takes.
  std::string web_folder(const std::string& name) const {
    write(name + "/index.html", "<!doctype html>");
    return (folder_ / name).string();
  }

  static std::variant<config, early_exit> read(const std::vector<std::string>& arguments) {
    std::vector<const char*> argv{"klatch"};
    for (const auto& argument : arguments)
      argv.push_back(argument.c_str());
    const auto argc = static_cast<int>(argv.size());
    argv.push_back(nullptr);
    return read_config(argc, argv.data());
  }

  static config taken(const std::vector<std::string>& arguments) {
    auto result = read(arguments);
    if (const auto* refused = std::get_if<early_exit>(&result))
      FAIL("refused: " << refused->output);
    return std::get<config>(result);
  }

  /// The sentence, without its line end, with which the arguments are refused with status 2.
  static std::string refusal(const std::vector<std::string>& arguments) {
    auto result = read(arguments);
    const auto* refused = std::get_if<early_exit>(&result);
    REQUIRE(refused != nullptr);
    CHECK(refused->status == 2);
    auto text = refused->output;
    REQUIRE(!text.empty());
    REQUIRE(text.find('\n') == text.size() - 1);
    text.pop_back();
    return text;
  }

private:
  std::deque<scoped_variable> cleared_; ///< the variables of all settings
  std::filesystem::path folder_;
};

} // namespace klatch::app
