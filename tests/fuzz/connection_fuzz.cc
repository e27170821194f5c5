// Conversations, most of them mutated, with the real pdf2mdd and the scripted worker, many at a
// time: the daemon must not fall over, must go on serving, and must not grow.
//
//   fuzz-connection BIN [FRAMES [FIRST]]
//
// BIN holds pdf2mdd and fake-worker, built with sanitizers; FRAMES is how many are sent (default
// 100,000); FIRST is the number of the first conversation (default 1). Where the daemon falls, the
// number of the oldest conversation that was open is printed: FIRST plays from there again.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <list>
#include <map>
#include <optional>

#include "proto/admin_messages.h"
#include "proto/channel.h"
#include "tests/fuzz/conversation.h"

namespace pdf2md::fuzz {
namespace {

constexpr size_t kOpenAtOnce = 16;
constexpr uint64_t kCheckEvery = 1'000;  // conversations
constexpr int kPatienceMs = 60'000;
constexpr uint64_t kMayGrowBytes = 64 << 20;  // after the first tenth
constexpr int64_t kLingerMs = 20;
constexpr size_t kLogTailBytes = 6'000;

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string log_path;  // the daemon's

[[noreturn]] void fail(const char* format, ...) {
  Result<std::string> log = read_file(log_path, 1 << 30);
  if (log && log->size() > kLogTailBytes) log->erase(0, log->size() - kLogTailBytes);
  if (log) std::fprintf(stderr, "%s\n(the end of %s)\n\n", log->c_str(), log_path.c_str());
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fputc('\n', stderr);
  std::exit(1);
}

// --- the daemon ---

class Daemon {
 public:
  explicit Daemon(const std::string& bin) {
    // In memory, where there is such a folder: every document is synced to the disk.
    std::string name =
        access("/dev/shm", W_OK) == 0 ? "/dev/shm/pdf2md-fuzz-XXXXXX" : "/tmp/pdf2md-fuzz-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) fail("cannot make %s", name.c_str());
    folder_ = name;
    log_path = name + "/log";
    change_settings(0);
    pid_ = ::fork();
    if (pid_ == 0) become(bin);
    for (int64_t until = now_ms() + kPatienceMs; now_ms() < until; ::usleep(10'000)) {
      check(0);
      if (connect(false).valid()) return;
    }
    fail("the daemon does not serve");
  }
  ~Daemon() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
  }

  Fd connect(bool non_blocking) const {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    struct sockaddr_un address {};
    address.sun_family = AF_UNIX;
    std::string path = folder_ + "/socket";
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::connect(fd.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof address) != 0)
      fd.reset();
    else if (non_blocking)
      ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    return fd;
  }
  // What RELOAD finds from now on: other values, among them some that cost the workers their
  // places, and at times a file that has to be refused.
  void change_settings(uint64_t number) const {
    bool sound = number % 3 != 2;
    std::string text = "[log]\nlevel = \"warning\"\n[queue]\nmax_jobs = 80\n";
    text += "pages_per_task = " + std::to_string(1 + number % 8) + "\n";
    text += "[retention]\nmax_jobs = 40\n[limits]\nmax_document_mib = 1\n";
    text += "max_pages = " + (sound ? std::to_string(1000 + number / 8) : "-1") + "\n";
    if (!sound) text += "no_such_key = \"\x02\"\n";
    if (!write_file_durably(settings_path(), text)) fail("cannot write %s", folder_.c_str());
  }
  // Ends the program if the daemon has ended; `conversation`: the first that is open.
  void check(uint64_t conversation) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == 0) return;
    pid_ = 0;
    fail("the daemon ended with status %#x; the oldest open conversation is %llu",
         static_cast<unsigned>(status), static_cast<unsigned long long>(conversation));
  }
  void stop() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    if (status != 0) {
      fail("the daemon did not end in good order: status %#x", static_cast<unsigned>(status));
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  uint64_t resident_bytes() const {
    Result<std::string> statm = read_file("/proc/" + std::to_string(pid_) + "/statm", 4096);
    unsigned long long size = 0, resident = 0;
    if (!statm || std::sscanf(statm->c_str(), "%llu %llu", &size, &resident) != 2) return 0;
    return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  size_t descriptors() const {
    std::filesystem::directory_iterator all("/proc/" + std::to_string(pid_) + "/fd");
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }

 private:
  [[noreturn]] void become(const std::string& bin) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Fd log(::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
    ::dup2(log.get(), STDOUT_FILENO);
    ::dup2(log.get(), STDERR_FILENO);
    std::string program = bin + "/pdf2mdd", worker = bin + "/fake-worker";
    std::string socket = folder_ + "/socket", state = folder_ + "/state";
    std::string settings = settings_path();
    const char* arguments[] = {program.c_str(), "--socket",    socket.c_str(),
                               "--state",       state.c_str(), "--worker-program",
                               worker.c_str(),  "--workers",   "2",
                               "--readers",     "2",           "--device",
                               "cpu",           "--config",    settings.c_str(),
                               nullptr};
    ::execv(arguments[0], const_cast<char**>(arguments));
    std::_Exit(127);
  }

  std::string settings_path() const { return folder_ + "/pdf2mdd.toml"; }

  std::string folder_;
  pid_t pid_ = 0;
};

// What was learned from answers.
struct Known {
  uint64_t newest_job = 1;
  std::map<uint16_t, uint64_t> answers;  // how many came, by message number
};

// --- one client that may say anything ---

class Talk {
 public:
  Talk(const Daemon& daemon, uint64_t number, Known& known)
      : number_(number), known_(known), random_(number), fd_(daemon.connect(true)) {
    Conversation conversation = valid_conversation(random_, known.newest_job);
    if (!random_.one_in(4)) mutate(conversation, random_, known.newest_job);
    mutated_ = conversation.mutated;
    for (const std::string& frame : conversation.frames) {
      out_ += frame;
      ends_.push_back(out_.size());
    }
    reads_ = !random_.one_in(20);
    ending_ = !random_.one_in(4)  ? Ending::kHalfClose
              : random_.one_in(2) ? Ending::kAtOnce
                                  : Ending::kLinger;
  }

  uint64_t number() const { return number_; }
  // Sent as a whole.
  size_t frames() const {
    return static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), sent_) - ends_.begin());
  }
  bool mutated() const { return mutated_; }
  bool over() const { return over_; }
  struct pollfd wish() const {
    bool sending = !refused_ && sent_ < out_.size();
    return {fd_.get(), static_cast<short>((reads_ ? POLLIN : 0) | (sending ? POLLOUT : 0)), 0};
  }

  void go_on(short events) {
    if (!fd_.valid()) over_ = true;
    if ((events & POLLOUT) != 0) send_some();
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) reads_ ? receive_some() : end();
    bool sending = sent_ < out_.size() && !refused_;
    // One that reads nothing is read no further at some time.
    if (sending && !reads_ && now_ms() - begun_ms_ > 10 * kLingerMs) end();
    if (sending && now_ms() - begun_ms_ > kPatienceMs)
      fail("conversation %llu: the daemon does not read", ull(number_));
    if (sending || over_) return;
    if (all_sent_ms_ == 0) {
      all_sent_ms_ = now_ms();
      if (ending_ == Ending::kHalfClose) ::shutdown(fd_.get(), SHUT_WR);
      if (ending_ == Ending::kAtOnce) end();
    }
    // Half closed, the daemon closes as soon as it has read all; unless nobody reads its answers.
    bool waits = ending_ == Ending::kHalfClose && reads_;
    if (now_ms() - all_sent_ms_ > (waits ? kPatienceMs : kLingerMs)) {
      if (waits) fail("conversation %llu: the daemon does not close", ull(number_));
      end();
    }
  }

 private:
  enum class Ending { kAtOnce, kHalfClose, kLinger };
  static unsigned long long ull(uint64_t number) { return number; }

  void end() {
    fd_.reset();
    over_ = true;
  }

  void send_some() {
    size_t piece = 1 + random_.below(random_.one_in(4) ? 16 : 65'536);
    ssize_t n =
        ::send(fd_.get(), out_.data() + sent_, std::min(piece, out_.size() - sent_), MSG_NOSIGNAL);
    if (n > 0)
      sent_ += static_cast<size_t>(n);
    else if (errno != EAGAIN && errno != EINTR)
      refused_ = true;  // its last words are still read
  }

  void receive_some() {
    char bytes[65'536];
    ssize_t n = ::recv(fd_.get(), bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return end();
    reader_.append(std::string_view(bytes, static_cast<size_t>(n)));
    for (;;) {
      Result<std::optional<proto::Message>> message = reader_.next();
      if (!message)
        fail("conversation %llu: the daemon's answer: %s", ull(number_),
             to_string(message.error()).c_str());
      if (!message->has_value()) return;
      ++known_.answers[(*message)->type];
      if ((*message)->type != proto::kAccepted) continue;
      Result<proto::Accepted> accepted = proto::body_of<proto::Accepted>(**message);
      if (accepted) known_.newest_job = std::max(known_.newest_job, accepted->job);
    }
  }

  uint64_t number_;
  Known& known_;
  Random random_;
  Fd fd_;
  std::string out_;
  size_t sent_ = 0;
  std::vector<size_t> ends_;  // of the frames, in out_
  bool refused_ = false;
  bool mutated_ = false;
  bool reads_ = true;
  bool over_ = false;
  Ending ending_ = Ending::kAtOnce;
  int64_t begun_ms_ = now_ms();
  int64_t all_sent_ms_ = 0;
  proto::FrameReader reader_;
};

// --- one that behaves ---

template <class Answer, class Request>
Answer ask(proto::Channel& channel, const Request& request) {
  if (!channel.send(request, kPatienceMs)) fail("the daemon takes no requests any more");
  for (;;) {
    Result<proto::Message> message = channel.receive(kPatienceMs);
    if (!message) fail("the daemon answers no more: %s", to_string(message.error()).c_str());
    if (message->type == proto::kEvent) continue;
    if (message->type == Answer::kType) return *proto::body_of<Answer>(*message);
    if (message->type != proto::kError) fail("the daemon answers with message %u", message->type);
    return Answer{};  // a job that is over meanwhile
  }
}

// What others may have asked for; on a connection of its own, for a refusal is no fault.
template <class Request>
void undo(const Daemon& daemon, const Request& request) {
  proto::Channel channel(daemon.connect(false));
  ask<proto::Welcome>(channel, proto::Hello{});
  ask<proto::Pool>(channel, request);
}

// The daemon serves: a document that it has not seen yet goes in, and comes out as it should.
void check_service(const Daemon& daemon, Known& known) {
  undo(daemon, proto::ResumePool{});
  undo(daemon, proto::Resize{2});
  proto::Channel channel(daemon.connect(false));
  ask<proto::Welcome>(channel, proto::Hello{});
  for (const proto::JobInfo& job : ask<proto::Jobs>(channel, proto::StatusRequest{}).jobs) {
    if (job.state < proto::JobState::kDone) ask<proto::Done>(channel, proto::Cancel{job.id});
  }
  proto::Submit submit;
  submit.options.name = "sound";
  std::string document = "pages=3 " + std::to_string(known.newest_job);
  (void)channel.send(submit, kPatienceMs);
  (void)channel.send(proto::Data{proto::Bytes{document}}, kPatienceMs);
  proto::Accepted accepted = ask<proto::Accepted>(channel, proto::DataEnd{});
  known.newest_job = std::max(known.newest_job, accepted.job);
  for (int64_t until = now_ms() + kPatienceMs;; ::usleep(2'000)) {
    proto::Jobs jobs = ask<proto::Jobs>(channel, proto::StatusRequest{accepted.job});
    if (!jobs.jobs.empty() && jobs.jobs[0].state == proto::JobState::kDone) break;
    if (now_ms() > until) fail("a sound document is not done any more");
  }
  ask<proto::ResultHeader>(channel, proto::Fetch{accepted.job, "md"});
  Result<proto::Message> data = channel.receive(kPatienceMs);
  bool right = data && data->type == proto::kData &&
               proto::body_of<proto::Data>(*data)->bytes.data ==
                   "page 1: full\npage 2: full\npage 3: full\n";
  if (!right) fail("the result of a sound document is wrong");
}

// The daemon has closed what was opened on behalf of clients that are gone.
size_t descriptors_left(const Daemon& daemon, size_t expected) {
  for (int64_t until = now_ms() + kPatienceMs / 4;; ::usleep(10'000)) {
    size_t now = daemon.descriptors();
    if (now <= expected || now_ms() > until) return now;
  }
}

// What was sent, and what the daemon weighed meanwhile.
struct Totals {
  uint64_t frames = 0, mutated_frames = 0, conversations = 0;
  uint64_t early_bytes = 0, most_bytes = 0, late_bytes = 0;
  size_t descriptors_before = 0, descriptors_after = 0;
};

// Says how it went. False: something of the daemon grows.
bool report(const Totals& totals, const Known& known, int64_t took_ms) {
  auto ull = [](uint64_t number) { return static_cast<unsigned long long>(number); };
  auto mib = [](uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); };
  std::printf("%llu frames in %llu conversations, %.0f %% of the frames in mutated ones, %lld s\n",
              ull(totals.frames), ull(totals.conversations),
              100.0 * static_cast<double>(totals.mutated_frames) /
                  static_cast<double>(std::max<uint64_t>(1, totals.frames)),
              static_cast<long long>(took_ms) / 1000);
  uint64_t answered = 0;
  for (const auto& [type, count] : known.answers) {
    bool own = type != proto::kEvent && type != proto::kData && type != proto::kDataEnd;
    if (own) answered += count;
  }
  std::printf("%llu requests answered, %llu jobs accepted; answers by message number:",
              ull(answered), ull(known.newest_job));
  for (const auto& [type, count] : known.answers) std::printf(" %u: %llu", type, ull(count));
  std::printf(
      "\nmemory: %.1f MiB after a tenth, at most %.1f, at the end %.1f; descriptors: %zu "
      "before, %zu after\n",
      mib(totals.early_bytes), mib(totals.most_bytes), mib(totals.late_bytes),
      totals.descriptors_before, totals.descriptors_after);
  bool grown = totals.early_bytes != 0 && totals.most_bytes > totals.early_bytes + kMayGrowBytes;
  bool leaking = totals.descriptors_after > totals.descriptors_before;
  if (grown) std::fprintf(stderr, "memory grows\n");
  if (leaking) std::fprintf(stderr, "descriptors are left open\n");
  return !grown && !leaking;
}

int run(const std::string& bin, uint64_t wanted_frames, uint64_t next) {
  Daemon daemon(bin);
  Known known;
  Totals totals;
  check_service(daemon, known);
  totals.descriptors_before = daemon.descriptors();
  std::list<Talk> open;
  int64_t started_ms = now_ms();
  while (totals.frames < wanted_frames || !open.empty()) {
    while (totals.frames < wanted_frames && open.size() < kOpenAtOnce) {
      open.emplace_back(daemon, next++, known);
      if (++totals.conversations % kCheckEvery != 0) continue;
      check_service(daemon, known);
      daemon.change_settings(totals.conversations / kCheckEvery);
      totals.most_bytes = std::max(totals.most_bytes, daemon.resident_bytes());
      if (totals.early_bytes == 0 && totals.frames > wanted_frames / 10)
        totals.early_bytes = daemon.resident_bytes();
    }
    std::vector<struct pollfd> wishes;
    for (const Talk& talk : open) wishes.push_back(talk.wish());
    ::poll(wishes.data(), wishes.size(), static_cast<int>(kLingerMs));
    size_t at = 0;
    for (Talk& talk : open) talk.go_on(wishes[at++].revents);
    for (const Talk& talk : open) {
      if (!talk.over()) continue;
      totals.frames += talk.frames();
      if (talk.mutated()) totals.mutated_frames += talk.frames();
    }
    std::erase_if(open, [](const Talk& talk) { return talk.over(); });
    daemon.check(open.empty() ? next : open.front().number());
  }
  check_service(daemon, known);
  totals.descriptors_after = descriptors_left(daemon, totals.descriptors_before);
  totals.late_bytes = daemon.resident_bytes();
  totals.most_bytes = std::max(totals.most_bytes, totals.late_bytes);
  daemon.stop();
  return report(totals, known, now_ms() - started_ms) ? 0 : 1;
}

}  // namespace
}  // namespace pdf2md::fuzz

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: fuzz-connection BIN [FRAMES [FIRST]]\n"), 2;
  uint64_t frames = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
  return pdf2md::fuzz::run(argv[1], frames, argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
}
