// What an administrator asks of a running daemon; numbers and conversation as in messages.h.
//
// Only root, the daemon's own user and members of its admin group may send RESIZE, DRAIN, RESUME,
// RESTART_WORKER and RELOAD; anybody else gets ERROR not_yours. DEATHS is for all.
#pragma once

#include "proto/messages.h"

namespace pdf2md::proto {

// The number of workers from now on, until the daemon ends. Those that are too many finish what
// they have. Answer: POOL.
struct Resize {
  static constexpr uint16_t kType = kResize;
  uint32_t workers = 0;
  template <class A>
  void fields(A& a) {
    a("workers", workers);
  }
};

// Nothing more is handed to the workers; documents are accepted and wait. Answer: POOL.
struct DrainPool {
  static constexpr uint16_t kType = kDrainPool;
  template <class A>
  void fields(A&) {}
};

// The end of DRAIN. Answer: POOL.
struct ResumePool {
  static constexpr uint16_t kType = kResumePool;
  template <class A>
  void fields(A&) {}
};

// Replaces the worker of a slot, or all of them one after the other, without a gap in service. One
// that is broken is tried again at once. Answer: POOL.
struct RestartWorker {
  static constexpr uint16_t kType = kRestartWorker;
  std::optional<uint32_t> slot;  // nil: all
  template <class A>
  void fields(A& a) {
    a("slot", slot);
  }
};

// How things stand after the request; processes come and go after that.
struct Pool {
  static constexpr uint16_t kType = kPool;
  uint32_t workers = 0;  // wanted
  uint32_t ready = 0;    // able to work, those at work included
  uint32_t leaving = 0;  // finishing what they have
  bool paused = false;   // by DRAIN
  uint32_t tasks = 0;    // under way
  uint32_t jobs = 0;     // unfinished
  template <class A>
  void fields(A& a) {
    a("workers", workers);
    a("ready", ready);
    a("leaving", leaving);
    a("paused", paused);
    a("tasks", tasks);
    a("jobs", jobs);
  }
};

// Reads the configuration again, as SIGHUP does. Answer: RELOADED.
struct Reload {
  static constexpr uint16_t kType = kReload;
  template <class A>
  void fields(A&) {}
};

struct SettingChange {
  std::string key;  // "queue.max_jobs"
  std::string before, after;
  std::string
      effect;  // "now"; "workers": replaced one by one; "restart": of the daemon, not before
  template <class A>
  void fields(A& a) {
    a("key", key);
    a("before", before);
    a("after", after);
    a("effect", effect);
  }
};

struct SettingProblem {
  std::string where;  // "/etc/pdf2md/pdf2mdd.toml:12"
  std::string what;
  template <class A>
  void fields(A& a) {
    a("where", where);
    a("what", what);
  }
};

struct Reloaded {
  static constexpr uint16_t kType = kReloaded;
  std::vector<SettingProblem> problems;  // if there is one, nothing was changed
  std::vector<SettingChange> changes;
  template <class A>
  void fields(A& a) {
    a("problems", problems);
    a("changes", changes);
  }
};

// Answer: DEATH_LIST.
struct DeathsRequest {
  static constexpr uint16_t kType = kDeaths;
  template <class A>
  void fields(A&) {}
};

// How a worker process ended that was not meant to end.
struct Death {
  int64_t unix_ms = 0;
  uint32_t slot = 0;
  int32_t pid = 0;
  std::string device;     // "" before it was known
  std::string stage;      // spawning, loading, ready, busy, draining
  std::string exit_text;  // "signal 9 (Killed)", "exit 68 (device fault)"
  uint32_t signal = 0;    // 0: none
  int32_t exit_code = 0;  // where there was no signal
  uint64_t job = 0;       // the one whose page was the oldest under way; 0: none
  uint32_t page = 0;      // that page; 0: none
  std::string reason;     // why the daemon killed it; empty: it did not
  template <class A>
  void fields(A& a) {
    a("unix_ms", unix_ms);
    a("slot", slot);
    a("pid", pid);
    a("device", device);
    a("stage", stage);
    a("exit", exit_text);
    a("signal", signal);
    a("exit_code", exit_code);
    a("job", job);
    a("page", page);
    a("reason", reason);
  }
};

struct DeathList {
  static constexpr uint16_t kType = kDeathList;
  std::vector<Death> deaths;  // the last ones, oldest first
  uint64_t total = 0;         // since the daemon's start
  template <class A>
  void fields(A& a) {
    a("deaths", deaths);
    a("total", total);
  }
};

}  // namespace pdf2md::proto
