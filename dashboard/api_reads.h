// What the API shows. Each answers one route (api.cpp).
#pragma once

#include "dashboard/api.h"

namespace hintd::dashboard {

HttpResponse get_summary(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_traffic(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_series(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_templates(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_template(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_template_plans(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_learning(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_policy(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_events(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_audit(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_safety_series(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_anchors(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_system(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_report(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_stream(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_openapi(const ApiParts& parts, const HttpRequest& request);

// The explanation as JSON; conditions of plans only where literals may be shown.
std::string explanation_json(const Explanation& explanation, bool show_literals);

}  // namespace hintd::dashboard
