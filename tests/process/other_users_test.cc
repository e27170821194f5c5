#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "proto/spool_messages.h"
#include "tests/process/daemon.h"

namespace pdf2md::tests {
namespace {

constexpr uid_t kSomebody = 65534;
constexpr uid_t kSomebodyElse = 65533;

// The kernel tells the daemon who connected, as of that moment.
Client connect_as(uid_t uid, const Daemon& daemon, gid_t gid = 65534) {
  REQUIRE(::setegid(gid) == 0);
  REQUIRE(::seteuid(uid) == 0);
  Client client(daemon);
  REQUIRE(::seteuid(0) == 0);
  REQUIRE(::setegid(0) == 0);
  return client;
}

bool is_root() {
  if (::geteuid() == 0) return true;
  WARN("only root can connect as two users: not tested");
  return false;
}

bool lists(Client& client, uint64_t job) {
  client.send(proto::StatusRequest{});
  std::vector<proto::JobInfo> jobs = client.expect<proto::Jobs>().jobs;
  return std::any_of(jobs.begin(), jobs.end(),
                     [job](const proto::JobInfo& info) { return info.id == job; });
}

}  // namespace

TEST_CASE("jobs of another user are neither shown, handed out nor cancelled") {
  if (!is_root()) return;
  Daemon daemon({.arguments = {"--set", "socket.mode=0666"}});
  REQUIRE(::chmod(daemon.folder().c_str(), 0711) == 0);
  Client owner = connect_as(kSomebody, daemon);
  Client stranger = connect_as(kSomebodyElse, daemon);
  uint64_t done = owner.submit("a.pdf", 1);
  owner.wait_until_over(done);
  uint64_t running = owner.submit("hang-on-page=1", 1);

  CHECK_FALSE(lists(stranger, done));
  stranger.send(proto::SpoolRequest{});
  CHECK(stranger.expect<proto::SpoolReport>().jobs.empty());
  owner.send(proto::SpoolRequest{});
  CHECK(owner.expect<proto::SpoolReport>().jobs.size() == 2);
  for (uint64_t job : {done, running}) {
    proto::StatusRequest status;
    status.job = job;
    stranger.send(status);
    stranger.expect_error(ErrorCode::kNotYours);
    stranger.send(proto::Watch{job});
    stranger.expect_error(ErrorCode::kNotYours);
    stranger.send(proto::Fetch{job, "md"});
    stranger.expect_error(ErrorCode::kNotYours);
    stranger.send(proto::Cancel{job});
    stranger.expect_error(ErrorCode::kNotYours);
  }
  CHECK(owner.status(running).state < proto::JobState::kDone);
  CHECK(owner.fetch(done) == expected_output(1));

  Client root(daemon);
  CHECK(lists(root, done));
  root.send(proto::Cancel{running});
  root.expect<proto::Done>();
  CHECK(owner.status(running).state == proto::JobState::kCancelled);
}

TEST_CASE("members of the administrators' group may do what root may, others may not") {
  if (!is_root()) return;
  constexpr gid_t kAdmins = 65432;
  Daemon daemon({.arguments = {"--set", "socket.mode=0666", "--set",
                               "socket.admin_group=" + std::to_string(kAdmins)}});
  REQUIRE(::chmod(daemon.folder().c_str(), 0711) == 0);
  Client owner = connect_as(kSomebody, daemon);
  uint64_t job = owner.submit("hang-on-page=1", 1);
  Client stranger = connect_as(kSomebodyElse, daemon);
  stranger.send(proto::DrainPool{});
  stranger.expect_error(ErrorCode::kNotYours);
  Client member = connect_as(kSomebodyElse, daemon, kAdmins);
  CHECK(lists(member, job));
  CHECK(member.operate(proto::DrainPool{}).paused);
  member.send(proto::Cancel{job});
  member.expect<proto::Done>();
}

}  // namespace pdf2md::tests
