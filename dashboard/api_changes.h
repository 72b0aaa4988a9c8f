// What the API changes. Each answers one route (api.cpp). Bodies are JSON objects; "why" says the
// reason for the audit log and must not be empty.
#pragma once

#include "dashboard/api.h"

namespace hintd::dashboard {

HttpResponse put_order(const ApiParts& parts, const HttpRequest& request);
HttpResponse post_policy_decision(const ApiParts& parts, const HttpRequest& request);
HttpResponse post_explain(const ApiParts& parts, const HttpRequest& request);
HttpResponse put_mode(const ApiParts& parts, const HttpRequest& request);
HttpResponse post_reload(const ApiParts& parts, const HttpRequest& request);
HttpResponse put_hints(const ApiParts& parts, const HttpRequest& request);

}  // namespace hintd::dashboard
