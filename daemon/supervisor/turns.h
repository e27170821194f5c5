// Whose turn it is to be given work. Pure.
//
// Owners take turns by deficit round robin: whoever is in front is given work until a quantum of
// pages is used up, then goes to the end. So an owner with a thousand jobs and one with a single
// job get the same number of pages, as long as both have work waiting.
//
// Within an owner, a job has a level: the quanta of pages that it was given so far, weighed by its
// priority. The lowest level goes first, the higher priority within a level, then the older job. So
// equal small jobs are finished one after the other, a small one is not stuck behind a book, books
// share, and a book of priority 100 gets two pages where one of priority 50 gets one.
//
// Nobody starves: every fourth turn of an owner goes to the oldest of the jobs, whatever their
// levels, and a step of priority counts as much as so many (kJobsPerStep) jobs of age. A job of the
// lowest priority is passed by many, but each that comes later has less of a lead.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <ext/pb_ds/assoc_container.hpp>

#include "proto/messages.h"

namespace pdf2md::supervisor {

class Turns {
 public:
  // A job with work to hand out.
  struct Ticket {
    uint64_t job = 0;  // ascending with age
    uint32_t owner = 0;
    uint32_t priority = proto::kDefaultPriority;
    uint64_t pages_given = 0;
    bool begun = false;       // it was given work before
    bool alone_only = false;  // all its work needs a worker of its own
  };

  // `max_cost`: the most pages that one turn can cost.
  explicit Turns(uint64_t max_cost) { set_max_cost(max_cost); }
  void set_max_cost(uint64_t max_cost);

  // Adds the job, or changes what is known of it.
  void place(const Ticket& ticket);
  void remove(uint64_t job);

  // The job whose turn it is; what it is given is told by charge(). `allow_alone`: also work that
  // needs a worker of its own.
  std::optional<uint64_t> next(bool allow_alone);
  void charge(uint64_t job, uint64_t pages);

  // How many jobs that were not begun come before this one, if owners took turns job by job. 0 for
  // a job that was begun or has no ticket.
  size_t position(uint64_t job) const;
  bool empty() const { return tickets_.empty(); }

 private:
  using LevelKey = std::tuple<uint64_t, uint32_t, uint64_t>;  // level, steps below 100, job
  using AgeKey = std::pair<uint64_t, uint64_t>;               // age with priority, job
  using WaitKey = std::pair<uint32_t, uint64_t>;              // steps below 100, job
  // A search tree that also tells how many keys are below one.
  using RankedSet =
      __gnu_pbds::tree<WaitKey, __gnu_pbds::null_type, std::less<WaitKey>, __gnu_pbds::rb_tree_tag,
                       __gnu_pbds::tree_order_statistics_node_update>;

  struct Line {
    std::set<LevelKey> by_level;
    std::set<AgeKey> by_age;
  };
  struct Owner {
    Line ordinary;
    Line alone;
    RankedSet waiting;  // not begun
    int64_t deficit = 0;
    uint64_t turns = 0;
    std::list<uint32_t>::iterator place;
  };

  static LevelKey level_key(const Ticket& ticket);
  static AgeKey age_key(const Ticket& ticket);
  static WaitKey wait_key(const Ticket& ticket);
  static std::optional<uint64_t> pick(Owner& owner, bool allow_alone);
  void erase(const Ticket& ticket, Owner& owner);

  int64_t quantum_ = 0;
  std::unordered_map<uint64_t, Ticket> tickets_;
  std::map<uint32_t, Owner> owners_;
  std::list<uint32_t> ring_;  // the owner in front has the turn
};

}  // namespace pdf2md::supervisor
