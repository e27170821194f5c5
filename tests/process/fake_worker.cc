// A worker without models: speaks the protocol of proto/worker_messages.h and misbehaves on
// request.
//
// The document's text says how many pages it has ("pages=12"; without it: not a document). What
// goes wrong is said by the environment variable FAKE_WORKER (at start) and by the job's name
// (while working); both hold words:
//
//   FAKE_WORKER   exit=N         leave with N instead of HELLO
//                 exit-once=FILE:N  the same, unless FILE exists; makes it
//                 exit-while=FILE:N the same, as long as FILE exists
//                 build=TEXT     say another build id
//                 silent         never say anything
//                 garbage        bytes that are no frame, instead of HELLO
//                 hello-at-term=FOLDER  wait for SIGTERM, with a file in FOLDER to say so; then
//                                say HELLO, and leave
//                 no-begins      never send PAGE_STARTED
//                 begins-all     send it for all pages of a task when the task comes
//                 loads=MS       time from CONFIGURE to READY
//                 child=FILE     starts a process of its own, whose pid it writes to FILE
//                 wrong-pong     answers another PING than it was sent
//                 leaks-mib=N    PONG says N MiB more for each page done
//                 lost=DEVICE:N  leave with N when configured for DEVICE (without "cuda:")
//                 shows=NAME     the device's name is the value of this environment variable
//   job's name    slow=MS              time for each page
//                 crash-on-page=P      die by SIGSEGV at page P, unless a placeholder is asked for
//                 crash-full-on-page=P the same, but only with full effort
//                 crash-once-on-page=P the same, but only the first time
//                 hang-on-page=P       page P never ends (PONG goes on)
//                 freeze-on-page=P     page P never ends, nor does anything else
//                 stop-on-page=P       SIGSTOP to itself at page P
//                 garbage-on-page=P    garbage on the control socket at page P
//                 exit-on-page=P:N     exit code N at page P, the first time
//                 close-on-page=P      closes its control socket at page P and stays, once
//                 nonsense-on-probe    PROBED with pages that cannot be, the first time
//                 crash-on-probe, crash-on-assemble
//                 fail-on-probe=CODE   TASK_FAILED
//                 fail-page=P          page P has status "failed"
//                 output-kib=N         size of the output
//
// Each page that it really works on adds a line to the file "computed" in the job's folder; one
// that has a record already is only reported.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <string>

#include "proto/channel.h"
#include "proto/exit_code.h"
#include "proto/job_folder.h"
#include "proto/page_ranges.h"
#include "proto/version.h"
#include "proto/worker_messages.h"

namespace {

using namespace pdf2md;

int64_t now_ms() {
  struct timespec ts {};
  ::clock_gettime(CLOCK_MONOTONIC, &ts);
  return int64_t{ts.tv_sec} * 1000 + ts.tv_nsec / 1000000;
}

// The text after "word=" in a list of words; "" for the word alone; nothing if it is not there.
std::optional<std::string> find_word(const std::string& words, const std::string& word) {
  for (size_t at = words.find(word); at != std::string::npos; at = words.find(word, at + 1)) {
    bool starts = at == 0 || words[at - 1] == ' ';
    size_t end = at + word.size();
    if (!starts || (end < words.size() && words[end] != '=' && words[end] != ' ')) continue;
    if (end >= words.size() || words[end] == ' ') return "";
    return words.substr(end + 1, words.find(' ', end) - end - 1);
  }
  return std::nullopt;
}

uint32_t number(const std::optional<std::string>& text) {
  return text ? static_cast<uint32_t>(std::strtoul(text->c_str(), nullptr, 10)) : 0;
}

// True once for each name in a folder.
bool first_time(const std::string& path) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  return fd.valid();
}

struct PageWork {
  proto::Convert task;
  uint32_t page = 0;
  bool last = false;  // of its task
  int64_t done_at_ms = 0;
};

class FakeWorker {
 public:
  explicit FakeWorker(const std::string& mood) : channel_(Fd(3)), mood_(mood) {}

  int run() {
    say(proto::WorkerHello{find_word(mood_, "build").value_or(build_id()), ::getpid()});
    for (;;) {
      int wait_ms = proto::kNoDeadline;
      if (current_)
        wait_ms = static_cast<int>(std::max<int64_t>(0, current_->done_at_ms - now_ms()));
      if (hanging_ && !current_) wait_ms = proto::kNoDeadline;
      Result<proto::Message> message = channel_.receive(wait_ms);
      if (message) {
        handle(*message);
      } else if (message.error().code == ErrorCode::kTimedOut) {
        finish_page();
      } else {
        return static_cast<int>(WorkerExit::kDrained);  // the supervisor is gone
      }
      begin_page();
      if (draining_ && !current_ && pages_.empty()) return static_cast<int>(WorkerExit::kDrained);
    }
  }

 private:
  // A supervisor that is gone is noticed where we read.
  template <class Body>
  void say(const Body& body) {
    [[maybe_unused]] Status sent = channel_.send(body);
  }

  void handle(const proto::Message& message) {
    switch (message.type) {
      case proto::kConfigure:
        return configure(*proto::body_of<proto::Configure>(message));
      case proto::kPing: {
        Result<proto::Ping> ping = proto::body_of<proto::Ping>(message);
        proto::Pong pong;
        pong.sequence = ping->sequence + (find_word(mood_, "wrong-pong") ? 1 : 0);
        pong.canary_ms = 1;
        pong.rss_bytes = (uint64_t{pages_done_} * number(find_word(mood_, "leaks-mib")) + 1) << 20;
        if (hanging_since_ms_ != 0)
          pong.oldest_page_ms = static_cast<uint32_t>(now_ms() - hanging_since_ms_);
        say(pong);
        return;
      }
      case proto::kProbe:
        return probe(*proto::body_of<proto::Probe>(message));
      case proto::kConvert: {
        Result<proto::Convert> task = proto::body_of<proto::Convert>(message);
        bool begins_all = find_word(mood_, "begins-all").has_value();
        for (uint32_t page : task->pages) {
          pages_.push_back({*task, page, page == task->pages.back(), 0});
          if (begins_all) say(proto::PageStarted{task->task, task->job, page});
        }
        return;
      }
      case proto::kAssemble:
        return assemble(*proto::body_of<proto::Assemble>(message));
      case proto::kCancelJob: {
        uint64_t job = proto::body_of<proto::CancelJob>(message)->job;
        std::erase_if(pages_, [job](const PageWork& work) { return work.task.job == job; });
        if (current_ && current_->task.job == job) current_.reset();
        return;
      }
      case proto::kDrain:
        draining_ = true;
        return;
      default:
        std::_Exit(static_cast<int>(WorkerExit::kProtocol));
    }
  }

  void configure(const proto::Configure& settings) {
    std::string lost = find_word(mood_, "lost").value_or("");
    size_t colon = lost.rfind(':');
    if (colon != std::string::npos && settings.device == "cuda:" + lost.substr(0, colon))
      std::_Exit(std::atoi(lost.c_str() + colon + 1));
    ::usleep(number(find_word(mood_, "loads")) * 1000);
    proto::Ready ready;
    ready.device = settings.device;
    ready.device_name = "no device at all";
    if (std::optional<std::string> variable = find_word(mood_, "shows")) {
      const char* value = std::getenv(variable->c_str());
      ready.device_name = value == nullptr ? "" : value;
    }
    say(ready);
  }

  void probe(const proto::Probe& task) {
    const std::string& words = task.options.name;
    if (find_word(words, "crash-on-probe")) crash();
    Result<std::string> document = read_file(proto::document_path(task.folder), 1 << 30);
    uint32_t count = document ? number(find_word(*document, "pages")) : 0;
    if (uint32_t code = number(find_word(words, "fail-on-probe"))) {
      say(proto::TaskFailed{task.task, static_cast<uint16_t>(code), "asked to fail", ""});
    } else if (count == 0) {
      say(proto::TaskFailed{task.task, static_cast<uint16_t>(ErrorCode::kNotADocument),
                            "not a document", ""});
    } else {
      proto::Probed probed;
      probed.task = task.task;
      Status written = write_file_durably(proto::info_path(task.folder), "info");
      if (!written) return fail(task.task, written.error());
      probed.document_pages = count;
      bool nonsense = find_word(words, "nonsense-on-probe").has_value() &&
                      first_time(task.folder + "/nonsense-on-probe");
      probed.pages = proto::select_pages(*proto::parse_page_ranges(task.options.pages), count,
                                         task.options.max_pages);
      if (nonsense) probed.pages = {2, 1};
      if (probed.pages.empty())
        say(proto::TaskFailed{task.task, static_cast<uint16_t>(ErrorCode::kNoPages), "no page",
                              ""});
      else
        say(probed);
    }
  }

  void begin_page() {
    if (current_ || hanging_ || pages_.empty()) return;
    current_ = std::move(pages_.front());
    pages_.pop_front();
    const PageWork& work = *current_;
    const std::string& words = work.task.options.name;
    if (!find_word(mood_, "no-begins"))
      say(proto::PageStarted{work.task.task, work.task.job, work.page});
    current_->done_at_ms = now_ms() + number(find_word(words, "slow"));
    bool placeholder = work.task.effort == proto::Effort::kPlaceholder;
    bool full = work.task.effort == proto::Effort::kFull;
    auto is_here = [&](const char* word) { return number(find_word(words, word)) == work.page; };
    auto once = [&](const char* word) {
      return is_here(word) && first_time(work.task.folder + "/" + word);
    };
    if (is_here("crash-on-page") && !placeholder) crash();
    if (is_here("crash-full-on-page") && full) crash();
    if (once("crash-once-on-page")) crash();
    if (is_here("freeze-on-page") && full) ::pause();
    if (once("stop-on-page")) ::raise(SIGSTOP);
    if (once("garbage-on-page")) {
      [[maybe_unused]] Status sent = write_all(channel_.fd(), std::string(64, '\xff'));
      ::pause();
    }
    if (once("close-on-page")) {
      ::close(channel_.fd());
      ::pause();
    }
    if (once("exit-on-page")) {
      std::string code = *find_word(words, "exit-on-page");
      std::_Exit(std::atoi(code.c_str() + code.find(':') + 1));
    }
    if (is_here("hang-on-page") && full) {
      hanging_ = true;
      hanging_since_ms_ = now_ms();
      current_.reset();
    }
  }

  void finish_page() {
    if (!current_) return;
    PageWork work = std::move(*current_);
    current_.reset();
    const char* efforts[] = {"full", "text layer only", "placeholder"};
    int effort = static_cast<int>(work.task.effort);
    if (::access(proto::page_record_path(work.task.folder, work.page).c_str(), F_OK) == 0)
      return report(work, static_cast<uint8_t>(effort == 1 ? 2 : effort == 2 ? 3 : 0));
    Fd computed(::open((work.task.folder + "/computed").c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    [[maybe_unused]] Status noted = write_all(computed.get(), std::to_string(work.page) + "\n");
    std::string record = "page " + std::to_string(work.page) + ": " + efforts[effort] + "\n";
    Status written =
        write_file_durably(proto::page_record_path(work.task.folder, work.page), record);
    if (!written) return fail(work.task.task, written.error());
    report(work, static_cast<uint8_t>(effort == 1 ? 2 : effort == 2 ? 3 : 0));
  }

  void report(const PageWork& work, uint8_t status) {
    proto::PageDone done;
    done.task = work.task.task;
    done.job = work.task.job;
    done.page = work.page;
    done.status = status;
    done.route.text_layer = "trusted";
    done.route.blocks = work.page;
    if (number(find_word(work.task.options.name, "fail-page")) == work.page) done.status = 3;
    say(done);
    ++pages_done_;
    if (work.last) say(proto::TaskDone{work.task.task});
  }

  void assemble(const proto::Assemble& task) {
    if (find_word(task.options.name, "crash-on-assemble")) crash();
    std::string text;
    for (uint32_t page : task.pages) {
      Result<std::string> record = read_file(proto::page_record_path(task.folder, page), 1 << 20);
      text += record ? *record : "page " + std::to_string(page) + ": MISSING\n";
    }
    size_t size = size_t{number(find_word(task.options.name, "output-kib"))} << 10;
    while (text.size() < size)
      text += "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n";
    Status written = write_file_durably(proto::output_path(task.folder, "md"), text);
    if (!written) return fail(task.task, written.error());
    proto::Assembled assembled;
    assembled.task = task.task;
    assembled.outputs.push_back({"md", text.size()});
    say(assembled);
  }

  // Nobody misses the answer if the job was cancelled and its folder is gone.
  void fail(uint64_t task, const Error& error) {
    std::erase_if(pages_, [task](const PageWork& work) { return work.task.task == task; });
    say(proto::TaskFailed{task, static_cast<uint16_t>(error.code), error.message, error.hint});
  }

  [[noreturn]] static void crash() {
    ::signal(SIGSEGV, SIG_DFL);
    ::raise(SIGSEGV);
    std::_Exit(99);
  }

  proto::Channel channel_;
  std::string mood_;
  std::deque<PageWork> pages_;
  std::optional<PageWork> current_;
  uint32_t pages_done_ = 0;
  bool hanging_ = false;
  int64_t hanging_since_ms_ = 0;
  bool draining_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // No core files of crashes that are meant, not even down a pipe. (Not by PR_SET_DUMPABLE: tracers
  // have to see it.)
  struct rlimit no_core {
    1, 1
  };
  ::setrlimit(RLIMIT_CORE, &no_core);
  bool orphan =
      argc != 3 || std::strcmp(argv[1], "--parent") != 0 || std::atoi(argv[2]) != ::getppid();
  if (orphan) return static_cast<int>(WorkerExit::kBadUsage);
  const char* variable = std::getenv("FAKE_WORKER");
  std::string mood = variable == nullptr ? "" : variable;
  if (std::optional<std::string> code = find_word(mood, "exit")) return std::atoi(code->c_str());
  if (std::optional<std::string> once = find_word(mood, "exit-once")) {
    size_t colon = once->rfind(':');
    if (first_time(once->substr(0, colon))) return std::atoi(once->c_str() + colon + 1);
  }
  if (std::optional<std::string> during = find_word(mood, "exit-while")) {
    size_t colon = during->rfind(':');
    if (::access(during->substr(0, colon).c_str(), F_OK) == 0)
      return std::atoi(during->c_str() + colon + 1);
  }
  if (std::optional<std::string> folder = find_word(mood, "hello-at-term")) {
    sigset_t term;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, nullptr);
    first_time(*folder + "/" + std::to_string(::getpid()));
    int signal = 0;
    ::sigwait(&term, &signal);
    proto::Channel channel(Fd(3));
    [[maybe_unused]] Status sent = channel.send(proto::WorkerHello{build_id(), ::getpid()});
    return static_cast<int>(WorkerExit::kDrained);
  }
  if (std::optional<std::string> file = find_word(mood, "child")) {
    pid_t pid = ::fork();
    if (pid == 0) {
      ::close(3);
      ::alarm(60);
      ::pause();
      std::_Exit(0);
    }
    [[maybe_unused]] Status written = write_file_durably(*file, std::to_string(pid));
  }
  if (find_word(mood, "silent")) ::pause();
  if (find_word(mood, "garbage")) {
    [[maybe_unused]] Status sent = write_all(3, std::string(64, '\xff'));
    ::pause();
  }
  return FakeWorker(mood).run();
}
