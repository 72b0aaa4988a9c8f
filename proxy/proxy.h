// The front door: listens, gives every client a session on one of its I/O threads, and ends them
// all in good order.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/hint_set.h"
#include "proxy/listener.h"
#include "proxy/proxy_config.h"
#include "proxy/session.h"

namespace hintd::proxy {

// Owned by the caller; all must outlive the proxy.
struct ProxyParts {
  const HintCatalogue& catalogue;
  const Governance& governance;
  const Optimizer& optimizer;
  EventSink& events;
  const Clock& clock;
  StatementTap* tap = nullptr;    // may be null
  std::string tap_database = {};  // whose statements it hears of
  safety::SafetyConfig safety = {};
  safety::Supervisor* supervisor = nullptr;  // may be null
  Trials* trials = nullptr;                  // may be null
  std::optional<ArmId> forced = {};          // put before every eligible statement
  // How learning fares, in a few words, for SHOW hintd.status. Thread-safe; may be empty.
  std::function<std::string()> learning = {};
};

// Where the server is, as a DSN says it.
struct ServerAddress {
  Address address;
  ServerTls tls = ServerTls::kOff;
  std::string root_certificate;
};

// A sum over the threads, as of now.
struct ProxyCounts {
  std::int64_t connections = 0;
  std::int64_t open = 0;
  std::int64_t refused = 0;
  std::int64_t cancels = 0;
  std::int64_t statements = 0;
  std::int64_t errors = 0;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::int64_t injection_failures = 0;
  std::int64_t telemetry_dropped = 0;
  std::int64_t internal_errors = 0;
  std::array<std::int64_t, kPassReasonCount> passed{};
};

// All but the destructor is thread-safe.
class Proxy {
 public:
  // Listens and takes connections from here on. kInvalidInput for what config and server cannot
  // be (an address, a certificate, listening beyond loopback without TLS), kConflict for a port in
  // use.
  static Result<std::unique_ptr<Proxy>> start(const ProxyConfig& config,
                                              const ServerAddress& server, ProxyParts parts);
  // Hangs up on whoever is left.
  ~Proxy();

  Address listening() const;
  ProxyCounts counts() const;
  std::unordered_map<std::uint64_t, TemplateTotal> template_totals() const;
  // The kill switch: off, no statement is hinted from the next one on.
  void switch_hints(bool on);
  bool hints_switched_on() const;
  // No new clients; idle ones are sent away, others may finish what they are at within
  // config.drain; whoever is left then is sent away too. True when nobody was.
  bool drain();

 private:
  class Thread;
  class StatusConsole;
  Proxy(const ProxyConfig& config, ProxyParts parts);
  Status open(const ServerAddress& server);
  void hand_out(int descriptor);
  bool admit();
  // Whether all sessions have ended; waits no longer than `most`.
  bool wait_until_none(std::chrono::milliseconds most) const;

  const ProxyConfig config_;
  const ProxyParts parts_;
  const Injections injections_;
  Switches switches_;
  ServerSide server_;
  std::unique_ptr<TlsContext> client_tls_;
  std::unique_ptr<TlsContext> server_tls_;
  std::unique_ptr<StatusConsole> console_;
  std::atomic<int> admitted_{0};
  std::vector<std::unique_ptr<Thread>> threads_;
  std::unique_ptr<Listener> listener_;  // on the first thread's loop
  Address listening_;
  std::size_t next_ = 0;
};

}  // namespace hintd::proxy
