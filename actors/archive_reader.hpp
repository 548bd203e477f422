/// The reading side of what is stored.
#pragma once

#include "messages/interfaces.hpp"
#include "store/message_store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace klatch::actors {

/// Answers with frames that are ready to go out. Blocks while it reads, and so has a thread of its
/// own. What cannot be read is answered with `not_read` and logged once.
class archive_reader final : public archive_reader_actor::base {
public:
  archive_reader(caf::actor_config& cfg, std::unique_ptr<store::message_reader> source);

  const char* name() const override { return "archive_reader"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override { source_.reset(); }

private:
  inbox_opened open(const open_inbox& asked);
  inbox_page page(const read_inbox& asked);
  answer history(const read_history& asked);
  answer conversations(const read_conversations& asked);
  ids_resolved resolve(const resolve_ids& asked);

  /// Sends what `read` returns, or that this part of the store cannot be read.
  template<class Read>
  void answer_to(const connection_actor& asker, not_read::part of, Read read);

  std::unique_ptr<store::message_reader> source_;
  bool failing_ = false;
};

} // namespace klatch::actors
