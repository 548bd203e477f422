#include "actors/chat.hpp"

#include "actors/supervisor.hpp"

#include <caf/send.hpp>

#include <memory>
#include <utility>

namespace klatch::actors {

namespace {

template<class Actor, class... Arguments>
auto spawn(caf::actor_system& system, blocking_actors where, Arguments&&... arguments) {
  return where == blocking_actors::in_own_threads
             ? system.spawn<Actor, caf::detached>(std::forward<Arguments>(arguments)...)
             : system.spawn<Actor>(std::forward<Arguments>(arguments)...);
}

/// Who signs in does not wait for who looks back: so there are two readers.
archive_access start_archive(caf::actor_system& system, store::message_store& store,
                             store_counters& counters, const chat_options& options) {
  const auto limit = std::make_shared<pending_limit>(options.may_wait);
  const auto start_reader = [&](reader_counters& counted) {
    return archive_reader_actor{spawn<archive_reader>(system, options.blocking, store.make_reader(),
                                                      limit, counted, options.reader)};
  };
  const archive_actor writer =
      spawn<archive>(system, options.blocking, store, limit, counters.archive, options.archive);
  return {writer, start_reader(counters.inboxes), start_reader(counters.queries), limit,
          store.epoch()};
}

} // namespace

chat_actors start_chat(caf::actor_system& system, std::vector<home_worker> homes,
                       store::message_store* store, store_counters& counters,
                       chat_options options) {
  chat_actors chat;
  std::vector<archive_reader_actor> readers;
  if (store != nullptr) {
    chat.archive = start_archive(system, *store, counters, options);
    readers = {chat.archive->reader, chat.archive->queries};
  }
  chat.supervisor = system.spawn<supervisor>(std::move(homes), std::move(options.directory),
                                             chat.archive ? chat.archive->writer : archive_actor{},
                                             readers, options.seed);
  chat.directory = static_cast<supervisor*>(caf::actor_cast<caf::abstract_actor*>(chat.supervisor))
                       ->first_table();
  return chat;
}

void watch_chat(const chat_actors& chat, const std::function<void(const caf::error&)>& on_end) {
  chat.supervisor->attach_functor(on_end);
  if (!chat.archive)
    return;
  chat.archive->writer->attach_functor(on_end);
  chat.archive->reader->attach_functor(on_end);
  chat.archive->queries->attach_functor(on_end);
}

void stop_chat(const chat_actors& chat) {
  anon_send_exit(chat.supervisor, caf::exit_reason::user_shutdown);
  if (!chat.archive)
    return;
  anon_send_exit(chat.archive->writer, caf::exit_reason::user_shutdown);
  anon_send_exit(chat.archive->reader, caf::exit_reason::user_shutdown);
  anon_send_exit(chat.archive->queries, caf::exit_reason::user_shutdown);
}

} // namespace klatch::actors
