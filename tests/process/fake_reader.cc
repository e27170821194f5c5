#include "tests/process/fake_reader.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "document/document_info.h"
#include "document/page_content.h"
#include "proto/channel.h"
#include "proto/exit_code.h"
#include "proto/reader_messages.h"

namespace pdf2md::test {
namespace {

int memfd(const std::string& bytes, int seals) {
  int fd = ::memfd_create("fake", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (!write_all(fd, bytes)) return -1;
  if (seals != 0) ::fcntl(fd, F_ADD_SEALS, seals);
  return fd;
}

constexpr int kAll = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

void answer_page(proto::Channel& channel, const std::string& how, uint32_t page) {
  document::PageContent content;
  content.page = how == "other-page" ? page + 1 : page;
  content.width_pt = content.height_pt = 100;
  if (how == "wild-font") {
    document::Glyph glyph;
    glyph.font = 7;
    content.glyphs.push_back(glyph);
  }
  std::string bytes =
      how == "bad-content" ? std::string("\xC1 nonsense") : document::pack_content(content);
  int seals = how == "unsealed" ? 0 : how == "partly-sealed" ? F_SEAL_SHRINK | F_SEAL_GROW : kAll;
  int fd = how == "no-descriptor" ? -1 : memfd(bytes, seals);
  uint64_t announced = bytes.size() + (how == "short" ? 1000 : 0);
  (void)channel.send(proto::PageContentHeader{announced}, proto::kNoDeadline, fd);
}

}  // namespace

int play_reader(const std::string& how) {
  proto::Channel channel{Fd(3)};
  if (how == "mute") return 0;
  (void)channel.send(proto::ReaderHello{how == "good" ? "none" : "seccomp+landlock1"});
  for (;;) {
    Result<proto::Message> request = channel.receive();
    if (!request) return 0;
    channel.received_fds().clear();
    if (request->type == proto::kOpen) {
      document::DocumentInfo info;
      info.pages = 3;
      std::string bytes = proto::pack(info);
      (void)channel.send(proto::Opened{bytes.size()}, proto::kNoDeadline, memfd(bytes, kAll));
      continue;
    }
    if (how == "segfault") ::kill(::getpid(), SIGSEGV);
    if (how == "oom") ::_exit(static_cast<int>(WorkerExit::kOutOfMemory));
    if (how == "exit-3") ::_exit(3);
    if (how == "garbage") (void)write_all(3, "\xFF\xFF\xFF\xFF garbage");
    if (how == "other-message") (void)channel.send(proto::DocumentClosed{});
    if (how == "silent" || how == "garbage" || how == "other-message") continue;
    if (request->type == proto::kRender) {
      (void)channel.send(proto::Raster{100, how == "raster-lies" ? 200u : 100u, 100, 1},
                         proto::kNoDeadline, memfd(std::string(size_t{100} * 100, '\x80'), kAll));
      continue;
    }
    Result<proto::ReadPage> body = proto::from_value<proto::ReadPage>(request->body);
    answer_page(channel, how, body ? body->page : 0);
  }
}

}  // namespace pdf2md::test
