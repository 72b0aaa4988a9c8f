// `hintd serve` with its API, as those who integrate it see it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "http_client.h"
#include "program.h"

namespace hintd::test {

class ServingApi {
 public:
  ServingApi(const std::filesystem::path& data_dir, const std::string& dsn,
             const std::vector<std::string>& options = {},
             const std::vector<std::string>& settings = {});

  // Of what follows /api/v1/. Status 0 where the program has gone.
  Answer ask(const std::string& method, const std::string& target,
             const std::string& body = {}) const;
  nlohmann::json get(const std::string& target) const;
  // `body` gets its reason here. The status.
  int change(const std::string& method, const std::string& target,
             const nlohmann::json& body) const;

  Program& program() { return *program_; }

 private:
  std::optional<Program> program_;
  int port_ = 0;
  std::string token_;
};

}  // namespace hintd::test
