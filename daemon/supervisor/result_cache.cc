#include "daemon/supervisor/result_cache.h"

#include "daemon/supervisor/sha256.h"
#include "proto/fields.h"

namespace pdf2md::supervisor {

std::string ResultCache::key(const std::string& document_sha256, uint32_t uid,
                             const proto::JobOptions& options) const {
  if (world_.empty() || !options.passwords.empty()) return "";
  proto::JobOptions asked = options;
  asked.timeout_ms = 0;
  asked.strict = false;  // only a job without failed pages is remembered
  return sha256_hex(world_ + "\n" + document_sha256 + "\n" + std::to_string(uid) + "\n" +
                    proto::pack(asked));
}

void ResultCache::add(const std::string& key, uint64_t job) {
  if (key.empty()) return;
  jobs_[key] = job;
  keys_[job] = key;
}

void ResultCache::forget(uint64_t job) {
  auto at = keys_.find(job);
  if (at == keys_.end()) return;
  if (find(at->second) == job) jobs_.erase(at->second);
  keys_.erase(at);
}

uint64_t ResultCache::find(const std::string& key) const {
  auto at = jobs_.find(key);
  return at == jobs_.end() ? 0 : at->second;
}

}  // namespace pdf2md::supervisor
