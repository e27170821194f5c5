#!/usr/bin/env python3
"""Breaks a running pdf2mdd on purpose and looks whether anything of what it accepted is lost.

    chaos.py --programs build/bin --documents DIR... [--faults 100] [--seed 1] [--workers 2] [--device cpu]
             [--pace READER_PAGES:WORKER_SECONDS --seconds 120] [--set KEY=VALUE]...

Converts all documents once undisturbed; that is the reference, in bytes and in pages a second. Then again and
again, while faults (faults.py) strike at random, until as many as asked for have hit a process with a page in
flight. The cache is off. In the end every document must have arrived, byte-identical; no process, no file
descriptor and no file may be left over; no finished page may have been computed twice. --pace strikes at a steady
rate instead, one reader every so many pages and each worker every so many seconds, to measure what that costs: the
same load runs for --seconds without faults, then for as long with them.

Exit code 0: all of that holds. The last lines are a table of figures.
"""
import argparse
import collections
import glob
import hashlib
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time

from daemon import CANCELLED, DONE, Daemon, FAILED, Gone, Refused, descendants, process_field
from faults import Target, all_faults, kill_reader, kill_worker, open_descriptors

IN_QUEUE = 6      # documents that wait or run at a time
PATIENCE_S = 300  # until all workers are ready again, however many faults strike meanwhile


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Run:
    """Feeds documents to a daemon, keeps the connection, collects what comes out."""

    def __init__(self, daemon, documents, reference=None):
        self.daemon, self.documents, self.reference = daemon, documents, reference
        self.connection = daemon.wait_ready()
        self.open = {}      # job → document
        self.results = {}   # document → digest of its outputs, of the first run
        self.problems = []
        self.pages = self.jobs = 0
        self.next = 0
        self.first_descriptors = open_descriptors(daemon.process.pid)

    def reconnect(self):
        self.connection.close()
        self.connection = self.daemon.connect()

    def feed(self, names, most=IN_QUEUE):
        """Keeps the queue filled; `names` gives the next document or None."""
        while len(self.open) < most:
            name = names()
            if name is None:
                return
            try:
                job = self.connection.submit(os.path.basename(name), self.documents[name])
            except Gone:
                # Whether it was accepted is not known; if it was, it is found among the jobs.
                self.reconnect()
                continue
            self.open[job] = name

    def adopt(self):
        """Jobs that were accepted although the answer did not reach us."""
        by_name = {os.path.basename(name): name for name in self.documents}
        for number, job in self.connection.jobs().items():
            if number not in self.open and number > self.last and job["name"] in by_name:
                self.open[number] = by_name[job["name"]]

    last = 0

    def collect(self):
        """Fetches what is done; compares it with the reference."""
        for number, job in self.connection.jobs().items():
            if number not in self.open:
                continue
            name = self.open[number]
            if job["state"] in (FAILED, CANCELLED):
                if self.reference is not None and self.reference[name] != "failed: " + job["error"]:
                    self.problems.append(f"{name}: job {number} failed: {job['error']}")
                self.finish(number, name, "failed: " + job["error"], 0)
            elif job["state"] == DONE:
                if job["pages_failed"] or job["pages_degraded"]:
                    self.problems.append(
                        f"{name}: pages failed {job['pages_failed']}, degraded {job['pages_degraded']}")
                digest = hashlib.sha256()
                for output in sorted(output["name"] for output in job["outputs"]):
                    digest.update(self.connection.fetch(number, output))
                self.finish(number, name, digest.hexdigest(), job["pages_total"])

    def finish(self, number, name, digest, pages):
        if self.reference is not None and self.reference.get(name) != digest:
            self.problems.append(f"{name}: job {number} differs from the undisturbed run")
        if self.reference is None:
            self.results[name] = digest
        self.pages += pages
        self.jobs += 1
        self.last = max(self.last, number)
        del self.open[number]

    def missing_jobs(self):
        """Accepted, and not known any more."""
        known = self.connection.jobs()
        for number in list(self.open):
            if number not in known:
                self.problems.append(f"{self.open[number]}: job {number} was accepted and is gone")
                del self.open[number]


def undisturbed(daemon, documents):
    run = Run(daemon, documents)
    waiting = sorted(documents)
    started = time.monotonic()
    while waiting or run.open:
        run.feed(lambda: waiting.pop(0) if waiting else None)
        run.collect()
        time.sleep(0.01)
    return run, time.monotonic() - started


class Striker:
    """Chooses faults, and measures how long the daemon takes to be itself again. It does not wait for that: the next
    fault may strike what the last one has left over."""

    def __init__(self, run, rng, pace, faults, workers):
        self.run, self.rng, self.pace, self.faults, self.workers = run, rng, pace, faults, workers
        self.worker_faults = collections.Counter()  # by job
        self.reader_faults = collections.Counter()  # by (job, page)
        self.counts = collections.Counter()
        self.recoveries = collections.defaultdict(list)
        self.recovering = []  # (what, when, pids of the workers before)
        self.next_s = time.monotonic()
        self.reader_pages = 0
        self.next_worker_s = time.monotonic() + (pace[1] / workers if pace else 0)

    def strike(self):
        self.look()
        if self.pace:
            return self.strike_in_step()
        if time.monotonic() < self.next_s:
            return
        names = list(self.faults)
        name = self.rng.choices(names, [self.faults[n][1] for n in names])[0]
        self.hit(name, self.faults[name][0], self.faults[name][2])
        self.next_s = time.monotonic() + self.rng.uniform(0, 0.5)

    def spared(self, name, wait_for):
        """A page under which workers die again and again while it is alone is given up, and rightly so: nobody can
        tell our signals from its doing. So no document is struck through its worker, or the supervisor, more than
        twice, and no page through its reader; and everything gets done in the end."""
        if wait_for in ("worker", "supervisor"):
            running = [n for n, job in self.run.connection.jobs().items() if n in self.run.open and job["state"] == 1]
            if any(self.worker_faults[number] >= 2 for number in running):
                return True
            self.worker_faults.update(running)
        elif "reader" in name:
            pages = [(w["job"], w["page"]) for w in self.run.connection.workers() if w["page"] != 0]
            if any(self.reader_faults[page] >= 2 for page in pages):
                return True
            self.reader_faults.update(pages)
        return False

    def strike_in_step(self):
        done = self.run.pages + sum(job["pages_done"] for number, job in self.run.connection.jobs().items()
                                    if number in self.run.open)
        if done - self.reader_pages >= self.pace[0] and self.hit("kill -9 reader", kill_reader, "nothing"):
            self.reader_pages = done
        if time.monotonic() >= self.next_worker_s and self.hit("kill -9 worker", kill_worker, "worker"):
            self.next_worker_s = time.monotonic() + self.pace[1] / self.workers

    def hit(self, name, fault, wait_for):
        run = self.run
        if self.spared(name, wait_for):
            return False
        before = {worker["slot"]: worker["pid"] for worker in run.connection.workers()}
        at = time.monotonic()
        if not fault(Target(run.daemon, run.connection, self.rng)):
            return False
        self.counts[name] += 1
        if wait_for == "supervisor":
            run.daemon.start()
            run.reconnect()
            self.recoveries["supervisor killed → serving"].append(time.monotonic() - at)
            run.adopt()
            run.missing_jobs()
            self.recovering = [("supervisor killed → all workers ready", at, None)]
        elif wait_for == "worker":
            self.recovering.append((f"{name} → all workers ready", at, before))
        return True

    def look(self):
        """Which of the faults the workers have got over by now."""
        if not self.recovering:
            return
        workers = self.run.connection.workers()
        ready = all(worker["state"] in ("ready", "busy") for worker in workers)
        still = []
        for what, at, before in self.recovering:
            struck = before is None or any(worker["pid"] != before.get(worker["slot"]) for worker in workers)
            if ready and struck:
                self.recoveries[what].append(time.monotonic() - at)
            elif time.monotonic() - at > PATIENCE_S:
                self.run.problems.append(f"{what}: not within {PATIENCE_S} s")
            else:
                still.append((what, at, before))
        self.recovering = still


def disturbed(daemon, documents, reference, options, rng, strikes=True):
    """Until there were enough faults or, with a pace, for so many seconds; then what is open is finished."""
    run = Run(daemon, documents, reference)
    striker = Striker(run, rng, options.pace, all_faults(options.hooks), options.workers)
    names = sorted(documents)
    queue = []
    started = said = time.monotonic()
    in_time = [0, 0.0]  # pages and seconds of a paced run, without its end

    def enough():
        if options.pace:
            return time.monotonic() - started > options.seconds
        return sum(striker.counts.values()) >= options.faults

    def next_name():
        if enough():
            return None
        if not queue:
            queue.extend(names)
            if not options.pace:
                rng.shuffle(queue)
        return queue.pop(0)

    while True:
        run.feed(next_name, IN_QUEUE if not options.pace else len(documents))
        over = enough()
        if over and in_time[1] == 0:
            in_time = [run.pages, time.monotonic() - started]
        if over and not run.open and not striker.recovering:
            break
        try:
            if over:
                striker.look()
            elif strikes:
                striker.strike()
            run.collect()
        except (Gone, Refused):
            run.reconnect()
        time.sleep(0.005)
        if time.monotonic() - said > 30:
            said = time.monotonic()
            print(f"{sum(striker.counts.values())} faults, {run.jobs} documents, {run.pages} pages, "
                  f"{len(run.problems)} problems", file=sys.stderr)
    if options.pace:
        return run, striker, in_time[0] / in_time[1]
    return run, striker, run.pages / (time.monotonic() - started)


def leftovers(run, options):
    """Stops the daemon and looks for what it left."""
    daemon = run.daemon
    descriptors = open_descriptors(daemon.process.pid)
    if descriptors > run.first_descriptors + options.workers * 2 + 4:
        run.problems.append(f"the supervisor has {descriptors} descriptors, {run.first_descriptors} at first")
    jobs = run.connection.jobs()
    family = descendants(daemon.process.pid)
    run.connection.close()
    code = daemon.stop()
    if code != 0:
        run.problems.append(f"pdf2mdd left with {code}")
    time.sleep(0.5)
    for pid in family:
        if process_field(pid, 0) not in ("", "Z", "X"):  # a zombie waits for somebody else's init
            run.problems.append(f"process {pid} is left over")
    for folder in os.listdir(os.path.join(daemon.state, "jobs")):
        if int(folder) not in jobs:
            run.problems.append(f"jobs/{folder} is left over")
    temporary = glob.glob(os.path.join(daemon.state, "jobs", "**", "*.tmp"), recursive=True)
    if temporary:
        run.problems.append(f"temporary files are left over: {temporary[:3]}")


def computed_twice(daemon):
    """Pages whose finished record was made more than once, by the workers' logs."""
    made = collections.Counter()
    with open(daemon.log_path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if "page record written" in line:
                found = re.search(r"job=(\d+) page=(\d+)", line)
                if found:
                    made[found.groups()] += 1
    return sum(count - 1 for count in made.values()), len(made)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", default="build/bin")
    parser.add_argument("--documents", nargs="+", required=True, help="PDF files, or folders of them")
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--hooks", action="store_true", help="the programs are those of `make hooks`: inject faults, too")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--pace", type=lambda text: tuple(float(part) for part in text.split(":")))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", help="write the figures there")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", file=sys.stderr)

    documents = {}
    for place in options.documents:
        for path in sorted(glob.glob(os.path.join(place, "*.pdf"))) if os.path.isdir(place) else [place]:
            with open(path, "rb") as file:
                documents[path] = file.read()
    folder = tempfile.mkdtemp(prefix="pdf2md-chaos-")
    arguments = ["--workers", str(options.workers), "--device", options.device, "--readers", str(options.readers)]
    for setting in ["queue.cache=0", "log.level=debug", "retention.max_jobs=100000", "retention.max_mib=100000",
                    "limits.page_timeout_s=30", "limits.job_timeout_s=3600", "supervision.unresponsive_s=8", "supervision.canary_timeout_s=5",
                    "supervision.backoff_min_s=0.05", *options.set]:
        arguments += ["--set", setting]

    calm = Daemon(options.programs, os.path.join(folder, "calm"), arguments)
    calm.start()
    reference, calm_s = undisturbed(calm, documents)
    calm_rate = reference.pages / calm_s
    if options.pace:
        calm_rate = disturbed(calm, documents, reference.results, options, random.Random(seed), strikes=False)[2]
    calm.stop()
    print(f"undisturbed: {calm_rate:.2f} pages/s", file=sys.stderr)

    daemon = Daemon(options.programs, os.path.join(folder, "chaos"), arguments)
    daemon.start()
    if options.pace:
        undisturbed(daemon, documents)  # as warm as the other one was
    run, striker, rate = disturbed(daemon, documents, reference.results, options, random.Random(seed))
    leftovers(run, options)
    twice, recorded = computed_twice(daemon)
    if twice:
        run.problems.append(f"{twice} finished pages were computed again")

    figures = {
        "seed": seed, "faults": sum(striker.counts.values()), "by_kind": dict(striker.counts),
        "documents": run.jobs, "pages": run.pages, "problems": len(run.problems),
        "finished_pages_computed_again": twice, "page_records": recorded,
        "pages_per_s_undisturbed": calm_rate, "pages_per_s": rate, "throughput_ratio": rate / calm_rate,
        "recovery_s": {what: {"n": len(times), "p50": percentile(times, 0.5), "p99": percentile(times, 0.99)}
                       for what, times in striker.recoveries.items()},
    }
    for problem in run.problems[:40]:
        print("PROBLEM " + problem)
    for kind, count in striker.counts.most_common():
        print(f"{count:6} {kind}")
    for what, times in figures["recovery_s"].items():
        print(f"{what}: n {times['n']}, p50 {times['p50']:.3f} s, p99 {times['p99']:.3f} s")
    print(f"{figures['faults']} faults, {run.jobs} documents, {run.pages} pages: {len(run.problems)} problems; "
          f"{twice} of {recorded} finished pages computed again; "
          f"{figures['pages_per_s']:.2f} pages/s against {figures['pages_per_s_undisturbed']:.2f} undisturbed "
          f"({figures['throughput_ratio']:.2f})")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=1)
    if run.problems:
        print(f"kept: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
