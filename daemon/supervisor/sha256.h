// SHA-256 (FIPS 180-4), by libcrypto.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace pdf2md::supervisor {

class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  ~Sha256();
  void add(std::string_view bytes);
  // In lower-case hex. Nothing can be added any more.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);

}  // namespace pdf2md::supervisor
