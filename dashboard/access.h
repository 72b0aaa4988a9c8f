// Who may ask what: the token, the hosts under which we are reached, and the origins of scripts.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dashboard/http.h"

namespace hintd::dashboard {

// The token in the file; where there is none it is made: 32 random bytes as hexadecimal digits,
// readable by the owner alone. kInvalidInput for a file that others may read or that holds no
// token.
Result<std::string> token_in(const std::filesystem::path& file);

// HMAC-SHA256 of the text under the key, hexadecimal.
std::string signature(std::string_view key, std::string_view text);

struct AccessRules {
  std::string token;
  std::vector<std::string> hosts;  // names or addresses, without port
  bool reading_needs_token = false;
};

class Access {
 public:
  explicit Access(AccessRules rules) : rules_(std::move(rules)) {}

  // The refusal, or nothing. `data`: the path is one of the API's, not a part of the page.
  std::optional<HttpResponse> check(const HttpRequest& request, bool data) const;

 private:
  bool knows(std::string_view host_and_port) const;
  bool has_token(const HttpRequest& request) const;

  AccessRules rules_;
};

}  // namespace hintd::dashboard
