#include "app/front_door.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/statistics.h"
#include "database/postgres/server_address.h"

namespace hintd::app {
namespace {

constexpr int kPort = 6543;

}  // namespace

Result<std::filesystem::path> FrontDoor::private_folder() {
  auto name = (std::filesystem::temp_directory_path() / "hintd-XXXXXX").string();
  if (mkdtemp(name.data()) != nullptr) return std::filesystem::path(name);
  return fail(ErrorKind::kUnavailable,
              "cannot make the folder " + name + ": " + std::strerror(errno),
              "set TMPDIR to a folder you may write to");
}

Result<std::unique_ptr<FrontDoor>> FrontDoor::open(House& house, const Governance& governance,
                                                   const std::string& dsn, const Clock& clock) {
  std::unique_ptr<FrontDoor> door(new FrontDoor);
  door->governance_ = governance;
  HINTD_TRY(const auto server, database::find_server(dsn));
  HINTD_TRY(door->folder_, private_folder());
  proxy::ProxyConfig config;
  config.listen = door->folder_.string() + ":" + std::to_string(kPort);
  config.io_threads = 1;
  HINTD_TRY(
      door->proxy_,
      proxy::Proxy::start(config, {{server.host, server.port}, proxy::ServerTls::kOff, ""},
                          {house.catalogue(), door->governance_, *house.optimizer, *house.events,
                           clock, nullptr, "", house.settings().safety, house.supervisor.get()}));
  HINTD_TRY(door->direct_, database::Connection::open({dsn}));
  HINTD_TRY(const auto front, database::dsn_at(dsn, door->folder_, kPort));
  HINTD_TRY(door->front_, database::Connection::open({front}));
  return door;
}

FrontDoor::~FrontDoor() {
  front_.reset();
  proxy_.reset();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Status FrontDoor::serve(const std::string& sql) {
  const bool front_first = so_far_.statements % 2 == 1;
  HINTD_TRY(const auto first, (front_first ? front_ : direct_)->fetch(sql));
  HINTD_TRY(const auto second, (front_first ? direct_ : front_)->fetch(sql));
  const auto& proxied = front_first ? first : second;
  const auto& direct = front_first ? second : first;
  ++so_far_.statements;
  so_far_.direct += direct.latency;
  so_far_.proxied += proxied.latency;
  so_far_.different += direct.rows != proxied.rows || direct.hash != proxied.hash;
  ratios_.push_back(proxied.latency / direct.latency);
  return {};
}

FrontDoor::Summary FrontDoor::summary() const {
  auto summary = so_far_;
  if (!ratios_.empty()) summary.median_ratio = median(ratios_);
  const auto counts = proxy_->counts();
  const auto passed = [&](proxy::PassReason reason) {
    return counts.passed[static_cast<std::size_t>(reason)];
  };
  summary.hinted = passed(proxy::PassReason::kHinted);
  summary.waited = passed(proxy::PassReason::kHedged);
  summary.stopped = passed(proxy::PassReason::kSentAgain);
  return summary;
}

}  // namespace hintd::app
