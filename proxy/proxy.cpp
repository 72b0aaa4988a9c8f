#include "proxy/proxy.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "core/log.h"
#include "proxy/status_console.h"

namespace hintd::proxy {
namespace {

constexpr std::size_t kScratchBytes = 64 << 10;
// For clients to be told that they are sent away.
constexpr std::chrono::seconds kLastWords{1};
static_assert(Conversation::kMaxWhole < kScratchBytes, "a whole message must fit");

}  // namespace

// One I/O thread and its sessions.
class Proxy::Thread {
 public:
  Thread(Proxy& proxy, WorkerParts parts) : proxy_(proxy), worker_(std::move(parts)) {}

  ~Thread() { stop(); }

  void stop() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

  void run() {
    thread_ = std::thread([this] {
      while (!worker_.failsafe().run([this] { loop_.run(); })) outbox_.clear();
    });
  }

  EventLoop& loop() { return loop_; }
  Worker& worker() { return worker_; }

  // From any thread.
  void take(int descriptor) {
    loop_.post([this, descriptor] { begin(descriptor); });
  }
  void each(void (Session::*call)()) {
    loop_.post([this, call] {
      std::vector<Session*> all;
      for (const auto& entry : sessions_) all.push_back(entry.first);
      for (auto* session : all) (session->*call)();
    });
  }

 private:
  void begin(int descriptor) {
    SessionParts parts{loop_,
                       worker_,
                       *proxy_.console_,
                       proxy_.server_,
                       proxy_.client_tls_.get(),
                       worker_.parts().password_required,
                       proxy_.config_.login_timeout,
                       std::chrono::seconds(proxy_.config_.keepalive_s),
                       scratch_,
                       outbox_,
                       [this] { return proxy_.admit(); },
                       [this] { proxy_.admitted_.fetch_sub(1); }};
    auto session = std::make_unique<Session>(std::move(parts), descriptor, [this](Session* closed) {
      loop_.post([this, closed] { sessions_.erase(closed); });
    });
    auto* started = session.get();
    sessions_.emplace(started, std::move(session));
    started->start();
    if (proxy_.switches_.draining) started->drain();
  }

  Proxy& proxy_;
  EventLoop loop_;
  Worker worker_;
  std::vector<char> scratch_ = std::vector<char>(kScratchBytes);
  Outbox outbox_;
  std::unordered_map<Session*, std::unique_ptr<Session>> sessions_;
  std::thread thread_;
};

Proxy::Proxy(const ProxyConfig& config, ProxyParts parts)
    : config_(config), parts_(std::move(parts)), injections_(parts_.catalogue) {}

Proxy::~Proxy() {
  switches_.draining = true;
  // Sessions, and the listener, go when no thread runs any more.
  for (auto& thread : threads_) thread->stop();
  listener_.reset();
  threads_.clear();
}

Result<std::unique_ptr<Proxy>> Proxy::start(const ProxyConfig& config, const ServerAddress& server,
                                            ProxyParts parts) {
  std::unique_ptr<Proxy> proxy(new Proxy(config, std::move(parts)));
  HINTD_TRY_STATUS(proxy->open(server));
  return proxy;
}

Status Proxy::open(const ServerAddress& server) {
  HINTD_TRY(const auto address, parse_listen_address(config_.listen));
  const bool has_tls = config_.tls_certificate != "none";
  if (!is_loopback(address) && !has_tls)
    return fail(ErrorKind::kInvalidInput,
                "proxy.listen " + config_.listen + " is beyond this machine, without TLS",
                "set proxy.tls_certificate and proxy.tls_key, or listen on 127.0.0.1");
  if (has_tls) {
    HINTD_TRY(client_tls_, TlsContext::for_clients(config_.tls_certificate, config_.tls_key));
  }
  if (server.tls != ServerTls::kOff) {
    HINTD_TRY(server_tls_, TlsContext::for_server(server.tls, server.root_certificate));
  }
  server_ = {server.address, server.tls, server_tls_.get()};
  console_ = std::make_unique<StatusConsole>(*this);
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  const auto count = config_.io_threads > 0 ? static_cast<unsigned>(config_.io_threads) : cores;
  for (unsigned i = 0; i < count; ++i)
    threads_.push_back(std::make_unique<Thread>(
        *this,
        WorkerParts{injections_, parts_.governance, parts_.optimizer, parts_.events, parts_.clock,
                    switches_, parts_.tap, parts_.tap_database, parts_.safety, parts_.supervisor,
                    parts_.trials, parts_.forced, NameFilter(config_.applications),
                    NameFilter(config_.roles), !is_loopback(address)}));
  HINTD_TRY(listener_, Listener::open(threads_.front()->loop(), address,
                                      [this](int descriptor) { hand_out(descriptor); }));
  listening_ = listener_->address();
  for (auto& thread : threads_) thread->run();
  return {};
}

void Proxy::hand_out(int descriptor) {
  threads_[next_++ % threads_.size()]->take(descriptor);
}

bool Proxy::admit() {
  if (admitted_.fetch_add(1) < config_.max_connections) return true;
  admitted_.fetch_sub(1);
  return false;
}

Address Proxy::listening() const {
  return listening_;
}

void Proxy::switch_hints(bool on) {
  switches_.off = !on;
  log_info("hints_switched", {{"on", on ? "yes" : "no"}});
}

bool Proxy::hints_switched_on() const {
  return !switches_.off;
}

bool Proxy::drain() {
  switches_.draining = true;
  threads_.front()->loop().post([this] { listener_->close(); });
  for (auto& thread : threads_) thread->each(&Session::drain);
  if (wait_until_none(config_.drain)) return true;
  for (auto& thread : threads_) thread->each(&Session::end);
  wait_until_none(kLastWords);
  return false;
}

bool Proxy::wait_until_none(std::chrono::milliseconds most) const {
  constexpr auto kStep = std::chrono::milliseconds(10);
  const Stopwatch watch;
  while (counts().open > 0 && watch.elapsed() < most) std::this_thread::sleep_for(kStep);
  return counts().open == 0;
}

std::unordered_map<std::uint64_t, TemplateTotal> Proxy::template_totals() const {
  std::unordered_map<std::uint64_t, TemplateTotal> sum;
  for (const auto& thread : threads_) thread->worker().totals.add_to(sum);
  return sum;
}

ProxyCounts Proxy::counts() const {
  ProxyCounts sum;
  for (const auto& thread : threads_) {
    const auto& counters = thread->worker().counters;
    sum.connections += counters.connections.get();
    sum.open += counters.open.get();
    sum.refused += counters.refused.get();
    sum.cancels += counters.cancels.get();
    sum.statements += counters.statements.get();
    sum.errors += counters.errors.get();
    sum.rows += counters.rows.get();
    sum.bytes += counters.bytes.get();
    sum.injection_failures += counters.injection_failures.get();
    sum.telemetry_dropped += counters.telemetry_dropped.get();
    sum.internal_errors += thread->worker().failsafe().failures();
    for (std::size_t i = 0; i < kPassReasonCount; ++i) sum.passed[i] += counters.passed[i].get();
  }
  return sum;
}

}  // namespace hintd::proxy
