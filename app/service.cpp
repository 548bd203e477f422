#include "app/service.hpp"

#include "actors/archive/archive.hpp"
#include "actors/archive/archive_reader.hpp"
#include "messages/clock.hpp"
#include "net/loop/scheduler.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace klatch::app {

namespace {

caf::actor_system_config& prepared(caf::actor_system_config& config, std::size_t threads) {
  net::scheduler::configure(config, threads);
  return config;
}

} // namespace

service::service(const service_options& options, std::unique_ptr<store::message_store> store,
                 const net::asset_source& assets, std::vector<net::bound_socket> sockets,
                 std::function<void()> on_failure)
    : store_(std::move(store)), system_(prepared(config_, options.threads)),
      chat_(start_actors(options)), server_(system_, options.network, assets, chat_) {
  const auto report = [on_failure = std::move(on_failure)](const caf::error& reason) {
    if (reason != caf::exit_reason::user_shutdown)
      on_failure();
  };
  chat_.supervisor->attach_functor(report);
  if (chat_.archive) {
    chat_.archive->writer->attach_functor(report);
    chat_.archive->reader->attach_functor(report);
    chat_.archive->queries->attach_functor(report);
  }
  for (auto& socket : sockets)
    server_.accept_on(std::move(socket));
}

service::~service() {
  server_.stop();
  anon_send_exit(chat_.supervisor, caf::exit_reason::user_shutdown);
  if (chat_.archive) {
    anon_send_exit(chat_.archive->writer, caf::exit_reason::user_shutdown);
    anon_send_exit(chat_.archive->reader, caf::exit_reason::user_shutdown);
    anon_send_exit(chat_.archive->queries, caf::exit_reason::user_shutdown);
  }
  chat_ = {};
}

net::chat_actors service::start_actors(const service_options& options) {
  net::chat_actors chat;
  chat.archive = start_archive(options);
  chat.supervisor = start_supervisor(options, chat.archive);
  chat.directory =
      static_cast<actors::supervisor*>(caf::actor_cast<caf::abstract_actor*>(chat.supervisor))
          ->first_table();
  return chat;
}

std::optional<actors::archive_access> service::start_archive(const service_options& options) {
  if (store_ == nullptr)
    return std::nullopt;
  auto limit = std::make_shared<actors::pending_limit>(options.may_wait);
  const auto& log = spdlog::default_logger();
  // They block, and so have threads of their own: who signs in does not wait for who looks back.
  auto writer = system_.spawn<actors::archive, caf::detached>(
      *store_, limit, actors::archive_options{options.retain, machine_clock(), log});
  const auto start_reader = [&] {
    return archive_reader_actor{
        system_.spawn<actors::archive_reader, caf::detached>(store_->make_reader(), limit, log)};
  };
  return actors::archive_access{std::move(writer), start_reader(), start_reader(), limit,
                                store_->epoch()};
}

supervisor_actor service::start_supervisor(const service_options& options,
                                           const std::optional<actors::archive_access>& archive) {
  std::vector<archive_reader_actor> readers;
  if (archive)
    readers = {archive->reader, archive->queries};
  const actors::directory_options shards{.announces = options.announce,
                                         .max_devices = options.max_per_user,
                                         .log = spdlog::default_logger()};
  auto& pool = net::scheduler::of(system_);
  std::vector<caf::execution_unit*> homes;
  for (std::size_t index = 0; index < pool.size(); ++index)
    homes.push_back(&pool.at(index));
  return system_.spawn<actors::supervisor>(std::move(homes), shards,
                                           archive ? archive->writer : archive_actor{}, readers);
}

std::size_t service::drain(std::chrono::milliseconds grace) {
  server_.stop_accepting();
  const caf::scoped_actor self{system_};
  std::size_t left = 0;
  self->request(chat_.supervisor, caf::infinite,
                klatch::drain{static_cast<std::uint64_t>(grace.count())})
      .receive([&](std::size_t cut_off) { left = cut_off; }, [](const caf::error&) {});
  return left;
}

} // namespace klatch::app
