#include "dashboard/web_server.h"

#include <charconv>

#include "core/log.h"
#include "dashboard/access.h"
#include "dashboard/api.h"
#include "dashboard/assets.h"
#include "dashboard/event_hub.h"
#include "dashboard/gzip.h"
#include "dashboard/http_server.h"
#include "dashboard/live_store.h"
#include "dashboard/metrics.h"
#include "dashboard/summary_json.h"
#include "dashboard/webhook.h"

namespace hintd::dashboard {
struct ListenAddress {
  std::string host;
  int port = 0;
};

namespace {

constexpr int kPortsTried = 20;

constexpr const char* kPagePolicy =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";
// The report is one file with its style inside, and no script.
constexpr const char* kReportPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

Result<ListenAddress> address_from(const std::string& text) {
  const auto colon = text.rfind(':');
  ListenAddress address;
  const auto end = text.data() + text.size();
  const bool fine = colon != std::string::npos && colon > 0 &&
                    std::from_chars(text.data() + colon + 1, end, address.port).ptr == end &&
                    colon + 1 < text.size() && address.port >= 0 && address.port < 65536;
  if (!fine)
    return fail(ErrorKind::kInvalidInput, "dashboard.http: '" + text + "' is no address",
                "give an IP address and a port, e.g. 127.0.0.1:8080, or off");
  address.host = text.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']'))
    address.host = address.host.substr(1, address.host.size() - 2);
  return address;
}

bool is_loopback(const std::string& host) {
  return host.starts_with("127.") || host == "::1";
}

std::string in_url(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::vector<std::string> known_hosts(const ListenAddress& address, const std::string& more) {
  std::vector<std::string> hosts = {"localhost", "127.0.0.1", "[::1]", in_url(address.host)};
  std::string name;
  for (const char c : more + ",") {
    if (c == ',' && !name.empty()) hosts.push_back(std::exchange(name, {}));
    if (c != ',' && c != ' ') name += c;
  }
  return hosts;
}

Status check(const DashboardConfig& config, const ListenAddress& address) {
  const bool tls = !config.tls_certificate.empty();
  if (!is_loopback(address.host) && !tls)
    return fail(ErrorKind::kInvalidInput,
                "dashboard.http: " + address.host + " is reached from other machines",
                "set dashboard.tls_certificate and dashboard.tls_key, or use 127.0.0.1");
  if (tls == config.tls_key.empty())
    return fail(ErrorKind::kInvalidInput, "dashboard: a certificate and its key go together",
                "set both dashboard.tls_certificate and dashboard.tls_key");
  return {};
}

// Settings have no empty text: "none" stands for it.
DashboardConfig without_none(DashboardConfig config) {
  for (auto* text : {&config.token_file, &config.hosts, &config.tls_certificate, &config.tls_key,
                     &config.webhook_url, &config.webhook_secret_file})
    if (*text == "none") text->clear();
  return config;
}

bool is_data(const std::string& path) {
  return path.starts_with("/api/") || path == "/metrics";
}

HttpResponse asset_answer(const Asset& asset, const HttpRequest& request) {
  HttpResponse response;
  response.type = asset.type;
  response.gzip = std::make_shared<const std::string>(asset.gzip);
  const bool takes_gzip = request.header("x-takes-gzip") == "yes";
  if (!takes_gzip) response.body = std::make_shared<const std::string>(gunzip(asset.gzip));
  // Vite puts a hash of the content into the names under /assets/.
  const bool forever = asset.path.starts_with("/assets/");
  response.headers.emplace_back("Cache-Control",
                                forever ? "public, max-age=31536000, immutable" : "no-cache");
  return response;
}

}  // namespace

struct WebServer::Impl {
  Options options;
  ListenAddress address;
  std::filesystem::path token_file;
  EventHub hub;
  std::unique_ptr<Webhook> webhook;
  std::unique_ptr<LiveStore> store;
  SystemClock clock;
  std::unique_ptr<telemetry::Reports> reports;
  std::optional<Access> access;
  std::optional<ApiParts> parts;
  std::unique_ptr<HttpServer> server;

  ~Impl() {
    hub.close();
    server.reset();
    store.reset();
  }

  Status start(Operations* operations) {
    const auto& config = options.config;
    HINTD_TRY(address, address_from(config.http));
    HINTD_TRY_STATUS(check(config, address));
    HINTD_TRY(auto token, token_in(token_file));
    access.emplace(
        AccessRules{token, known_hosts(address, config.hosts), !is_loopback(address.host)});
    HINTD_TRY(webhook, Webhook::start(config.webhook_url, config.webhook_secret_file));
    HINTD_TRY(store, LiveStore::open(options.telemetry, operations, hub,
                                     [this](const telemetry::HistoryEvent& event) {
                                       if (webhook) webhook->send(event_json(event));
                                     }));
    HINTD_TRY(reports, telemetry::Reports::open(options.telemetry, options.report_cache, clock));
    parts.emplace(ApiParts{*store, hub, operations, *reports, config.show_literals});
    return listen();
  }

  Status listen() {
    HttpServerConfig config;
    config.host = address.host;
    config.port = address.port;
    if (options.config.http == DashboardConfig{}.http)
      config.last_port = address.port + kPortsTried;
    config.tls_certificate = options.config.tls_certificate;
    config.tls_key = options.config.tls_key;
    config.max_connections = options.config.max_connections;
    HttpHandlers handlers;
    handlers.admit = [this](const HttpRequest& request) {
      auto refusal = access->check(request, is_data(request.path));
      if (refusal) harden(*refusal);
      return refusal;
    };
    handlers.handle = [this](const HttpRequest& request) {
      auto response = respond(request);
      harden(response);
      return response;
    };
    HINTD_TRY(server, HttpServer::start(config, std::move(handlers)));
    return {};
  }

  static void harden(HttpResponse& response) {
    const bool report =
        response.type.starts_with("text/html") && response.body && response.gzip == nullptr;
    response.headers.emplace_back("Content-Security-Policy", report ? kReportPolicy : kPagePolicy);
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("X-Frame-Options", "DENY");
    response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  }

  HttpResponse respond(const HttpRequest& request) {
    if (request.path.starts_with("/api/")) return handle_api(*parts, request);
    if (request.method != "GET") return problem(405, "Method Not Allowed", "use GET");
    if (request.path == "/healthz") return answer("ok\n", "text/plain");
    if (request.path == "/readyz") return ready();
    if (request.path == "/metrics")
      return answer(store->look([](const LiveView& view) { return metrics_text(view); }),
                    "text/plain; version=0.0.4; charset=utf-8");
    return page(request);
  }

  // Ready once the figures hold what telemetry has.
  HttpResponse ready() {
    const double read = store->look([](const LiveView& view) { return view.feed.progress(); });
    if (read >= 1) return answer("ready\n", "text/plain");
    return problem(503, "Service Unavailable", "the telemetry is being read");
  }

  // Paths without a dot are the page's own: it shows the screen they name.
  static HttpResponse page(const HttpRequest& request) {
    const bool screen = request.path.find('.') == std::string::npos;
    const std::string path = screen ? "/index.html" : request.path;
    for (const auto& asset : assets())
      if (asset.path == path) return asset_answer(asset, request);
    if (screen && assets().empty())
      return answer(
          "This hintd was built without its page (HINTD_WEB=OFF). The API is at "
          "/api/v1/openapi.json, metrics are at /metrics.\n",
          "text/plain");
    return problem(404, "Not Found", "there is no " + request.path);
  }
};

WebServer::WebServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebServer::~WebServer() = default;

Result<std::unique_ptr<WebServer>> WebServer::start(const Options& options,
                                                    Operations* operations) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->options.config = without_none(options.config);
  const auto& token_file = impl->options.config.token_file;
  impl->token_file =
      token_file.empty() ? options.data_dir / "dashboard.token" : std::filesystem::path(token_file);
  HINTD_TRY_STATUS(impl->start(operations));
  std::unique_ptr<WebServer> server(new WebServer(std::move(impl)));
  log_info("dashboard_listens", {{"address", server->address()}});
  return server;
}

std::string WebServer::address() const {
  const bool tls = !impl_->options.config.tls_certificate.empty();
  return (tls ? "https://" : "http://") + in_url(impl_->address.host) + ":" +
         std::to_string(impl_->server->port());
}

std::filesystem::path WebServer::token_file() const {
  return impl_->token_file;
}

}  // namespace hintd::dashboard
