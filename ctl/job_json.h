// The JSON forms that --json prints. Documented in pdf2mdctl(1): keys are added, never changed.
#pragma once

#include "ctl/json.h"
#include "proto/admin_messages.h"
#include "proto/service_messages.h"

namespace pdf2md::ctl {

void write_json(JsonWriter& json, const proto::JobInfo& job);
void write_json(JsonWriter& json, const proto::Event& event);
void write_json(JsonWriter& json, const proto::WorkerInfo& worker);
void write_json(JsonWriter& json, const proto::HealthReport& health);
void write_json(JsonWriter& json, const proto::Death& death);
void write_json(JsonWriter& json, const proto::Pool& pool);
void write_json(JsonWriter& json, const proto::Reloaded& reloaded);
void write_json(JsonWriter& json, const Error& error);

}  // namespace pdf2md::ctl
