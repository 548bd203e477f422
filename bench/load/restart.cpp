#include "bench/load/child_server.hpp"
#include "bench/load/failure.hpp"
#include "bench/load/process.hpp"
#include "bench/load/returning_crowd.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/send_schedule.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace load {

namespace {

/// A server behind a socket that is there all the time, and the one after it.
class restarting_server {
public:
  restarting_server(const std::vector<std::string>& command, const listening_socket& socket)
      : command_(command), socket_(socket), old_(command, socket) {}

  void begin_stop() {
    stopping_ = swarm::clock::now();
    used_before_ = process(old_.id()).cpu_time();
    old_.begin_stop();
  }

  /// Starts the next one as soon as the old one has ended. To be called at short intervals.
  void go_on() {
    if (!stopping_ || next_ || !old_.has_ended())
      return;
    stopped_ = swarm::clock::now();
    next_.emplace(command_, socket_);
  }

  swarm::clock::time_point stopping() const { return stopping_.value(); }
  swarm::clock::time_point stopped() const { return stopped_; }

  /// CPU of both since the old one was told to stop; once there is the next one.
  std::chrono::nanoseconds used() const {
    return old_.cpu_time() - used_before_ + process(next_.value().id()).cpu_time();
  }

  void end() { next_.value().stop(); }

private:
  const std::vector<std::string>& command_;
  const listening_socket& socket_;
  child_server old_;
  std::optional<child_server> next_;
  std::optional<swarm::clock::time_point> stopping_;
  swarm::clock::time_point stopped_;
  std::chrono::nanoseconds used_before_{};
};

double seconds_from(swarm::clock::time_point begin, swarm::clock::time_point end) {
  return seconds(end - begin).count();
}

} // namespace

nlohmann::ordered_json run_restart(const restart_options& options) {
  constexpr std::chrono::seconds patience{60};
  constexpr std::chrono::milliseconds a_look{5};
  const listening_socket socket;
  restarting_server server(options.command, socket);
  returning_crowd crowd({"127.0.0.1", socket.port(), options.path}, options.connections / 2 * 2,
                        options.text_bytes);
  crowd.open();
  send_schedule writing(crowd.clients(), options.rate, [&](swarm::clock::time_point moment) {
    crowd.write();
    server.go_on();
    crowd.bring_back(moment);
  });
  writing.run(options.warm_up);
  server.begin_stop();
  while (!crowd.all_back()) {
    writing.run(a_look);
    if (swarm::clock::now() > server.stopping() + patience)
      throw failure("not all clients were back a minute after the restart");
  }
  const auto used = seconds(server.used());
  const auto all = seconds(swarm::clock::now() - server.stopping());
  writing.run(options.duration);
  crowd.finish();
  server.end();
  return {{"connections", crowd.clients().size()},
          {"rate", options.rate},
          {"refused", crowd.refused()},
          {"delivered", crowd.delivered()},
          {"sent_again", crowd.sent_again()},
          {"stopped_seconds", seconds_from(server.stopping(), server.stopped())},
          {"first_back_seconds", seconds_from(server.stopping(), crowd.first_back())},
          {"last_back_seconds", seconds_from(server.stopping(), crowd.last_back())},
          {"server_cpu_seconds", used.count()},
          {"server_cores", used / all}};
}

} // namespace load
