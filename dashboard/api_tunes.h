// Workloads that are tuned while hintd runs. Each answers one route (api.cpp).
#pragma once

#include "dashboard/api.h"

namespace hintd::dashboard {

HttpResponse get_tunes(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_tune(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_tune_report(const ApiParts& parts, const HttpRequest& request);
HttpResponse get_tune_policy(const ApiParts& parts, const HttpRequest& request);
HttpResponse post_tune(const ApiParts& parts, const HttpRequest& request);
HttpResponse post_tune_stop(const ApiParts& parts, const HttpRequest& request);

}  // namespace hintd::dashboard
