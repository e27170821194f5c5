#include "tests/process/fake_script_reader.h"

#include <signal.h>
#include <unistd.h>

#include "proto/channel.h"
#include "proto/reader_messages.h"
#include "proto/script_messages.h"

namespace pdf2md::test {
namespace {

proto::ScriptsOpened opened(const std::string& how) {
  if (how == "no-data") return {{"Hebrew"}, true};
  return {{"Greek", "Hebrew"}, how != "cannot-tell"};
}

proto::LinesRead read(const std::string& how, const proto::ReadLines& request) {
  proto::LinesRead answer;
  const bool sure = how != "unsure" && how != "latin" && request.script == "Greek";
  for (size_t i = 0; i < request.lines.size(); ++i)
    answer.lines.push_back({std::string(kFakeGreek) + "\n", sure ? 93u : 35u});
  if (how == "few-lines") answer.lines.pop_back();
  return answer;
}

}  // namespace

int play_script_reader(const std::string& how) {
  proto::Channel channel{Fd(3)};
  (void)channel.send(proto::ReaderHello{"none"});
  for (;;) {
    Result<proto::Message> request = channel.receive();
    if (!request) return 0;
    channel.received_fds().clear();
    if (request->type == proto::kOpenScripts) (void)channel.send(opened(how));
    if (request->type == proto::kTellScript)
      (void)channel.send(proto::ScriptTold{how == "latin" ? "Latin" : "Greek"});
    if (request->type != proto::kReadLines || how == "silent") continue;
    if (how == "crash") ::kill(::getpid(), SIGSEGV);
    Result<proto::ReadLines> lines = proto::from_value<proto::ReadLines>(request->body);
    if (lines) (void)channel.send(read(how, *lines));
  }
}

}  // namespace pdf2md::test
