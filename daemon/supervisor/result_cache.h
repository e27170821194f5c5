// Finished jobs that can answer the same question again: same document, same options, same owner,
// same programs, models and settings. Pure.
#pragma once

#include <map>
#include <string>

#include "daemon/supervisor/job.h"

namespace pdf2md::supervisor {

class ResultCache {
 public:
  // `world`: everything besides document and options that the output depends on. Empty: off.
  explicit ResultCache(std::string world) : world_(std::move(world)) {}

  // Empty where nothing may be remembered: the cache is off, or a password is involved.
  std::string key(const std::string& document_sha256, uint32_t uid,
                  const proto::JobOptions& options) const;
  void add(const std::string& key, uint64_t job);
  // Its results are kept no longer.
  void forget(uint64_t job);
  // 0: none.
  uint64_t find(const std::string& key) const;

 private:
  std::string world_;
  std::map<std::string, uint64_t> jobs_;  // by key
  std::map<uint64_t, std::string> keys_;  // by job
};

}  // namespace pdf2md::supervisor
