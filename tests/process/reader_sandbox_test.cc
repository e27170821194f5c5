// What a reader cannot do, whoever has taken it over; and that it still reads.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <thread>

#include "daemon/sandbox/sandbox.h"
#include "daemon/sandbox/seccomp_filter.h"
#include "tests/process/process_status.h"
#include "tests/process/reader_fixture.h"

namespace pdf2md::test {
namespace {

constexpr int kYes = 20, kNo = 21;

// Whether `attempt` succeeds in a process in which `enter` did. −SIGNAL where it was killed.
int tried_after(const std::function<bool()>& enter, const std::function<bool()>& attempt) {
  pid_t pid = ::fork();
  if (pid == 0) {
    if (!enter()) ::_exit(1);
    ::_exit(attempt() ? kYes : kNo);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

// In a process that has locked itself down.
int confined(const std::function<bool()>& attempt) {
  return tried_after(
      [] {
        return sandbox::enter_sandbox({"/usr/share/fonts"}).find("seccomp") != std::string::npos;
      },
      attempt);
}

// By the filter of system calls alone, as on a kernel without Landlock.
int filtered(const std::function<bool()>& attempt) {
  return tried_after(
      [] { return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && sandbox::enter_seccomp(); },
      attempt);
}

bool can_open(const char* path, int flags) {
  int fd = ::open(path, flags, 0600);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

bool has_landlock() {
  pid_t pid = ::fork();
  if (pid == 0) {
    bool found = sandbox::enter_sandbox({}).find("landlock") != std::string::npos;
    ::_exit(found ? kYes : kNo);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == kYes;
}

TEST_CASE("confined, nothing can be written, run or reached") {
  CHECK(confined([] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }) == kNo);
  CHECK(confined([] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }) == kNo);
  std::string path = "/tmp/pdf2md-sandbox-test-" + std::to_string(::getpid());
  CHECK(confined([&] { return can_open(path.c_str(), O_WRONLY | O_CREAT); }) == kNo);
  CHECK(::access(path.c_str(), F_OK) != 0);
  CHECK(confined([] { return can_open("/tmp", O_TMPFILE | O_RDWR); }) == kNo);
  CHECK(confined([] { return ::unlink("/tmp/none") == 0 || errno != EPERM; }) == kNo);
  CHECK(confined([] { return ::kill(::getppid(), 0) == 0; }) == kNo);
  CHECK(confined([] { return ::syscall(SYS_tgkill, ::getppid(), ::getppid(), 0) == 0; }) == kNo);
  CHECK(confined([] {
          struct rlimit limit {};
          return ::prlimit(::getppid(), RLIMIT_NOFILE, nullptr, &limit) == 0;
        }) == kNo);
  CHECK(confined([] { return ::fork() >= 0; }) == kNo);
  CHECK(confined([] {
          return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
        }) == kNo);
  CHECK(confined([] {
          const char* arguments[] = {"/bin/true", nullptr};
          return ::execv(arguments[0], const_cast<char* const*>(arguments)) == 0;
        }) == -SIGSYS);
}

TEST_CASE("confined, memory that was written cannot be run") {
  CHECK(confined([] {
          void* code =
              ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          return ::mprotect(code, 4096, PROT_READ | PROT_EXEC) == 0;
        }) == kNo);
}

TEST_CASE("confined, descriptors are few") {
  CHECK(confined([] {
          for (int i = 0; i < 100; ++i) {
            if (::dup(0) < 0) return false;
          }
          return true;
        }) == kNo);
}

TEST_CASE("without Landlock, nothing can be written all the same") {
  std::string path = "/tmp/pdf2md-sandbox-test-" + std::to_string(::getpid());
  REQUIRE(write_file_durably(path, "text").ok());
  for (int flags : {O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC, O_WRONLY | O_APPEND}) {
    INFO(flags);
    CHECK(filtered([&] { return can_open(path.c_str(), flags); }) == kNo);
  }
  CHECK(filtered([&] { return can_open((path + "-new").c_str(), O_RDONLY | O_CREAT); }) == kNo);
  CHECK(filtered([&] { return can_open(path.c_str(), O_RDONLY); }) == kYes);
  CHECK(*read_file(path, 100) == "text");
  ::unlink(path.c_str());
}

TEST_CASE("confined, fonts can be read, and other files where Landlock forbids it cannot") {
  CHECK(confined([] { return can_open("/usr/share/fonts", O_RDONLY | O_DIRECTORY); }) == kYes);
  if (!has_landlock()) {
    WARN("this kernel has no Landlock");
    return;
  }
  CHECK(confined([] { return can_open("/etc/passwd", O_RDONLY); }) == kNo);
  CHECK(confined([] { return can_open("/proc/self/environ", O_RDONLY); }) == kNo);
}

TEST_CASE("confined, memory, memfds and pipes go on as before") {
  CHECK(confined([] {
          int fd = ::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
          std::string text(1 << 20, 'x');
          return write_all(fd, text) && ::fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0;
        }) == kYes);
}

TEST_CASE("a reader is confined before it sees a document, and says so") {
  OpenReader reader(PdfBuilder().page("BT /F1 10 Tf 100 700 Td (text) Tj ET").build());
  REQUIRE(reader.info);
  INFO(reader.client.sandbox());
  CHECK(reader.client.sandbox().find("seccomp") == 0);
  CHECK(status_of(reader.client.pid(), "NoNewPrivs") == "1");
  CHECK(status_of(reader.client.pid(), "Seccomp") == "2");
  CHECK(all_text(reader.page(1)) == "text");
  Result<std::string> limits =
      read_file("/proc/" + std::to_string(reader.client.pid()) + "/limits", 1 << 16);
  REQUIRE(limits.ok());
  auto soft = [&](const std::string& name) {
    size_t at = limits->find("\n" + name);
    size_t from = limits->find_first_not_of(' ', at + 1 + name.size());
    return limits->substr(from, limits->find(' ', from) - from);
  };
  CHECK(soft("Max core file size") == "0");
  CHECK(soft("Max cpu time") != "unlimited");
  CHECK(soft("Max address space") != "unlimited");
}

TEST_CASE("a reader that does not greet is not used") {
  char path[4096];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  worker::ReaderClient client(std::string(path, static_cast<size_t>(length)));
  ::setenv("PDF2MD_FAKE_READER", "mute", 1);
  Status started = client.start();
  ::unsetenv("PDF2MD_FAKE_READER");
  REQUIRE_FALSE(started);
  CHECK(started.error().code == ErrorCode::kWorkerDied);
  CHECK_FALSE(client.running());
}

TEST_CASE("a reader that is stopped is not waited for") {
  OpenReader reader(PdfBuilder().page("").build());
  REQUIRE(reader.info);
  reader.signal(SIGSTOP);
  Result<document::PageContent> page = reader.client.read_page(1, 600'000);
  REQUIRE_FALSE(page);
  CHECK(page.error().code == ErrorCode::kWorkerDied);
  CHECK_FALSE(reader.client.running());
}

// Deep enough a pile of transparent strokes to render for minutes.
std::string slow_page() {
  std::string content = "2 w ";
  for (int i = 0; i < 400000; ++i) content += "0 0 m 600 700 100 700 600 0 c 0 700 m 600 0 l S ";
  return content;
}

TEST_CASE("what an abandoned page waits for ends at once, and nothing else does") {
  OpenReader reader(PdfBuilder().page(slow_page()).build());
  REQUIRE(reader.info);
  std::atomic<bool> abandoned = false;
  reader.client.watch(&abandoned);
  reader.client.interrupt();  // nothing is under way
  CHECK(reader.client.running());
  std::promise<ErrorCode> answer;
  std::thread page([&] {
    Result<worker::MappedRaster> raster = reader.client.render(1, 300, true, {}, 600'000);
    answer.set_value(raster ? ErrorCode::kOk : raster.error().code);
  });
  std::future<ErrorCode> end = answer.get_future();
  abandoned = true;
  // Until it is heard: the call may not have begun.
  while (end.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready)
    reader.client.interrupt();
  CHECK(end.get() == ErrorCode::kCancelled);
  page.join();
  Result<worker::MappedRaster> refused = reader.client.render(1, 72, true, {}, kTimeoutMs);
  REQUIRE_FALSE(refused);
}

// --- programs built with faults to inject (make hooks)

std::string hooked_reader() {
  const char* folder = std::getenv("PDF2MD_HOOKS");
  std::string path = folder == nullptr ? "" : std::string(folder) + "/pdf2md-reader";
  return ::access(path.c_str(), X_OK) == 0 ? path : "";
}

TEST_CASE("what a page does inside a reader is refused or costs that reader") {
  if (hooked_reader().empty()) {
    WARN("build/hooks/pdf2md-reader is not built (make hooks)");
    return;
  }
  struct Fault {
    const char* kind;
    ErrorCode code;
    const char* words;
  };
  for (const Fault& fault : {
         Fault{"socket", ErrorCode::kWorkerDied, "exited with code 10"},
             Fault{"write", ErrorCode::kWorkerDied, "exited with code 10"},
             Fault{"exec", ErrorCode::kWorkerDied, "signal 31 (forbidden system call)"},
             Fault{"crash", ErrorCode::kWorkerDied, "signal 11 (segmentation fault)"},
             Fault{"bloat", ErrorCode::kOutOfMemory, "out of memory"},
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
             Fault{"starve", ErrorCode::kOutOfMemory, "out of memory"},
#endif
             Fault {
           "hang", ErrorCode::kPageTimedOut, "timed out after 0.2 s"
         }
       }) {
    INFO(fault.kind);
    ::setenv("PDF2MD_READER_FAULT", (std::string(fault.kind) + ":2").c_str(), 1);
    worker::ReaderClient client(hooked_reader());
    Status started = client.start();
    ::unsetenv("PDF2MD_READER_FAULT");
    REQUIRE(started);
    Fd file(file_with(PdfBuilder().page("").page("").build()));
    REQUIRE(client.open(file.get(), {}, {}, kTimeoutMs));
    CHECK(client.read_page(1, kTimeoutMs));
    bool hangs = fault.code == ErrorCode::kPageTimedOut;
    Result<document::PageContent> page = client.read_page(2, hangs ? 200 : kTimeoutMs);
    REQUIRE_FALSE(page);
    CHECK(page.error().code == fault.code);
    CHECK(page.error().message.find(fault.words) != std::string::npos);
    CHECK_FALSE(client.running());
  }
}

}  // namespace
}  // namespace pdf2md::test
