// What the gateway answers: an HTTP status and a JSON object.
#pragma once

#include <string>

#include "proto/service_messages.h"

namespace pdf2md::http {

struct Reply {
  int status = 200;
  std::string json;
  int retry_after_s = 0;  // 0: not said
};

// {"success": true, "markdown": ..., "pages_processed": 3, "error": null}; where pages failed, error
// says which, and the rest is there all the same.
Reply converted(const std::string& markdown, const proto::JobInfo& job);
// {"success": false, "markdown": "", "pages_processed": 0, "error": ...}. Faults of the document are
// 422, of the request 400, of its size 413; 503 is worth another try.
Reply failed(const Error& error);
// {"status", "model_loaded", "gpu_available", "pool_size"}, and with 503 where nothing can be
// converted now, "detail" says why.
Reply health(const proto::HealthReport& report);
Reply unhealthy(const Error& error);

}  // namespace pdf2md::http
