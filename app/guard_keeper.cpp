#include "app/guard_keeper.h"

#include <utility>

#include "app/wiring.h"
#include "core/durable_file.h"
#include "core/log.h"
#include "safety/guard_file.h"

namespace hintd::app {
namespace {

constexpr auto kSaveGuardsEvery = std::chrono::seconds(30);

}  // namespace

GuardKeeper::GuardKeeper(safety::Supervisor& supervisor, const HintCatalogue& catalogue,
                         std::filesystem::path file, const Result<safety::GuardState>& kept)
    : supervisor_(supervisor), arms_(names_of(catalogue)), file_(std::move(file)) {
  restore(kept);
  supervisor_.on_verdict([this] {
    const std::lock_guard lock(mutex_);
    verdict_ = true;
    wake_.notify_one();
  });
  thread_ = std::thread([this] { run(); });
}

GuardKeeper::~GuardKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  supervisor_.on_verdict({});
  save();
}

void GuardKeeper::restore(const Result<safety::GuardState>& kept) {
  if (kept) {
    supervisor_.restore(*kept);
    return;
  }
  if (kept.error().kind != ErrorKind::kCorrupt) return;
  log_error("guards_unreadable", {{"error", kept.error().text()}});
  if (const auto aside = set_aside(file_, kUnreadable); !aside)
    log_error("guards_not_set_aside", {{"error", aside.error().text()}});
}

void GuardKeeper::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, kSaveGuardsEvery, [this] { return stopping_ || verdict_; });
    if (stopping_) return;
    verdict_ = false;
    lock.unlock();
    save();
    lock.lock();
  }
}

void GuardKeeper::save() {
  failsafe_.run([this] {
    const auto saved = safety::save_guards(file_, supervisor_.state(), arms_);
    if (!saved) log_error("guards_not_saved", {{"error", saved.error().text()}});
  });
}

}  // namespace hintd::app
