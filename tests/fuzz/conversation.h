// What clients may say to the daemon: valid conversations, and what mutation makes of them. All of
// it follows from the random source, so that a number names a conversation.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace pdf2md::fuzz {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  // 0 … count - 1
  uint64_t below(uint64_t count) { return engine_() % count; }
  bool one_in(uint64_t count) { return below(count) == 0; }
  uint64_t any() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

struct Conversation {
  std::vector<std::string> frames;  // as they go over the wire, with their lengths
  bool mutated = false;
};

// HELLO, then requests. `newest_job`: a job that exists, as far as is known; the requests are about
// that one and its like.
Conversation valid_conversation(Random& random, uint64_t newest_job);

// Changes it in one to four ways: frames are exchanged, repeated, left out, cut, or taken from
// another conversation; fields change type, size, value or name; bytes are overwritten.
void mutate(Conversation& conversation, Random& random, uint64_t newest_job);

}  // namespace pdf2md::fuzz
