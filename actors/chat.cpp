#include "actors/chat.hpp"

#include "actors/cluster/herald.hpp"
#include "actors/cluster/lease_keeper.hpp"
#include "actors/supervisor.hpp"

#include <caf/send.hpp>

#include <algorithm>
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

/// Most bytes of messages that are not stored, on their way to users of other nodes.
constexpr std::size_t max_delivery_bytes = 32UL * 1024 * 1024;

/// Who tells nodes that store nothing of each other's users.
herald_actor start_lone_herald(caf::actor_system& system, store_counters& counters,
                               const chat_options& options) {
  const auto& with = *options.cluster;
  return spawn<herald>(system, options.blocking, archive_reader_actor{}, counters.cluster,
                       herald_options{.link = with.link,
                                      .here = options.directory.here,
                                      .signs = with.signs,
                                      .log = options.directory.log,
                                      .incarnation = with.incarnation,
                                      .deliveries = options.directory.others.room});
}

/// The actors of a cluster's node, which are started before those who use them.
cluster_actors start_cluster(caf::actor_system& system, store::message_store& store,
                             const archive_access& access, store_counters& counters,
                             const chat_options& options) {
  const auto& with = *options.cluster;
  cluster_actors result;
  result.heads = spawn<archive_reader>(system, options.blocking, store.make_reader(), access.limit,
                                       counters.heads, options.reader);
  result.herald = spawn<herald>(system, options.blocking, result.heads, counters.cluster,
                                herald_options{.link = with.link,
                                               .here = options.directory.here,
                                               .signs = with.signs,
                                               .log = options.reader.log,
                                               .epoch = access.epoch->get()});
  result.keeper = spawn<lease_keeper>(
      system, options.blocking, with.lease, result.herald,
      lease_keeper_options{with.signs, access.epoch, options.archive.log, with.on_control});
  return result;
}

/// Who signs in does not wait for who looks back: so there is a reader for either.
archive_access start_archive(caf::actor_system& system,
                             const std::vector<store::message_store*>& lanes,
                             store_counters& counters, const chat_options& options) {
  archive_access result;
  auto& first = *lanes.front();
  result.limit = std::make_shared<pending_limit>(options.may_wait);
  result.epoch = std::make_shared<current_epoch>(first.epoch());
  result.several_writers = options.cluster || lanes.size() > 1;
  auto archive_settings = options.archive;
  if (options.cluster) {
    result.cluster = start_cluster(system, first, result, counters, options);
    archive_settings.others = result.cluster->herald;
  }
  const auto start_reader = [&](reader_counters& counted) {
    return archive_reader_actor{spawn<archive_reader>(system, options.blocking, first.make_reader(),
                                                      result.limit, counted, options.reader)};
  };
  for (std::size_t at = 0; at < std::min(lanes.size(), max_store_lanes); ++at) {
    result.writers.push_back(spawn<archive>(system, options.blocking, *lanes[at], result.limit,
                                            counters.archives.at(at), archive_settings));
    archive_settings.retain.reset(); // The first one forgets what has expired.
  }
  for (std::size_t at = 0; at < std::clamp<std::size_t>(options.readers, 1, max_store_lanes); ++at)
    result.readers.push_back(start_reader(counters.inboxes.at(at)));
  result.queries = start_reader(counters.queries);
  return result;
}

/// Calls `visit` with every actor that stores, reads or tells other nodes.
template<class Visitor>
void for_each_of(const archive_access& archive, Visitor visit) {
  for (const auto& writer : archive.writers)
    visit(writer);
  for (const auto& reader : archive.readers)
    visit(reader);
  visit(archive.queries);
  if (!archive.cluster)
    return;
  visit(archive.cluster->keeper);
  visit(archive.cluster->herald);
  visit(archive.cluster->heads);
}

} // namespace

chat_actors start_chat(caf::actor_system& system, std::vector<home_worker> homes,
                       const std::vector<store::message_store*>& lanes, store_counters& counters,
                       chat_options options) {
  chat_actors chat;
  std::vector<publisher_actor> publishers;
  std::vector<archive_reader_actor> readers;
  if (options.cluster) {
    options.directory.here = std::make_shared<roster>();
    options.directory.others.room = std::make_shared<byte_room>(max_delivery_bytes);
  }
  options.directory.stored = !lanes.empty();
  if (options.cluster && lanes.empty()) {
    chat.herald = start_lone_herald(system, counters, options);
    options.directory.others.herald = chat.herald;
    publishers.emplace_back(chat.herald);
  }
  if (!lanes.empty()) {
    chat.archive = start_archive(system, lanes, counters, options);
    publishers.assign(chat.archive->writers.begin(), chat.archive->writers.end());
    if (chat.archive->cluster) {
      options.directory.others.herald = chat.archive->cluster->herald;
      publishers.emplace_back(chat.archive->cluster->herald);
    }
    readers = chat.archive->readers;
    readers.push_back(chat.archive->queries);
  }
  chat.supervisor = system.spawn<supervisor>(std::move(homes), std::move(options.directory),
                                             std::move(publishers), readers, options.seed);
  chat.directory = static_cast<supervisor*>(caf::actor_cast<caf::abstract_actor*>(chat.supervisor))
                       ->first_table();
  return chat;
}

void watch_chat(const chat_actors& chat, const std::function<void(const caf::error&)>& on_end) {
  chat.supervisor->attach_functor(on_end);
  if (chat.herald)
    chat.herald->attach_functor(on_end);
  if (chat.archive)
    for_each_of(*chat.archive, [&](const auto& each) { each->attach_functor(on_end); });
}

void stop_chat(const chat_actors& chat) {
  anon_send_exit(chat.supervisor, caf::exit_reason::user_shutdown);
  if (chat.herald)
    anon_send_exit(chat.herald, caf::exit_reason::user_shutdown);
  if (chat.archive)
    for_each_of(*chat.archive,
                [](const auto& each) { anon_send_exit(each, caf::exit_reason::user_shutdown); });
}

} // namespace klatch::actors
