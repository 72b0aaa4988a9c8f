#include "serving_api.h"

#include <nlohmann/json.hpp>

#include "core/durable_file.h"

namespace hintd::test {

ServingApi::ServingApi(const std::filesystem::path& data_dir, const std::string& dsn,
                       const std::vector<std::string>& options,
                       const std::vector<std::string>& settings) {
  std::vector<std::string> arguments = {"serve",    "--dsn",       dsn,      "--data-dir", data_dir,
                                        "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  program_.emplace(arguments, settings);
  const std::string begin = "dashboard: http://127.0.0.1:";
  const auto line = program_->line_with(begin);
  if (line.empty()) throw std::runtime_error("hintd did not start");
  port_ = std::stoi(line.substr(begin.size()));
  token_ = *read_file(data_dir / "dashboard.token");
  token_.pop_back();
}

Answer ServingApi::ask(const std::string& method, const std::string& target,
                       const std::string& body) const {
  HttpClient client(port_);
  const auto sent = client.send(
      method + " /api/v1/" + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
      "\r\nAuthorization: Bearer " + token_ +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body);
  return sent ? client.answer() : Answer{};
}

nlohmann::json ServingApi::get(const std::string& target) const {
  const auto answer = ask("GET", target);
  EXPECT_EQ(answer.status, 200) << target << " " << answer.body;
  return nlohmann::json::parse(answer.body);
}

int ServingApi::change(const std::string& method, const std::string& target,
                       const nlohmann::json& body) const {
  auto with_reason = body;
  with_reason["why"] = "a test";
  return ask(method, target, with_reason.dump()).status;
}

}  // namespace hintd::test
