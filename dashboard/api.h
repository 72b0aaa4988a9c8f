// The REST API: its routes, each with what the OpenAPI document says of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/operations.h"
#include "dashboard/http.h"
#include "dashboard/live_store.h"
#include "telemetry/reports.h"

namespace hintd::dashboard {

// What the handlers work with; all must outlive them.
struct ApiParts {
  LiveStore& store;
  EventHub& hub;
  Operations* operations;  // null: looked at only
  telemetry::Reports& reports;
  bool show_literals = false;
};

struct ApiParameter {
  const char* name;  // of the query; those of the path are known by it
  const char* about;
};

struct ApiRoute {
  const char* method;
  const char* path;  // {name} stands for one part
  const char* about;
  std::vector<ApiParameter> parameters;
  const char* body;     // name of the schema of what is sent; empty: nothing
  const char* answers;  // name of the schema of what is answered; empty: not JSON
  std::function<HttpResponse(const ApiParts&, const HttpRequest&)> handle;
};

// In the order of the document.
const std::vector<ApiRoute>& api_routes();

// Answers from the route that fits: 404 and 405 where none does.
HttpResponse handle_api(const ApiParts& parts, const HttpRequest& request);

// OpenAPI 3.0, JSON.
std::string openapi_json();

// A failure as the API answers it.
HttpResponse problem_of(const Error& error);

}  // namespace hintd::dashboard
