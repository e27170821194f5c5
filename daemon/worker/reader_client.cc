#include "daemon/worker/reader_client.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "proto/exit_code.h"

namespace pdf2md::worker {
namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
constexpr size_t kMaxInfoBytes = 64 << 20;
// A reader whose socket is closed has usually exited; this long it may take until it can be reaped.
constexpr int kReapMs = 1000;
// Until READER_HELLO: a machine under load may need seconds to map poppler.
constexpr int kStartMs = 30'000;
constexpr int kLookMs = 1000;
const Error kAbandoned{ErrorCode::kCancelled, "the job was cancelled", ""};

std::string seconds(int ms) {
  char text[32];
  std::snprintf(text, sizeof text, ms % 1000 == 0 ? "%.0f s" : "%.1f s", ms / 1000.0);
  return text;
}

const char* signal_words(int number) {
  switch (number) {
    case SIGSEGV:
      return "segmentation fault";
    case SIGABRT:
      return "aborted";
    case SIGBUS:
      return "bus error";
    case SIGFPE:
      return "arithmetic error";
    case SIGILL:
      return "illegal instruction";
    case SIGKILL:
      return "killed";
    case SIGSYS:
      return "forbidden system call";
    default:
      return "see signal(7)";
  }
}

// How a reader that was not killed by us ended.
Error end_of_reader(int status, const proto::DocumentLimits& limits) {
  if (WIFSIGNALED(status)) {
    int number = WTERMSIG(status);
    return {ErrorCode::kWorkerDied,
            "reader killed by signal " + std::to_string(number) + " (" + signal_words(number) + ")",
            ""};
  }
  int code = WEXITSTATUS(status);
  if (code == static_cast<int>(WorkerExit::kOutOfMemory)) {
    return {ErrorCode::kOutOfMemory,
            "reader ran out of memory (limit " + std::to_string(limits.reader_memory_bytes >> 20) +
                " MiB)",
            "raise limits.reader_memory_mib"};
  }
  std::string hint = code == 127 ? "the program could not be started" : "";
  return {ErrorCode::kWorkerDied, "reader exited with code " + std::to_string(code), hint};
}

// The size of a memfd that carries all seals. Errors: kBadMessage.
Result<size_t> sealed_size(int fd) {
  int seals = ::fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals) {
    return Error{ErrorCode::kBadMessage,
                 "reader sent a descriptor without the seals that were agreed", ""};
  }
  struct stat info {};
  if (::fstat(fd, &info) != 0) return io_error("reader's memfd");
  return static_cast<size_t>(info.st_size);
}

// By a signal: state T in proc_pid_stat(5), after the name in parentheses.
bool is_stopped(pid_t pid) {
  Result<std::string> stat = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!stat) return false;
  size_t name_end = stat->rfind(") ");
  return name_end != stat->npos && name_end + 2 < stat->size() && (*stat)[name_end + 2] == 'T';
}

class Mapping {
 public:
  Mapping(int fd, size_t bytes) : bytes_(bytes) {
    if (bytes == 0) return;
    data_ = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data_ == MAP_FAILED) data_ = nullptr;
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (data_ != nullptr) ::munmap(data_, bytes_);
  }
  bool ok() const { return data_ != nullptr; }
  std::string_view view() const { return {static_cast<const char*>(data_), bytes_}; }
  void* release() { return std::exchange(data_, nullptr); }

 private:
  void* data_ = nullptr;
  size_t bytes_;
};

}  // namespace

MappedRaster::MappedRaster(MappedRaster&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_), header_(other.header_) {}

MappedRaster& MappedRaster::operator=(MappedRaster&& other) noexcept {
  if (this != &other) {
    if (data_ != nullptr) ::munmap(data_, bytes_);
    data_ = std::exchange(other.data_, nullptr);
    bytes_ = other.bytes_;
    header_ = other.header_;
  }
  return *this;
}

MappedRaster::~MappedRaster() {
  if (data_ != nullptr) ::munmap(data_, bytes_);
}

ReaderClient::~ReaderClient() {
  kill();
}

Status ReaderClient::start() {
  kill();
  Result<std::pair<Fd, Fd>> ends = proto::socket_pair();
  if (!ends) return ends.error();

  std::string parent = std::to_string(::getpid());
  const char* arguments[] = {program_.c_str(), "--parent", parent.c_str(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  // Where the socket already is descriptor 3, this clears its close-on-exec flag (glibc 2.29 and
  // later).
  ::posix_spawn_file_actions_adddup2(&actions, ends->second.get(), 3);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 4);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  int failure = ::posix_spawn(&pid, program_.c_str(), &actions, &attributes,
                              const_cast<char* const*>(arguments), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) {
    return Error{ErrorCode::kIo, "starting " + program_ + ": " + std::strerror(failure), ""};
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    pid_ = last_pid_ = pid;
  }
  channel_ = std::make_unique<proto::Channel>(std::move(ends->first));
  ends->second.reset();  // so that its end is seen
  return greet();
}

Status ReaderClient::greet() {
  Result<proto::Message> first = receive(kStartMs);
  if (!first && first.error().code == ErrorCode::kTimedOut) {
    return dead({ErrorCode::kWorkerDied, "reader did not start within " + seconds(kStartMs), ""});
  }
  if (!first) return dead(first.error());
  if (first->type != proto::kReaderHello)
    return dead({ErrorCode::kBadMessage, "reader did not say READER_HELLO first", ""});
  Result<proto::ReaderHello> hello = proto::from_value<proto::ReaderHello>(first->body);
  if (!hello) return dead(hello.error());
  sandbox_ = hello->sandbox;
  return Ok{};
}

void ReaderClient::watch(const std::atomic<bool>* abandoned) {
  std::lock_guard<std::mutex> lock(mutex_);
  abandoned_ = abandoned;
}

void ReaderClient::interrupt() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (busy_ && pid_ > 0 && is_abandoned()) ::kill(pid_, SIGKILL);
}

void ReaderClient::kill() {
  channel_.reset();
  std::lock_guard<std::mutex> lock(mutex_);
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

// Ends the reader after `cause`, and says what happened.
Error ReaderClient::dead(const Error& cause) {
  if (pid_ <= 0) return cause;
  if (cause.code != ErrorCode::kDisconnected) {
    kill();
    return cause;
  }
  channel_.reset();
  for (int waited = 0; waited < kReapMs; ++waited) {
    int status = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    pid_t done = ::waitpid(pid_, &status, WNOHANG);
    if (done == pid_) {
      pid_ = -1;
      return end_of_reader(status, limits_);
    }
    lock.unlock();
    struct timespec pause {
      0, 1000000
    };
    ::nanosleep(&pause, nullptr);
  }
  kill();
  return {ErrorCode::kWorkerDied, "reader closed its connection and hung", ""};
}

Result<proto::Message> ReaderClient::ask(const std::string& frame, uint16_t expected,
                                         int timeout_ms, int with_fd) {
  if (!running()) return Error{ErrorCode::kWorkerDied, "no reader is running", ""};
  auto be_busy = [this](bool busy) {
    std::lock_guard<std::mutex> lock(mutex_);
    busy_ = busy;
  };
  be_busy(true);
  // Asked after being busy was noted: an abandonment is either seen here, or interrupts.
  Result<proto::Message> answer = is_abandoned() ? Result<proto::Message>(kAbandoned)
                                                 : exchange(frame, expected, timeout_ms, with_fd);
  be_busy(false);
  if (!answer && is_abandoned()) return kAbandoned;
  return answer;
}

// As the channel's; looks at the reader now and then. One that was stopped will never answer, and
// its page is not to blame for that.
Result<proto::Message> ReaderClient::receive(int timeout_ms) {
  for (int left_ms = timeout_ms;; left_ms -= kLookMs) {
    Result<proto::Message> answer = channel_->receive(std::min(left_ms, kLookMs));
    if (answer || answer.error().code != ErrorCode::kTimedOut) return answer;
    if (is_stopped(pid_)) return Error{ErrorCode::kWorkerDied, "reader was stopped", ""};
    if (left_ms <= kLookMs) return answer;
  }
}

Result<proto::Message> ReaderClient::exchange(const std::string& frame, uint16_t expected,
                                              int timeout_ms, int with_fd) {
  channel_->received_fds().clear();
  Status sent = channel_->send_frame(frame, timeout_ms, with_fd);
  Result<proto::Message> answer = sent ? receive(timeout_ms) : Result<proto::Message>(sent.error());
  if (!answer) {
    const Error& cause = answer.error();
    if (cause.code == ErrorCode::kTimedOut) {
      return dead({ErrorCode::kPageTimedOut, "reader timed out after " + seconds(timeout_ms), ""});
    }
    if (cause.code == ErrorCode::kBadFrame)
      return dead({ErrorCode::kBadMessage, cause.message, ""});
    return dead(cause);
  }
  if (answer->type == proto::kError) {
    Result<proto::ErrorReply> reply = proto::from_value<proto::ErrorReply>(answer->body);
    if (!reply) return dead(reply.error());
    return proto::to_error(*reply);
  }
  if (answer->type != expected) {
    return dead({ErrorCode::kBadMessage,
                 "reader answered with message " + std::to_string(answer->type) + " instead of " +
                     std::to_string(expected),
                 ""});
  }
  return answer;
}

Result<std::string> ReaderClient::fetch(uint64_t announced, size_t max_bytes) {
  std::vector<Fd>& files = channel_->received_fds();
  if (files.size() != 1) {
    return dead({ErrorCode::kBadMessage,
                 "reader sent " + std::to_string(files.size()) + " descriptors", ""});
  }
  Fd file = std::move(files[0]);
  files.clear();
  Result<size_t> size = sealed_size(file.get());
  if (!size) return dead(size.error());
  if (*size != announced || *size == 0 || *size > max_bytes) {
    return dead({ErrorCode::kBadMessage, "reader sent a memfd of the wrong size", ""});
  }
  Mapping mapping(file.get(), *size);
  if (!mapping.ok()) return io_error("mapping the reader's memfd");
  return std::string(mapping.view());
}

Result<document::DocumentInfo> ReaderClient::open(int document_fd,
                                                  const std::vector<std::string>& passwords,
                                                  const proto::DocumentLimits& limits,
                                                  int timeout_ms) {
  limits_ = limits;
  proto::Open request;
  request.passwords = passwords;
  request.limits = limits;
  Result<proto::Message> answer =
      ask(proto::encode_frame(request), proto::kOpened, timeout_ms, document_fd);
  if (!answer) return answer.error();
  Result<proto::Opened> opened = proto::from_value<proto::Opened>(answer->body);
  if (!opened) return dead(opened.error());
  Result<std::string> bytes = fetch(opened->bytes, kMaxInfoBytes);
  if (!bytes) return bytes.error();
  Result<document::DocumentInfo> info = proto::unpack<document::DocumentInfo>(*bytes);
  if (!info) return dead(info.error());
  return info;
}

Result<document::PageContent> ReaderClient::read_page(uint32_t page, int timeout_ms) {
  Result<proto::Message> answer =
      ask(proto::encode_frame(proto::ReadPage{page}), proto::kPageContent, timeout_ms, -1);
  if (!answer) return answer.error();
  Result<proto::PageContentHeader> header =
      proto::from_value<proto::PageContentHeader>(answer->body);
  if (!header) return dead(header.error());
  // An object costs at most a glyph with a long text; links, fields and names come on top.
  size_t max_bytes =
      (size_t{limits_.max_page_objects} * 2 + 1024) * sizeof(document::Glyph) + (256u << 20);
  Result<std::string> bytes = fetch(header->bytes, max_bytes);
  if (!bytes) return bytes.error();
  Result<document::PageContent> content =
      document::unpack_content(*bytes, limits_.max_page_objects);
  if (!content) return dead(content.error());
  if (content->page != page) {
    return dead({ErrorCode::kBadMessage, "reader answered for another page", ""});
  }
  return content;
}

Result<MappedRaster> ReaderClient::render(uint32_t page, double dpi, bool grey,
                                          const document::Box& clip, int timeout_ms) {
  proto::Render request;
  request.page = page;
  request.dpi = dpi;
  request.grey = grey;
  if (!clip.empty()) {
    request.x0 = clip.x0;
    request.y0 = clip.y0;
    request.x1 = clip.x1;
    request.y1 = clip.y1;
  }
  Result<proto::Message> answer = ask(proto::encode_frame(request), proto::kRaster, timeout_ms, -1);
  if (!answer) return answer.error();
  Result<proto::Raster> header = proto::from_value<proto::Raster>(answer->body);
  if (!header) return dead(header.error());
  std::vector<Fd>& files = channel_->received_fds();
  uint64_t row = uint64_t{header->width} * header->channels;
  bool sound = files.size() == 1 && header->width > 0 && header->height > 0 &&
               header->channels == (grey ? 1u : 3u) && header->stride >= row &&
               header->stride <= row + 64 &&
               uint64_t{header->width} * header->height <= limits_.max_pixels;
  if (!sound)
    return dead({ErrorCode::kBadMessage, "reader sent a raster whose header is not valid", ""});
  Fd file = std::move(files[0]);
  files.clear();
  Result<size_t> size = sealed_size(file.get());
  if (!size) return dead(size.error());
  if (*size != size_t{header->stride} * header->height) {
    return dead({ErrorCode::kBadMessage, "reader sent a raster of the wrong size", ""});
  }
  Mapping mapping(file.get(), *size);
  if (!mapping.ok()) return io_error("mapping the reader's raster");
  return MappedRaster(mapping.release(), *size, *header);
}

Status ReaderClient::close_document(int timeout_ms) {
  Result<proto::Message> answer =
      ask(proto::encode_frame(proto::CloseDocument{}), proto::kDocumentClosed, timeout_ms, -1);
  if (!answer) return answer.error();
  return Ok{};
}

}  // namespace pdf2md::worker
