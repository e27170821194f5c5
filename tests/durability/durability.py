#!/usr/bin/env python3
"""Nothing that was said is lost with the power: durability.py --programs build/bin --folder EMPTY [--seed N]

Runs a daemon (with the fake worker) under strace through a life with uploads, results, a cancelled job, an answer from
the cache, and a stop in the middle. From the trace alone, and a model of a disk that keeps only what was synced (disk.py), it
then shows

  1. the order: what has to be durable before ACCEPTED, PAGE_DONE, a job's last EVENT, RESULT, and before anything of a
     job is taken away;
  2. the recovery: at many moments of that life, what a power cut at that moment could have left is written to a folder
     and a daemon is started on it. Every job that had been ACCEPTED is there, and ends with the same bytes.

Prints "ok - ..." or "not ok - ..." for each.
"""
import argparse
import concurrent.futures
import contextlib
import hashlib
import os
import random
import shutil
import signal
import sqlite3
import struct
import sys
import threading
import time

import msgpack

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
import daemon  # noqa: E402
import disk  # noqa: E402
import trace  # noqa: E402

PAGE_DONE = 113
STATE_EVENT = 0
NAMES = {daemon.ACCEPTED: "ACCEPTED", PAGE_DONE: "PAGE_DONE", daemon.EVENT: "a job's last EVENT", daemon.RESULT: "RESULT",
         daemon.REQUEST_DONE: "DONE for a cancelled job"}
OVER = {"done": daemon.DONE, "failed": daemon.FAILED, "cancelled": daemon.CANCELLED}
PATIENCE_S = 60


def output_of(pages):
    return "".join(f"page {page}: full\n" for page in range(1, pages + 1)).encode()


class Life:
    """What the daemon is put through while it is traced, and what it should make of it."""

    def __init__(self, options):
        self.folder = options.folder
        self.programs = options.programs
        self.disk = os.path.join(options.folder, "disk")
        self.state = os.path.join(self.disk, "var", "state")
        self.traces = []
        self.documents = {}  # job -> bytes
        self.pages = {}      # job -> how many
        self.cancelled = 0   # the job that is cancelled
        os.makedirs(self.disk)
        models = os.path.join(options.folder, "models")
        os.makedirs(models)
        with open(os.path.join(models, "manifest.toml"), "w", encoding="ascii") as manifest:
            manifest.write("# no models\n")
        self.arguments = ["--worker-program", os.path.join(self.programs, "fake-worker"), "--workers", "2", "--readers", "1",
                          "--device", "cpu", "--set", "model_dir=" + models, "--set", "queue.pages_per_task=2",
                          "--set", "queue.cache=1", "--set", "queue.min_free_mib=0"]

    def start(self):
        path = os.path.join(self.folder, f"trace.{len(self.traces)}")
        self.traces.append(path)
        self.daemon = daemon.Daemon(self.programs, self.folder, self.arguments, [*trace.COMMAND, "-o", path], self.state)
        self.daemon.start()
        return self.daemon.wait_ready()

    def stop(self):
        """In good order: nobody could tell whether a call that is killed had its effect. Strace leaves with the last
        of its processes."""
        [supervisor] = daemon.children(self.daemon.process.pid)
        os.kill(supervisor, signal.SIGTERM)
        self.daemon.process.wait()

    def submit(self, connection, pages, words="", options=None, twin=""):
        document = f"pages={pages} {twin or len(self.documents)}".encode().ljust(5000, b"-")
        job = connection.submit(words, document, {"outputs": ["md"], **(options or {})})
        self.documents[job], self.pages[job] = document, pages
        return job

    def run(self):
        connection = self.start()
        first = self.submit(connection, 5, twin="twin")
        others = [self.submit(connection, pages, "slow=3") for pages in (3, 9)]
        others.append(self.submit(connection, 2, options={"passwords": ["open sesame"]}))
        self.wait([first, *others])
        self.submit(connection, 5, twin="twin")  # answered from the cache
        connection.fetch(first, "md")
        self.cancelled = self.submit(connection, 40, "slow=20")
        self.wait([self.cancelled], 2)
        connection.ask(daemon.CANCEL, daemon.REQUEST_DONE, job=self.cancelled)
        book = self.submit(connection, 14, "slow=20")
        self.wait([book], 3)
        self.stop()
        connection = self.start()
        others = [self.submit(connection, pages, "slow=3") for pages in (4, 6)]
        self.wait([book, *others])
        last = [self.submit(connection, pages, "slow=15") for pages in (8, 1)]
        self.wait(last[:1], 4)
        self.stop()

    def wait(self, jobs, pages=None):
        """Until all are over, or have so many pages. By watching: that is what the order is about."""
        for job in jobs:
            watcher = self.daemon.connect()
            watcher.send(daemon.WATCH, job=job)
            while True:
                event = watcher.receive()[1]
                if event["state"] >= daemon.DONE or (pages is not None and event["pages_done"] >= pages):
                    break
            watcher.close()


def without_memory(tree, below):
    (disk.at(tree, below) or {}).pop("journal.db-shm", None)
    return tree


def comparable(tree):
    """Without the fake worker's notes: two workers append to them at once, and the order is open."""
    return {name: comparable(inner) if isinstance(inner, dict) else inner for name, inner in tree.items() if name != "computed"}


def frames(call):
    """What a process sends to another: messages of the protocol, if it is that."""
    if call.name == "sendmsg":
        parts = [argument.partition('iov_base="')[2].rstrip('"') for argument in call.arguments if "iov_base=" in argument]
        data = b"".join(trace.unescape(part) for part in parts)
    elif call.name in ("sendto", "write") and "<" in call.arguments[0]:
        data = call.bytes(1)
    else:
        return
    with contextlib.suppress(ValueError, KeyError, TypeError, struct.error, msgpack.UnpackException):
        while len(data) > 4:
            size = struct.unpack(">I", data[:4])[0]
            message = msgpack.unpackb(data[4 : 4 + size])
            yield message["t"], message["b"]
            data = data[4 + size :]


class Results:
    """Counts what was looked at, and keeps what was wrong."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts, self.problems = {}, {}

    def expect(self, what, problem):
        """`problem`: why it is wrong; empty: it is right."""
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1
            if problem:
                self.problems.setdefault(what, []).append(problem)

    def print(self):
        for what, count in self.counts.items():
            problems = self.problems.get(what, [])
            print(f"{'not ok' if problems else 'ok'} - {what} ({count} times{f', {len(problems)} wrong' if problems else ''})")
            for problem in problems[:10]:
                print(f"    {problem}")
        return not self.problems


class Judge:
    """Follows the trace and knows what has been promised so far."""

    def __init__(self, life, results):
        self.life, self.results = life, results
        self.disk = disk.Disk(life.disk)
        self.below = os.path.relpath(life.state, life.disk)
        self.accepted = set()

    def tree(self, left):
        """What is left on the disk; without SQLite's memory, which is mapped, not written."""
        return without_memory(self.disk.tree(left), self.below)

    def journal(self, tree):
        """The states of the jobs that a journal tells after recovery."""
        folder = os.path.join(self.life.folder, "look")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for name in ("journal.db", "journal.db-wal"):
            content = disk.at(tree, f"{self.below}/{name}")
            if content is not None:
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(content)
        with contextlib.closing(sqlite3.connect(os.path.join(folder, "journal.db"))) as database:
            try:
                return dict(database.execute("SELECT id, state FROM jobs"))
            except sqlite3.Error as problem:
                return {"problem": str(problem)}

    def before_message(self, number, body):
        """A message is about to be sent: is what it says durable?"""
        job = self.life.cancelled if number == daemon.REQUEST_DONE else body.get("job")
        if number == daemon.EVENT and not (body["kind"] == STATE_EVENT and body["state"] >= daemon.DONE):
            return False
        if number not in NAMES:
            return False
        tree = self.tree(disk.synced_only)
        folder = f"{self.below}/jobs/{job}"
        problems = []

        def has(name, content=None):
            found = disk.at(tree, f"{folder}/{name}")
            last = self.disk.find(f"{self.life.state}/jobs/{job}/{name}")
            if found is None:
                problems.append(f"job {job}: the name {name} is not synced")
            elif last is None:
                pass  # a cancelled job: its folder has been taken away since
            elif isinstance(found, bytes) and found != (bytes(last.content) if content is None else content):
                problems.append(f"job {job}: the bytes of {name} are not synced")

        if number == daemon.ACCEPTED:
            self.accepted.add(job)
            state = self.journal(tree).get(job)
            if state is None:
                problems.append(f"job {job} is not in the synced journal")
            if state != "done":  # else answered from the cache
                has("document", self.life.documents[job])
                has("pages")
            has("output")
            has("assets")
        elif number == PAGE_DONE:
            has(f"pages/{body['page']:06}")
        elif number == daemon.REQUEST_DONE:
            state = self.journal(tree).get(job)
            if state != "cancelled":
                problems.append(f"job {job} is {state} in the synced journal")
        elif number == daemon.RESULT or body["state"] == daemon.DONE:
            has("output/document.md", output_of(self.life.pages[job]))
        if number == daemon.EVENT:
            state = self.journal(tree).get(job)
            if OVER.get(state) != body["state"]:
                problems.append(f"job {job} is {state} in the synced journal")
        self.results.expect(f"{NAMES[number]}: what it says is synced before it is sent", "; ".join(problems))
        return True

    def before_loss(self, call):
        """Something is about to get another name or none: is it needed no more?"""
        if call.name not in ("rename", "unlink"):
            return
        parts = call.path(0).removeprefix(self.life.state + "/jobs/").split("/")
        if not parts[0].isdigit() or parts[1:] not in ([], ["document"], ["info"], ["pages"]):
            return
        job = int(parts[0])
        if job not in self.accepted:
            return
        state = self.journal(self.disk.tree(disk.synced_only)).get(job)
        self.results.expect("what a job needs goes only when the synced journal says that it is over",
                            "" if state in OVER else f"job {job} is {state}, and {'/'.join(parts)} goes")


class Crash:
    """What a power cut leaves, and a daemon that has to go on from there."""

    def __init__(self, label, tree, judge):
        self.label, self.tree = label, tree
        self.accepted = set(judge.accepted)
        self.life, self.below = judge.life, judge.below

    def problem(self, folder):
        os.makedirs(folder)
        disk.write_tree(self.tree, os.path.join(folder, "disk"))
        state = os.path.join(folder, "disk", self.below)
        running = daemon.Daemon(self.life.programs, folder, self.life.arguments, state=state)
        running.start()
        try:
            problem = self.look(running.connect(), state)
            if running.stop() != 0:
                problem = problem or "the daemon did not leave in good order"
        except (daemon.Gone, daemon.Refused, TimeoutError) as problem_of_daemon:
            problem = str(problem_of_daemon)
        finally:
            if running.process.poll() is None:
                running.kill()
        if not problem:
            shutil.rmtree(folder)
        return f"{self.label}: {problem} (kept in {folder})" if problem else ""

    def look(self, connection, state):
        jobs = connection.jobs()
        missing = self.accepted - set(jobs)
        if missing:
            return f"accepted, and not there: {sorted(missing)}"
        strangers = set(jobs) - set(self.life.pages)
        if strangers:
            return f"never submitted: {sorted(strangers)}"
        end = time.monotonic() + PATIENCE_S
        while any(job["state"] < daemon.DONE for job in jobs.values()):
            if time.monotonic() > end:
                return f"not done within {PATIENCE_S} s: {[number for number, job in jobs.items() if job['state'] < daemon.DONE]}"
            time.sleep(0.02)
            jobs = connection.jobs()
        for number, job in jobs.items():
            if job["state"] == daemon.CANCELLED and number == self.life.cancelled:
                continue
            if job["state"] != daemon.DONE:
                return f"job {number} ends in state {job['state']}: {job['error']}"
            if connection.fetch(number, "md") != output_of(self.life.pages[number]):
                return f"the output of job {number} is another one"
        folders = {int(name) for name in os.listdir(os.path.join(state, "jobs"))}
        if not folders <= set(jobs):
            return f"folders of no job: {sorted(folders - set(jobs))}"
        return ""


VARIANTS = {
    "synced only": lambda chance: disk.synced_only,
    "names before bytes": lambda chance: disk.names_first,
    "some of the rest": disk.by_chance,
}


def replay(life, results, options):
    """Follows the trace; at chosen moments starts daemons on what would be left."""
    chance = random.Random(options.seed)
    judge = Judge(life, results)
    seen = set()
    room = threading.Semaphore(4)

    def check(crash, folder):
        try:
            results.expect("after a power cut every accepted job goes on and ends with the same bytes", crash.problem(folder))
        finally:
            room.release()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        running = []

        def cut(label):
            for name, variant in VARIANTS.items():
                tree = judge.tree(variant(chance))
                digest = hashlib.sha256(repr(tree).encode()).digest()
                if digest in seen:
                    continue
                seen.add(digest)
                room.acquire()
                running.append(pool.submit(check, Crash(f"{label}, {name}", tree, judge),
                                           os.path.join(life.folder, f"cut.{len(running)}")))

        for number, path in enumerate(life.traces):
            for kind, call in trace.read(path):
                where = f"trace {number} line {call.begin}"
                if kind == "begin":
                    judge.before_loss(call)
                    judge.disk.begin(call)
                    for message, body in frames(call):
                        if judge.before_message(message, body) and chance.random() < options.share.get(message, 1):
                            cut(f"{where}, {NAMES[message]} of job {body.get('job', life.cancelled)}")
                else:
                    judge.disk.end(call)
                    if chance.random() < options.share[0] and judge.accepted:
                        cut(f"{where}, after {call.name}")
        for one in running:
            one.result()
    return judge


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=os.path.realpath, required=True)
    parser.add_argument("--folder", type=os.path.realpath, required=True)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    # How many of the moments are tried: all but for pages, and a few between.
    options.share = {PAGE_DONE: 0.2, 0: 0.005}
    print(f"seed {options.seed}", flush=True)
    life = Life(options)
    results = Results()
    life.run()
    judge = replay(life, results, options)
    model, real = judge.tree(disk.everything), without_memory(disk.read_tree(life.disk), judge.below)
    results.expect("the model of the disk ends as the real one did", "" if comparable(model) == comparable(real) else "see disk.py: a call is missing")
    sys.exit(0 if results.print() else 1)


if __name__ == "__main__":
    main()
