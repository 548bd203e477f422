/// What rows of the table of scenarios are made of: a flag with its range, default and help each.
#pragma once

#include "bench/load/numbered_text.hpp"
#include "bench/load/scenarios.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <type_traits>
#include <utility>

namespace load::flags {

/// The least and the most that a flag may be given.
struct range {
  double least;
  double most;
};

inline constexpr range any_connections{2, 900e3};
inline constexpr range any_time{0, 3600}; ///< in s

/// A number. `field`: where it goes; `preset`: what that is where the flag is not given.
template<class Owner, class Number>
auto number(const char* name, Number Owner::*field, std::type_identity_t<Number> preset,
            range allowed, const char* help) {
  return [=](CLI::App& command, Owner& options) {
    options.*field = preset;
    command.add_option(name, options.*field, help)
        ->capture_default_str()
        ->check(CLI::Range(allowed.least, allowed.most));
  };
}

/// A number of seconds.
template<class Owner>
auto time(const char* name, seconds Owner::*field, int preset, const char* help) {
  return [=](CLI::App& command, Owner& options) {
    auto& value = options.*field;
    value = seconds(preset);
    command
        .add_option_function<double>(
            name, [&value](const double& given) { value = seconds(given); }, help)
        ->check(CLI::Range(any_time.least, any_time.most))
        ->default_str(std::to_string(preset));
  };
}

/// True if it is given.
template<class Owner>
auto given(const char* name, bool Owner::*field, const char* help) {
  return [=](CLI::App& command, Owner& options) { command.add_flag(name, options.*field, help); };
}

/// A text. Empty if it is not given, if there is no `preset`.
template<class Owner>
auto text(const char* name, std::string Owner::*field, const char* preset, const char* help) {
  return [=](CLI::App& command, Owner& options) {
    options.*field = preset;
    auto& option = *command.add_option(name, options.*field, help);
    if (*preset != '\0')
      option.capture_default_str();
  };
}

/// One of two words, of which the first is the default.
template<class Owner>
auto either(const char* name, std::string Owner::*field, const char* first, const char* second,
            const char* help) {
  return [=](CLI::App& command, Owner& options) {
    options.*field = first;
    command.add_option(name, options.*field, help)
        ->capture_default_str()
        ->check(CLI::IsMember({first, second}));
  };
}

/// A folder that is there. Has to be given.
template<class Owner>
auto folder(std::string Owner::*field, const char* help) {
  return [=](CLI::App& command, Owner& options) {
    command.add_option("--folder", options.*field, help)->required()->check(CLI::ExistingDirectory);
  };
}

/// The rest of the command line. Has to be given.
template<class Owner>
auto remaining(const char* name, std::vector<std::string> Owner::*field, const char* help) {
  return [=](CLI::App& command, Owner& options) {
    command.add_option(name, options.*field, help)->required()->expected(-1);
  };
}

inline constexpr auto usual_path = "/chat/server.php";

/// Which server is loaded.
inline void server_flags(CLI::App& command, server_options& options) {
  auto& server = options.server;
  server = {"127.0.0.1", 0, usual_path};
  command.add_option("--host", server.host, "IPv4 address of the server")->capture_default_str();
  command.add_option("--port", server.port, "Its port")->required()->check(CLI::Range(1, 65535));
  command.add_option("--path", server.path, "The path to upgrade")->capture_default_str();
  auto* const tls = command.add_flag("--tls", server.tls, "Connect with TLS");
  command.add_flag("--resume", server.resumes, "Go on with TLS sessions of before")->needs(tls);
  static const std::map<std::string, carrier_kind> carriers{{"plain", carrier_kind::plain},
                                                            {"socketio", carrier_kind::socketio},
                                                            {"nats", carrier_kind::nats}};
  command.add_option("--carrier", server.carried, "What frames travel in")
      ->transform(CLI::CheckedTransformer(carriers, CLI::ignore_case))
      ->default_str("plain");
  command.add_option("--pid", options.pid, "Its process, on this machine")
      ->required()
      ->check(CLI::PositiveNumber);
  command
      .add_option("--other-port", server.other_ports,
                  "Port of another node of the same cluster: clients connect to all in turn")
      ->check(CLI::Range(1, 65535));
  command
      .add_option_function<std::vector<std::string>>(
          "--beside",
          [&options](const std::vector<std::string>& given) {
            for (const auto& each : given) {
              const auto end = each.find('=');
              options.beside[each.substr(0, end)].emplace_back(
                  static_cast<pid_t>(std::stol(each.substr(end + 1))));
            }
          },
          "NAME=PID: processes beside the server whose CPU is measured too, with those that they "
          "have started; several of one NAME are taken together")
      ->check(CLI::Validator(
          [](const std::string& given) {
            const auto end = given.find('=');
            const bool good = end != std::string::npos && end > 0 && end + 1 < given.size() &&
                              given.find_first_not_of("0123456789", end + 1) == std::string::npos;
            return good ? std::string{} : "not NAME=PID: " + given;
          },
          "NAME=PID"));
}

/// Whether users show tokens.
inline void token_flag(CLI::App& command, token_options& options) {
  text("--token-key", &token_options::token_key, "",
       "File with the key of the users' tokens")(command, options);
}

/// How long the texts are.
inline void size_flag(CLI::App& command, text_options& options) {
  number("--size", &text_options::text_bytes, 120, {numbered_text::min_bytes, 1e6},
         "Bytes of a message's text")(command, options);
}

/// How much each client has under way.
inline auto window_flag(std::size_t preset, const char* help) {
  return number("--window", &window_options::window, preset, {1, 10e3}, help);
}

/// How many clients there are, and how many messages leave in a second.
inline auto rate_flags(double preset, const char* connections_help = "How many, in pairs",
                       const char* rate_help = "Messages a second from all together") {
  return [=](CLI::App& command, rate_options& options) {
    number("--connections", &rate_options::connections, 200, any_connections,
           connections_help)(command, options);
    number("--rate", &rate_options::rate, preset, {1, 1e6}, rate_help)(command, options);
  };
}

/// How long the scenario runs; in s.
inline auto measured_time(int warm_up, int duration) {
  return [=](CLI::App& command, time_options& options) {
    time("--warm-up", &time_options::warm_up, warm_up, "Seconds before the measured time")(command,
                                                                                           options);
    time("--seconds", &time_options::duration, duration, "Seconds that are measured")(command,
                                                                                      options);
  };
}

} // namespace load::flags
