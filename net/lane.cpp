#include "net/lane.hpp"

#include <utility>

namespace klatch::net {

lane::lane(worker& home, const options& chosen, const origin_policy& origins, refusal_log& refusals,
           const asset_source& assets, const chat_actors& chat, lane_shared& shared)
    : home_(home), chosen_(chosen), origins_(origins), refusals_(refusals), assets_(assets),
      frames_(chosen.allowed), scope_{chosen.allowed,
                                      frames_,
                                      chat.supervisor,
                                      chat.archive,
                                      std::chrono::duration_cast<std::chrono::seconds>(
                                          chosen.times.ping),
                                      shared.users.is_limit() ? &shared.users : nullptr},
      directory_(chat.directory), wheel_(chosen.times.tick), timer_(home.io().get_executor()) {}

void lane::enter(session& arrived) { sessions_.push_back(arrived); }

void lane::schedule(timed& target, std::chrono::milliseconds delay) {
  wheel_.schedule(target, delay);
  arm();
}

void lane::arm() {
  if (armed_ || closed_)
    return;
  armed_ = true;
  timer_->expires_after(wheel_.tick());
  timer_->async_wait([this](boost::system::error_code error) {
    armed_ = false;
    if (error)
      return;
    wheel_.advance();
    if (!wheel_.empty())
      arm();
  });
}

connection_actor lane::start_connection(std::shared_ptr<actors::transport> client) {
  auto& as_unit = static_cast<caf::execution_unit&>(home_);
  return home_.system().spawn<actors::connection>(as_unit, scope_, std::move(client), directory_);
}

void lane::close_all() {
  closed_ = true;
  timer_.reset();
  while (!sessions_.empty())
    sessions_.front().abort();
  directory_.reset();
  scope_.supervisor = nullptr;
  scope_.archive.reset();
}

} // namespace klatch::net
