#include "tests/process/daemon.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace pdf2md::tests {
namespace {

int64_t now_ms() {
  struct timespec ts {};
  ::clock_gettime(CLOCK_MONOTONIC, &ts);
  return int64_t{ts.tv_sec} * 1000 + ts.tv_nsec / 1000000;
}

// fork + exec; standard output and error go to `log_fd`, `extra_fd` becomes descriptor 5,
// `listening` 3.
pid_t start(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
            int log_fd, int extra_fd, int listening = -1) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid > 0) return pid;
  ::dup2(log_fd, STDOUT_FILENO);
  ::dup2(log_fd, STDERR_FILENO);
  // dup2 of a descriptor to itself would leave it close-on-exec.
  if (extra_fd == 5)
    ::fcntl(5, F_SETFD, 0);
  else if (extra_fd >= 0)
    ::dup2(extra_fd, 5);
  if (listening >= 0) {
    ::dup2(listening, 3);
    ::fcntl(3, F_SETFD, 0);
    ::setenv("LISTEN_FDS", "1", 1);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  }
  for (const std::string& variable : environment) ::putenv(const_cast<char*>(variable.c_str()));
  ::execv(argv[0], argv.data());
  std::_Exit(127);
}

Ended wait_for_child(pid_t pid) {
  int64_t give_up_ms = now_ms() + kGenerousMs;
  int status = 0;
  pid_t waited;
  while ((waited = ::waitpid(pid, &status, WNOHANG)) == 0 && now_ms() < give_up_ms) ::usleep(2000);
  INFO("pdf2mdd did not end");
  REQUIRE(waited == pid);
  if (WIFSIGNALED(status)) return {true, WTERMSIG(status)};
  return {false, WEXITSTATUS(status)};
}

}  // namespace

std::string program(const std::string& name) {
  std::string self = std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
  return self + "/" + name;
}

std::string expected_output(int pages) {
  std::string text;
  for (int page = 1; page <= pages; ++page) text += "page " + std::to_string(page) + ": full\n";
  return text;
}

bool eventually(const std::function<bool()>& condition) {
  int64_t give_up_ms = now_ms() + kGenerousMs;
  while (now_ms() < give_up_ms) {
    if (condition()) return true;
    ::usleep(5000);
  }
  return condition();
}

TemporaryFolder::TemporaryFolder() {
  char name[] = "/tmp/pdf2md-test-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  path_ = name;
}
TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Daemon::Daemon() : Daemon(Setup()) {}

Daemon::Daemon(const Setup& setup) : folder_(setup.folder.empty() ? own_.path() : setup.folder) {
  std::vector<std::string> arguments = {program("pdf2mdd"),
                                        "--socket",
                                        socket(),
                                        "--state",
                                        state(),
                                        "--worker-program",
                                        program("fake-worker"),
                                        "--workers",
                                        "1",
                                        "--readers",
                                        "1",
                                        "--device",
                                        "cpu",
                                        "--ready-fd",
                                        "5",
                                        "--set",
                                        "supervision.backoff_min_s=0.01"};
  // Tests submit the same document again and again, and mean it.
  arguments.insert(arguments.end(), {"--set", "queue.cache=0"});
  arguments.insert(arguments.end(), setup.arguments.begin(), setup.arguments.end());
  std::vector<std::string> environment = setup.environment;
  Fd log(::open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  Fd read_end(ends[0]), write_end(ends[1]);
  pid_ = start(arguments, environment, log.get(), write_end.get(), setup.listening);
  write_end.reset();
  if (!setup.wait_until_serving) return;
  char bytes[16];
  struct pollfd item {
    read_end.get(), POLLIN, 0
  };
  REQUIRE(::poll(&item, 1, kGenerousMs) == 1);
  serving_ = ::read(read_end.get(), bytes, sizeof bytes) > 0;
}

Daemon::~Daemon() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  // What a sanitizer finds in the daemon or in its workers fails the test, whatever it asserts.
  std::string text = log();
  for (const char* mark : {"Sanitizer:", "runtime error:"}) {
    size_t at = text.find(mark);
    if (at != std::string::npos) FAIL_CHECK(text.substr(text.rfind('\n', at) + 1, 4000));
  }
}

void Daemon::signal(int number) {
  REQUIRE(pid_ > 0);  // 0 and -1 are not one process
  ::kill(pid_, number);
}

Ended Daemon::wait() {
  Ended ended = wait_for_child(pid_);
  pid_ = 0;
  return ended;
}

std::string Daemon::log() const {
  Result<std::string> text = read_file(folder_ + "/log", 64 << 20);
  return text ? *text : "";
}

std::vector<pid_t> Daemon::workers() {
  std::vector<pid_t> pids;
  for (const proto::WorkerInfo& worker : Client(*this).workers()) {
    if (worker.pid > 0) pids.push_back(worker.pid);
  }
  return pids;
}

std::vector<std::string> Daemon::job_folders() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(state() + "/jobs")) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

// --- clients

static Fd connect_to(const std::string& path) {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  INFO("connecting to " << path);
  REQUIRE(::connect(fd.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

Client::Client(const std::string& socket, bool greet) : channel_(connect_to(socket)) {
  if (!greet) return;
  send(proto::Hello{});
  expect<proto::Welcome>();
}

void Client::send_raw(const std::string& bytes) {
  REQUIRE(channel_.send_frame(bytes, kGenerousMs).ok());
}

proto::Message Client::receive() {
  for (;;) {
    Result<proto::Message> message = channel_.receive(kGenerousMs);
    INFO((message ? "" : to_string(message.error())));
    REQUIRE(message.ok());
    if (message->type != proto::kEvent) return *message;
  }
}

std::string Client::error_text(const proto::Message& message) {
  Result<proto::ErrorReply> error = proto::body_of<proto::ErrorReply>(message);
  return message.type == proto::kError && error ? error->message : "";
}

proto::ErrorReply Client::expect_error(ErrorCode code) {
  proto::ErrorReply reply = expect<proto::ErrorReply>();
  INFO(reply.name << ": " << reply.message);
  REQUIRE(reply.code == static_cast<uint16_t>(code));
  return reply;
}

bool Client::closed() {
  for (;;) {
    Result<proto::Message> message = channel_.receive(kGenerousMs);
    if (!message) return message.error().code == ErrorCode::kDisconnected;
  }
}

void Client::start_submit(const proto::JobOptions& options, const std::string& document,
                          bool attached) {
  proto::Submit submit;
  submit.options = options;
  submit.size = document.size();
  submit.attached = attached;
  send(submit);
  send(proto::Data{proto::Bytes{document}});
  send(proto::DataEnd{});
}

uint64_t Client::submit(const std::string& name, int pages, bool attached) {
  proto::JobOptions options;
  options.name = name;
  start_submit(options, "pages=" + std::to_string(pages), attached);
  return expect<proto::Accepted>().job;
}

proto::Event Client::wait_for(uint64_t job,
                              const std::function<bool(const proto::Event&)>& wanted) {
  send(proto::Watch{job});
  for (;;) {
    Result<proto::Message> message = channel_.receive(kGenerousMs);
    INFO((message ? "" : to_string(message.error())));
    REQUIRE(message.ok());
    if (message->type != proto::kEvent) continue;
    Result<proto::Event> event = proto::body_of<proto::Event>(*message);
    REQUIRE(event.ok());
    if (event->job == job && wanted(*event)) return *event;
  }
}

proto::Event Client::wait_until_over(uint64_t job) {
  return wait_for(job, [](const proto::Event& event) {
    return event.kind == proto::EventKind::kState && event.state >= proto::JobState::kDone;
  });
}

proto::JobInfo Client::status(uint64_t job) {
  send(proto::StatusRequest{job});
  proto::Jobs jobs = expect<proto::Jobs>();
  REQUIRE(jobs.jobs.size() == 1);
  return jobs.jobs[0];
}

std::string Client::fetch(uint64_t job, const std::string& output) {
  send(proto::Fetch{job, output});
  proto::ResultHeader header = expect<proto::ResultHeader>();
  std::string text;
  for (;;) {
    proto::Message message = receive();
    if (message.type == proto::kDataEnd) break;
    Result<proto::Data> data = proto::body_of<proto::Data>(message);
    REQUIRE(data.ok());
    text += data->bytes.data;
  }
  CHECK(text.size() == header.size);
  return text;
}

proto::HealthReport Client::health() {
  send(proto::HealthRequest{});
  return expect<proto::HealthReport>();
}

std::string Client::metrics() {
  send(proto::MetricsRequest{});
  return expect<proto::MetricsText>().text;
}

std::vector<proto::WorkerInfo> Client::workers() {
  send(proto::WorkersRequest{});
  return expect<proto::WorkerList>().workers;
}

proto::Reloaded Client::reload() {
  send(proto::Reload{});
  return expect<proto::Reloaded>();
}

proto::DeathList Client::deaths() {
  send(proto::DeathsRequest{});
  return expect<proto::DeathList>();
}

Output run_daemon(const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment) {
  TemporaryFolder folder;
  std::string path = folder.path() + "/output";
  Fd log(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  std::vector<std::string> all = {program("pdf2mdd")};
  all.insert(all.end(), arguments.begin(), arguments.end());
  Ended ended = wait_for_child(start(all, environment, log.get(), -1));
  return {ended.signalled ? 128 + ended.number : ended.number, *read_file(path, 1 << 20)};
}

}  // namespace pdf2md::tests
