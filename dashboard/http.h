// Requests and answers as the room's handlers see them, whatever server carries them.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace hintd::dashboard {

struct HttpRequest {
  std::string method;  // HEAD is shown as GET
  std::string path;    // decoded, without the query
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers;  // names in lower case
  std::map<std::string, std::string> parts;    // {id} of the route
  std::string body;
  std::string peer;  // IP address

  // Empty where it is not there.
  const std::string& header(const std::string& name) const;
  const std::string& parameter(const std::string& name) const;
};

// Bytes that come one after the other. Called until it answers nothing or the client has gone. A
// failure breaks the connection off, so that nobody takes half a file for a whole one.
using HttpStream = std::function<Result<std::optional<std::string>>()>;

struct HttpResponse {
  int status = 200;
  std::string type = "application/json";
  // Shared: one answer may go to many at the same time.
  std::shared_ptr<const std::string> body = nullptr;
  std::shared_ptr<const std::string> gzip = nullptr;  // the same, compressed; null where not made
  std::vector<std::pair<std::string, std::string>> headers = {};
  HttpStream stream = nullptr;  // instead of a body
};

// 200 and what the text is of.
HttpResponse answer(std::string body, std::string type = "application/json");

// RFC 9457. `title` names the kind of problem, `detail` says what is wrong and what to do.
HttpResponse problem(int status, std::string_view title, std::string_view detail);

}  // namespace hintd::dashboard
