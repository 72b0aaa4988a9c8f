#include "dashboard/http_server.h"

#include <httplib.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "dashboard/connection.h"

namespace hintd::dashboard {
namespace {

constexpr int kNice = 10;

// Threads as they are needed, and kept for the next connection. All open pages are written to at
// the same moment, so the threads give way to those that serve statements.
class GrowingPool final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    if (idle_ >= tasks_.size())
      wake_.notify_one();
    else
      threads_.emplace_back([this] { work(); });
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

 private:
  void work() {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);  // of this thread alone
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      wake_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
      --idle_;
      if (tasks_.empty()) return;
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

class HttplibStream final : public httplib::Stream {
 public:
  explicit HttplibStream(Connection& connection) : connection_(connection) {}
  bool is_readable() const override { return true; }
  bool is_writable() const override { return !connection_.gone(); }
  ssize_t read(char* to, size_t size) override { return connection_.read(to, size); }
  ssize_t write(const char* from, size_t size) override { return connection_.write(from, size); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    address_of(&getpeername, ip, port);
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    address_of(&getsockname, ip, port);
  }
  socket_t socket() const override { return connection_.descriptor(); }

 private:
  void address_of(decltype(&getpeername) ask, std::string& ip, int& port) const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (ask(connection_.descriptor(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return;
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> service{};
    if (getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host.data(), host.size(),
                    service.data(), service.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
      return;
    ip = host.data();
    port = std::atoi(service.data());
  }

  Connection& connection_;
};

HttpRequest request_of(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method == "HEAD" ? "GET" : from.method;
  request.path = from.path;
  for (const auto& [name, value] : from.params) request.query.emplace(name, value);
  for (const auto& [name, value] : from.headers) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    request.headers.emplace(std::move(lower), value);
  }
  request.body = from.body;
  request.peer = from.remote_addr;
  return request;
}

void stream_into(httplib::Response& to, const HttpResponse& response) {
  to.set_chunked_content_provider(response.type,
                                  [stream = response.stream](std::size_t, httplib::DataSink& sink) {
                                    const auto bytes = stream();
                                    if (!bytes) return false;
                                    if (*bytes)
                                      return sink.write((*bytes)->data(), (*bytes)->size());
                                    sink.done();
                                    return true;
                                  });
}

void fill(httplib::Response& to, const httplib::Request& request, const HttpResponse& response) {
  to.status = response.status;
  for (const auto& [name, value] : response.headers) to.set_header(name, value);
  if (response.stream) return stream_into(to, response);
  if (!response.body && !response.gzip) return;
  const bool takes_gzip = request.get_header_value("X-Takes-Gzip") == "yes";
  const bool zipped = response.gzip && (takes_gzip || !response.body);
  if (response.gzip) to.set_header("Vary", "Accept-Encoding");
  if (zipped) to.set_header("Content-Encoding", "gzip");
  const auto& body = zipped ? response.gzip : response.body;
  if (body->empty()) return to.set_content("", response.type);
  to.set_content_provider(body->size(), response.type,
                          [body](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
                            return sink.write(body->data() + offset, length);
                          });
}

Status check_host(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0)
    return fail(ErrorKind::kInvalidInput, "dashboard.http: '" + host + "' is no address",
                "give an IP address and a port, e.g. 127.0.0.1:8080");
  freeaddrinfo(found);
  return {};
}

}  // namespace

class HttpServer::Impl final : public httplib::Server {
 public:
  Impl(const HttpServerConfig& config, HttpHandlers handlers, std::unique_ptr<TlsIdentity> tls)
      : config_(config), handlers_(std::move(handlers)), tls_(std::move(tls)) {
    limits_.request = config.request_timeout;
    limits_.idle = config.idle_timeout;
    limits_.write = config.write_timeout;
    limits_.request_bytes = config.max_body + (1 << 16);
    new_task_queue = [] { return new GrowingPool; };
    set_payload_max_length(config.max_body);
    set_tcp_nodelay(true);
    // cpp-httplib's own choice, SO_REUSEPORT, would let two servers share a port in silence.
    set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      return before_body(request, response);
    });
    const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
      fill(response, request, handlers_.handle(request_of(request)));
    };
    for (const auto add : {&Impl::add_post, &Impl::add_put, &Impl::add_patch, &Impl::add_delete})
      (this->*add)(handle);
    set_error_handler(
        [](const httplib::Request&, httplib::Response& response) { say_problem(response); });
  }

  ~Impl() override {
    stop();
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      for (const int descriptor : open_) ::shutdown(descriptor, SHUT_RDWR);
    }
    if (thread_.joinable()) thread_.join();
  }

  Status open() {
    HINTD_TRY_STATUS(check_host(config_.host));
    if (config_.port == 0) {
      port_ = bind_to_any_port(config_.host);
    } else {
      for (int port = config_.port; port <= std::max(config_.port, config_.last_port); ++port) {
        if (!bind_to_port(config_.host, port)) continue;
        port_ = port;
        break;
      }
    }
    if (port_ <= 0)
      return fail(ErrorKind::kConflict,
                  "cannot listen on " + config_.host + ":" + std::to_string(config_.port) +
                      ", the port is in use or not allowed",
                  "choose another one with --http HOST:PORT, or --http off");
    thread_ = std::thread([this] { listen_after_bind(); });
    while (!is_running()) std::this_thread::yield();
    return {};
  }

  int port() const { return port_; }

 private:
  using Handle = httplib::Server::Handler;
  void add_post(const Handle& handle) { Post(".*", handle); }
  void add_put(const Handle& handle) { Put(".*", handle); }
  void add_patch(const Handle& handle) { Patch(".*", handle); }
  void add_delete(const Handle& handle) { Delete(".*", handle); }

  HandlerResponse before_body(const httplib::Request& request, httplib::Response& response) {
    const auto seen = request_of(request);
    auto answered = handlers_.admit(seen);
    if (!answered && is_too_long(seen)) answered = problem(413, "Payload Too Large", "send less");
    const bool refused = answered.has_value();
    if (!refused && (request.method == "GET" || request.method == "HEAD"))
      answered = handlers_.handle(seen);
    if (!answered) return HandlerResponse::Unhandled;
    fill(response, request, *answered);
    // A body that nobody read stands before the next request.
    if (refused) response.set_header("Connection", "close");
    hang_up() = refused;
    return HandlerResponse::Handled;
  }

  // cpp-httplib would read it all first.
  bool is_too_long(const HttpRequest& request) const {
    const auto& length = request.header("content-length");
    return length.size() > 18 || std::strtoull(length.c_str(), nullptr, 10) > config_.max_body;
  }

  // What cpp-httplib refuses by itself.
  static void say_problem(httplib::Response& response) {
    if (!response.body.empty() || response.content_length_ > 0) return;
    const auto said = response.status == 413 ? problem(413, "Payload Too Large", "send less")
                      : response.status == 404
                          ? problem(405, "Method Not Allowed", "use a method that the path knows")
                          : problem(response.status, "Bad Request", "this is no request");
    response.status = said.status;
    response.set_content(*said.body, said.type);
    hang_up() = true;
  }

  static bool& hang_up() {
    thread_local bool flag = false;
    return flag;
  }

  bool process_and_close_socket(socket_t descriptor) override {
    const bool room = enter(descriptor);
    const bool fine = serve(descriptor, room);
    leave(descriptor);
    return fine;
  }

  bool serve(int descriptor, bool room) {
    Connection connection(descriptor, limits_, tls_.get());
    if (!connection.greet()) return false;
    HttplibStream stream(connection);
    if (!room) {
      constexpr std::string_view kFull =
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
          "Content-Length: 0\r\n\r\n";
      connection.write(kFull.data(), kFull.size());
      return false;
    }
    while (connection.await_request()) {
      bool closed = false;
      hang_up() = false;
      const auto prepare = [](httplib::Request& request) {
        // cpp-httplib would compress every answer anew; ours are compressed once.
        const bool gzip =
            request.get_header_value("Accept-Encoding").find("gzip") != std::string::npos;
        request.headers.erase("Accept-Encoding");
        request.headers.erase("X-Takes-Gzip");
        if (gzip) request.set_header("X-Takes-Gzip", "yes");
      };
      if (!process_request(stream, false, closed, prepare) || closed || hang_up()) return true;
    }
    return true;
  }

  bool enter(int descriptor) {
    const std::lock_guard lock(mutex_);
    open_.insert(descriptor);
    return !ending_ && open_.size() <= static_cast<std::size_t>(config_.max_connections);
  }

  void leave(int descriptor) {
    {
      const std::lock_guard lock(mutex_);
      open_.erase(descriptor);
    }
    ::shutdown(descriptor, SHUT_RDWR);
    ::close(descriptor);
  }

  const HttpServerConfig config_;
  const HttpHandlers handlers_;
  const std::unique_ptr<TlsIdentity> tls_;
  ConnectionLimits limits_;
  int port_ = 0;
  std::mutex mutex_;
  std::set<int> open_;
  bool ending_ = false;
  std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const {
  return impl_->port();
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerConfig& config,
                                                      HttpHandlers handlers) {
  std::unique_ptr<TlsIdentity> tls;
  if (!config.tls_certificate.empty()) {
    HINTD_TRY(tls, TlsIdentity::load(config.tls_certificate, config.tls_key));
  }
  auto impl = std::make_unique<Impl>(config, std::move(handlers), std::move(tls));
  HINTD_TRY_STATUS(impl->open());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

}  // namespace hintd::dashboard
