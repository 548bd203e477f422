#include "store/sqlite/background.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace klatch::store {

namespace {

class background_thread final : public background_job {
public:
  explicit background_thread(std::function<void()> job)
      : job_(std::move(job)), thread_([this] { work(); }) {}

  ~background_thread() override {
    {
      const std::lock_guard guard{mutex_};
      over_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  background_thread(background_thread&&) = delete;
  background_thread& operator=(background_thread&&) = delete;

  void wake() override {
    {
      const std::lock_guard guard{mutex_};
      wanted_ = true;
    }
    changed_.notify_one();
  }

private:
  void work() {
    std::unique_lock lock{mutex_};
    for (;;) {
      changed_.wait(lock, [this] { return wanted_ || over_; });
      if (over_)
        return;
      wanted_ = false;
      lock.unlock();
      job_();
      lock.lock();
    }
  }

  std::function<void()> job_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;
  bool over_ = false;
  std::thread thread_; ///< the last one: it uses the others
};

} // namespace

std::unique_ptr<background_job> start_thread(std::function<void()> job) {
  return std::make_unique<background_thread>(std::move(job));
}

} // namespace klatch::store
