// `hintd serve` before the test cluster, as a user runs it.
#pragma once

#include <algorithm>

#include "database/postgres/server_address.h"
#include "program.h"
#include "wire_client.h"

namespace hintd::test {

class Serving {
 public:
  explicit Serving(std::vector<std::string> options = {},
                   const std::vector<std::string>& settings = {},
                   const std::string& dsn = cluster_dsn())
      : server_(*database::find_server(dsn)) {
    std::vector<std::string> arguments = {"serve", "--dsn", dsn};
    const auto unless_given = [&](const std::string& option, const std::string& value) {
      if (std::find(options.begin(), options.end(), option) == options.end())
        arguments.insert(arguments.end(), {option, value});
    };
    unless_given("--data-dir", data_dir());
    unless_given("--listen", "127.0.0.1:0");
    arguments.insert(arguments.end(), options.begin(), options.end());
    program_.emplace(arguments, settings);
    const auto line = program_->line_with("listening on ");
    constexpr std::string_view kBegin = "listening on 127.0.0.1:";
    if (line.starts_with(kBegin)) front_ = {"127.0.0.1", std::stoi(line.substr(kBegin.size()))};
  }

  // Unless another place to listen was asked for.
  const proxy::Address& front() const { return front_; }
  proxy::Address back() const { return {server_.host, server_.port}; }
  const std::string& user() const { return server_.user; }
  const std::string& database() const { return server_.database; }
  std::filesystem::path data_dir() const { return scratch_.path() / "data"; }
  std::string dsn(const std::string& more = "") const {
    return "host=127.0.0.1 port=" + std::to_string(front_.port) + " user=" + user() +
           " dbname=" + database() + " " + more;
  }
  Program& program() { return *program_; }

 private:
  ScratchFolder scratch_;
  database::ServerEndpoint server_;
  std::optional<Program> program_;
  proxy::Address front_;
};

}  // namespace hintd::test
