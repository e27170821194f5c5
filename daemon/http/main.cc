// pdf2md-http: documents by HTTP, for programs that speak nothing else. A client of pdf2mdd's socket
// like any other. pdf2md-http(8).
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "ctl/find_daemon.h"
#include "daemon/http/listen_address.h"
#include "daemon/http/server.h"
#include "proto/exit_code.h"
#include "proto/version.h"

namespace {

using namespace pdf2md;

constexpr const char* kUsage =
    "usage: pdf2md-http [--listen ADDRESS:PORT] [--allow-remote] [--socket PATH] [--max-mib N]\n"
    "                   [--connections N]\n"
    "\n"
    "  POST /convert   multipart/form-data: file, pages, password, ocr, page_separator\n"
    "  GET /health     whether documents can be converted now\n"
    "  GET /metrics    counters for Prometheus\n"
    "\n"
    "It listens on 127.0.0.1:8067, or on the socket that systemd hands over. pdf2md-http(8)\n";

struct Arguments {
  std::string listen = "127.0.0.1:8067";
  http::ServerOptions server;
};

int wrong(const std::string& what) {
  std::fprintf(stderr, "pdf2md-http: %s\n%s", what.c_str(), kUsage);
  return 2;
}

int fail(const Error& error) {
  std::fprintf(stderr, "pdf2md-http: %s\n", to_string(error).c_str());
  return 1;
}

// 0 where it is no number of 1 to most.
unsigned long number(const std::string& text, unsigned long most) {
  char* end = nullptr;
  const unsigned long value = std::strtoul(text.c_str(), &end, 10);
  return text.empty() || *end != '\0' || value > most ? 0 : value;
}

// Signals come to one thread, which asks the server to end.
void end_on_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  std::thread([signals] {
    int which = 0;
    ::sigwait(&signals, &which);
    http::stop_serving();
  }).detach();
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments;
  const char* named = std::getenv("PDF2MD_SOCKET");
  arguments.server.socket_path = named == nullptr ? ctl::kSystemSocket : named;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--help") return std::fputs(kUsage, stdout), 0;
    if (word == "--version")
      return std::printf("pdf2md-http %s (build %s)\n", kVersion, build_id()), 0;
    if (word == "--allow-remote") {
      arguments.server.remote = true;
      continue;
    }
    if (i + 1 == count) return wrong("\"" + word + "\" is unknown, or needs a value");
    const std::string value = words[++i];
    if (word == "--listen") {
      arguments.listen = value;
    } else if (word == "--socket") {
      arguments.server.socket_path = value;
    } else if (word == "--max-mib" && number(value, 1 << 20) > 0) {
      arguments.server.max_bytes = uint64_t{number(value, 1 << 20)} << 20;
    } else if (word == "--connections" && number(value, 1024) > 0) {
      arguments.server.connections = static_cast<unsigned>(number(value, 1024));
    } else {
      return wrong("\"" + word + " " + value + "\" makes no sense");
    }
  }

  Result<http::Handed> handed = http::handed_socket();
  if (!handed) return fail(handed.error());
  http::ListenAddress address = handed->address;
  if (!handed->fd.valid()) {
    Result<http::ListenAddress> parsed = http::parse_listen_address(arguments.listen);
    if (!parsed) return wrong(to_string(parsed.error()));
    address = *parsed;
  }
  if (!arguments.server.remote && !http::is_loopback(address)) {
    return wrong(http::text_of(address) +
                 " can be reached from other machines, which may then hand "
                 "in documents: say --allow-remote if that is meant");
  }
  Fd listening = std::move(handed->fd);
  if (!listening.valid()) {
    Result<Fd> made = http::listen_on(address);
    if (!made) return fail(made.error());
    listening = std::move(*made);
  }
  end_on_signals();
  std::fprintf(stderr, "pdf2md-http: listening on %s, daemon at %s\n",
               http::text_of(address).c_str(), arguments.server.socket_path.c_str());
  return http::serve(std::move(listening), arguments.server) ? 0 : 1;
}
