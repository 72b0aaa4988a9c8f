// Tells somebody else's server of safety events: one POST each, tried again with growing pauses,
// signed. What cannot be delivered is dropped and logged; nothing waits for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "core/result.h"

namespace hintd::dashboard {

// Thread-safe.
class Webhook {
 public:
  // Null for an empty URL. kInvalidInput for one that is neither http nor https, or a secret that
  // cannot be read.
  static Result<std::unique_ptr<Webhook>> start(const std::string& url,
                                                const std::filesystem::path& secret_file);
  // Drops what waits.
  ~Webhook();

  // `json` goes out as it is, with X-Hintd-Signature: sha256=<HMAC of it under the secret>.
  void send(std::string json);

 private:
  Webhook(std::string origin, std::string path, std::string secret);
  void run();
  bool deliver(const std::string& json) const;
  // False when it ends.
  bool rest(std::chrono::milliseconds pause);

  const std::string origin_;
  const std::string path_;
  const std::string secret_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::string> waiting_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace hintd::dashboard
