#include "dashboard/webhook.h"

#include <httplib.h>

#include "core/durable_file.h"
#include "core/log.h"
#include "dashboard/access.h"

namespace hintd::dashboard {
namespace {

constexpr std::size_t kMostWaiting = 1000;
constexpr int kTries = 5;
constexpr auto kFirstPause = std::chrono::milliseconds(500);
constexpr int kTimeoutSeconds = 5;

}  // namespace

Result<std::unique_ptr<Webhook>> Webhook::start(const std::string& url,
                                                const std::filesystem::path& secret_file) {
  if (url.empty()) return std::unique_ptr<Webhook>();
  const auto scheme = url.find("://");
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    return fail(ErrorKind::kInvalidInput, "dashboard.webhook_url: '" + url + "' is no address",
                "give http://host/path or https://host/path");
  const auto slash = std::min(url.find('/', scheme + 3), url.size());
  std::string secret;
  if (!secret_file.empty()) {
    HINTD_TRY(secret, read_file(secret_file));
    while (!secret.empty() && secret.back() <= ' ') secret.pop_back();
  }
  return std::unique_ptr<Webhook>(new Webhook(
      url.substr(0, slash), slash == url.size() ? "/" : url.substr(slash), std::move(secret)));
}

Webhook::Webhook(std::string origin, std::string path, std::string secret)
    : origin_(std::move(origin)), path_(std::move(path)), secret_(std::move(secret)) {
  thread_ = std::thread([this] { run(); });
}

Webhook::~Webhook() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Webhook::send(std::string json) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() == kMostWaiting) waiting_.pop_front();
    waiting_.push_back(std::move(json));
  }
  wake_.notify_one();
}

void Webhook::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    const auto json = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    auto pause = kFirstPause;
    bool delivered = deliver(json);
    for (int tries = 1; !delivered && tries < kTries && rest(pause); ++tries, pause *= 2)
      delivered = deliver(json);
    if (!delivered) log_warning("webhook_not_delivered", {{"to", origin_}});
    lock.lock();
  }
}

bool Webhook::rest(std::chrono::milliseconds pause) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, pause, [this] { return ending_; });
}

bool Webhook::deliver(const std::string& json) const {
  httplib::Client client(origin_);
  client.set_connection_timeout(kTimeoutSeconds);
  client.set_read_timeout(kTimeoutSeconds);
  client.set_write_timeout(kTimeoutSeconds);
  httplib::Headers headers;
  if (!secret_.empty()) headers.emplace("X-Hintd-Signature", "sha256=" + signature(secret_, json));
  const auto answered = client.Post(path_, headers, json, "application/json");
  return answered && answered->status / 100 == 2;
}

}  // namespace hintd::dashboard
