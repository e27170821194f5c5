#include "tests/fuzz/conversation.h"

#include <algorithm>
#include <utility>

#include "proto/admin_messages.h"
#include "proto/frame.h"
#include "proto/service_messages.h"
#include "proto/spool_messages.h"

namespace pdf2md::fuzz {
namespace {

using proto::Array;
using proto::Bytes;
using proto::encode_frame;
using proto::Map;
using proto::Value;

// --- valid ---

uint64_t some_job(Random& random, uint64_t newest_job) {
  // The newest are under way, the older ones over.
  return newest_job - std::min(newest_job, random.below(random.one_in(2) ? 8 : 40));
}

const char* one_of(Random& random, std::initializer_list<const char*> words) {
  return words.begin()[random.below(words.size())];
}

void add_document(std::vector<std::string>& frames, Random& random) {
  uint64_t pages = 1 + random.below(random.one_in(10) ? 60 : 6);
  std::string document = random.one_in(8) ? "no document at all" : "pages=" + std::to_string(pages);
  if (random.one_in(16)) document.append(random.below(200'000), ' ');
  proto::Submit submit;
  submit.options.name = one_of(random, {"a.pdf", "slow=1", "fail-page=2", "output-kib=300", ""});
  submit.options.pages = one_of(random, {"", "", "1", "2-", "1-3,5"});
  submit.options.outputs = {one_of(random, {"md", "md", "json"})};
  submit.options.ocr = one_of(random, {"auto", "always", "never"});
  submit.options.strict = random.one_in(4);
  if (random.one_in(8)) submit.options.passwords = {"secret", ""};
  if (random.one_in(8)) submit.options.timeout_ms = 1 + static_cast<uint32_t>(random.below(500));
  submit.size = random.one_in(3) ? 0 : document.size();
  submit.attached = random.one_in(3);
  submit.priority = 1 + static_cast<uint32_t>(random.below(100));
  submit.max_workers = static_cast<uint32_t>(random.below(4));
  submit.hold = random.one_in(20);
  frames.push_back(encode_frame(submit));
  size_t piece = 1 + document.size() / (1 + random.below(3));
  for (size_t at = 0; at < document.size(); at += piece)
    frames.push_back(encode_frame(proto::Data{Bytes{document.substr(at, piece)}}));
  frames.push_back(encode_frame(proto::DataEnd{}));
}

std::string about_a_job(Random& random, uint64_t newest_job) {
  uint64_t job = some_job(random, newest_job);
  switch (random.below(10)) {
    case 0:
      return encode_frame(proto::Watch{job});
    case 1:
      return encode_frame(proto::Fetch{job, one_of(random, {"md", "json", "assets/p0001-1.png"})});
    case 2:
      return encode_frame(proto::StatusRequest{job});
    case 3:
      return encode_frame(proto::Cancel{job});
    case 4:
      return encode_frame(proto::Hold{job});
    case 5:
      return encode_frame(proto::Release{job});
    case 6:
      return encode_frame(proto::Retry{job, {}});
    case 7:
      return encode_frame(proto::Remove{job});
    case 8:
      return encode_frame(proto::Explain{job, static_cast<uint32_t>(random.below(4))});
    default:
      return encode_frame(proto::SetPriority{job, 1 + static_cast<uint32_t>(random.below(100))});
  }
}

std::string about_the_service(Random& random) {
  switch (random.below(7)) {
    case 0:
      return encode_frame(proto::StatusRequest{});
    case 1:
      return encode_frame(proto::WorkersRequest{});
    case 2:
      return encode_frame(proto::HealthRequest{});
    case 3:
      return encode_frame(proto::MetricsRequest{});
    case 4:
      return encode_frame(proto::SpoolRequest{});
    case 5:
      return encode_frame(proto::CapabilitiesRequest{});
    default:
      return encode_frame(proto::DeathsRequest{});
  }
}

// What starts processes, or stops all work, is asked for seldom: it costs much more time than the
// rest.
std::string administration(Random& random) {
  bool costly = random.one_in(40);
  uint32_t few = static_cast<uint32_t>(random.below(4));
  switch (random.below(5)) {
    case 0:
      return encode_frame(proto::Resize{costly ? few : random.one_in(2) ? 2u : 1000u});
    case 1:
      if (costly) return encode_frame(proto::DrainPool{});
      return encode_frame(proto::ResumePool{});
    case 2:
      if (costly && few == 3) return encode_frame(proto::RestartWorker{});
      return encode_frame(proto::RestartWorker{costly ? few : 1000});
    case 3:
      return encode_frame(proto::Reload{});
    default:
      return encode_frame(proto::ResumePool{});
  }
}

std::string some_request(Random& random, uint64_t newest_job) {
  switch (random.below(4)) {
    case 0:
      return about_the_service(random);
    case 1:
      return administration(random);
    default:
      return about_a_job(random, newest_job);
  }
}

// --- values ---

void pack(proto::Packer& out, const Value& value) {
  std::visit(
      [&](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          out.pack_nil();
        } else if constexpr (std::is_same_v<T, Bytes>) {
          out.pack_bin(static_cast<uint32_t>(held.data.size()));
          out.pack_bin_body(held.data.data(), static_cast<uint32_t>(held.data.size()));
        } else if constexpr (std::is_same_v<T, Array>) {
          out.pack_array(static_cast<uint32_t>(held.size()));
          for (const Value& element : held) pack(out, element);
        } else if constexpr (std::is_same_v<T, Map>) {
          out.pack_map(static_cast<uint32_t>(held.size()));
          for (const auto& [key, element] : held) {
            proto::pack_text(out, key);
            pack(out, element);
          }
        } else {
          T copy = held;
          proto::pack_value(out, copy);
        }
      },
      value.storage());
}

std::string framed(const std::string& payload) {
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8)
    frame.push_back(static_cast<char>(payload.size() >> shift));
  return frame + payload;
}

void collect(Value& value, std::vector<Value*>& all) {
  all.push_back(&value);
  if (Map* map = std::get_if<Map>(&value.storage())) {
    for (auto& [key, element] : *map) collect(element, all);
  } else if (Array* array = std::get_if<Array>(&value.storage())) {
    for (Value& element : *array) collect(element, all);
  }
}

Value some_value(Random& random) {
  switch (random.below(12)) {
    case 0:
      return Value();
    case 1:
      return Value(random.one_in(2));
    case 2:
      return Value(uint64_t{random.below(300)});
    case 3:
      return Value(~uint64_t{0} >> random.below(64));
    case 4:
      return Value(int64_t{-1} - static_cast<int64_t>(random.any() >> 1 >> random.below(63)));
    case 5:
      return Value(static_cast<double>(random.any()) / 3);
    case 6:
      return Value(std::string(random.below(300), 'x'));
    case 7:
      return Value(std::string(random.below(random.one_in(20) ? 200'000 : 5000), '\xff'));
    case 8:
      return Value(Bytes{std::string(random.below(300), '\0')});
    case 9:
      return Value(Array(random.below(random.one_in(20) ? 20'000 : 200), Value(uint64_t{7})));
    case 10:
      return Value(Map{{"job", Value(uint64_t{1})}});
    default: {
      Value nested;
      for (uint64_t depth = random.below(20); depth > 0; --depth)
        nested = random.one_in(2) ? Value(Array{nested}) : Value(Map{{"k", nested}});
      return nested;
    }
  }
}

void change_fields(std::string& frame, Random& random) {
  if (frame.size() < proto::kFrameHeaderBytes) return;
  Result<Value> decoded = proto::decode(std::string_view(frame).substr(proto::kFrameHeaderBytes));
  if (!decoded) return;
  std::vector<Value*> all;
  collect(*decoded, all);
  Value& chosen = *all[random.below(all.size())];
  Map* map = std::get_if<Map>(&chosen.storage());
  if (map == nullptr || map->empty() || random.one_in(4)) {
    chosen = some_value(random);
  } else {
    size_t at = random.below(map->size());
    switch (random.below(5)) {
      case 0:
        map->erase(map->begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        map->emplace_back("unknown", some_value(random));
        break;
      case 2:
        map->push_back((*map)[at]);  // a key twice
        break;
      case 3:
        (*map)[at].first += random.one_in(2) ? "x" : std::string(1, '\0');
        break;
      default:
        (*map)[at].second = some_value(random);
    }
  }
  msgpack::sbuffer buffer;
  proto::Packer out(buffer);
  pack(out, *decoded);
  frame = framed(std::string(buffer.data(), buffer.size()));
}

// --- bytes ---

// Headers of msgpack that announce much, are reserved, or belong to types that are not used.
const std::string kTokens[] = {
    std::string("\xc1"),
    std::string("\xdd\xff\xff\xff\xff"),
    std::string("\xdf\xff\xff\xff\xff"),
    std::string("\xdb\x7f\xff\xff\xff"),
    std::string("\xc6\xff\xff\xff\xff"),
    std::string("\xc9\xff\xff\xff\xff\x01"),
    std::string("\xd4\x01\x00", 3),
    std::string("\xca\x7f\xc0\x00\x00", 5),
    std::string("\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91"),
    std::string("\x82\xc0\xc0\xc0\xc0"),
};

void change_bytes(std::string& frame, Random& random) {
  if (frame.empty()) return;
  switch (random.below(4)) {
    case 0:
      for (uint64_t count = 1 + random.below(8); count > 0; --count)
        frame[random.below(frame.size())] = static_cast<char>(random.any());
      break;
    case 1: {
      static constexpr uint32_t kLengths[] = {0, 1, 0xfffff, 0x100000, 0x100001, 0xffffffff};
      uint32_t length = kLengths[random.below(std::size(kLengths))];
      for (size_t i = 0; i < std::min<size_t>(4, frame.size()); ++i)
        frame[i] = static_cast<char>(length >> (24 - 8 * i));
      break;
    }
    case 2: {
      std::string payload = frame.substr(std::min<size_t>(proto::kFrameHeaderBytes, frame.size()));
      const std::string& token = kTokens[random.below(std::size(kTokens))];
      size_t at = random.below(payload.size() + 1);
      payload.replace(at, std::min(random.below(4), payload.size() - at), token);
      frame = framed(payload);
      break;
    }
    default:
      frame.resize(random.below(frame.size()));
  }
}

void change_sequence(std::vector<std::string>& frames, Random& random, uint64_t newest_job) {
  auto place = [&] {
    return frames.begin() + static_cast<std::ptrdiff_t>(random.below(frames.size()));
  };
  switch (random.below(5)) {
    case 0:
      std::iter_swap(place(), place());
      break;
    case 1: {
      std::string again = *place();
      frames.insert(place(), 1 + random.below(4), again);
      break;
    }
    case 2:
      frames.erase(place());
      break;
    case 3:
      frames.erase(place(), frames.end());
      break;
    default: {
      std::vector<std::string> other = valid_conversation(random, newest_job).frames;
      frames.insert(place(),
                    other.begin() + static_cast<std::ptrdiff_t>(random.below(other.size())),
                    other.end());
    }
  }
}

}  // namespace

Conversation valid_conversation(Random& random, uint64_t newest_job) {
  Conversation conversation;
  conversation.frames.push_back(encode_frame(proto::Hello{1, 1, "connection_fuzz"}));
  for (uint64_t count = 1 + random.below(8); count > 0; --count) {
    if (random.one_in(4))
      add_document(conversation.frames, random);
    else
      conversation.frames.push_back(some_request(random, newest_job));
  }
  return conversation;
}

void mutate(Conversation& conversation, Random& random, uint64_t newest_job) {
  conversation.mutated = true;
  for (uint64_t count = 1 + random.below(4); count > 0; --count) {
    if (conversation.frames.empty()) return;
    // Later ones more often: what follows a frame that cannot be read is lost.
    size_t size = conversation.frames.size();
    size_t at = std::max(random.below(size), random.below(size));
    std::string& frame = conversation.frames[at];
    switch (random.below(3)) {
      case 0:
        change_sequence(conversation.frames, random, newest_job);
        break;
      case 1:
        change_fields(frame, random);
        break;
      default:
        change_bytes(frame, random);
    }
  }
}

}  // namespace pdf2md::fuzz
