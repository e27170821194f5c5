#!/usr/bin/env python3
"""Real full and read-only disks under a daemon with the fake worker: full_disk.py --programs build/bin --folder EMPTY

Mounts small file systems in memory as state folders: needs root, and wants a mount namespace of its own.
Prints "ok - ..." or "not ok - ..." for each thing that is tested.
"""
import argparse
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
import daemon  # noqa: E402

NO_SPACE, IO = 509, 506
PATIENCE_S = 60


def output_of(pages):
    return "".join(f"page {page}: full\n" for page in range(1, pages + 1)).encode()


def document_of(pages, size=100):
    return f"pages={pages} ".encode().ljust(size, b"-")


def eventually(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Tests:
    def __init__(self, options):
        self.options = options
        self.good = True
        self.disks = 0

    def check(self, what, right, why=""):
        self.good = self.good and bool(right)
        print(f"{'ok' if right else 'not ok'} - {what}{'' if right else f': {why}'}", flush=True)

    def daemon_on_a_disk(self, mib):
        """A daemon, not started yet, whose state folder is a file system of its own."""
        self.disks += 1
        folder = os.path.join(self.options.folder, str(self.disks))
        state = os.path.join(folder, "state")
        os.makedirs(state)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=700", "none", state], check=True)
        return daemon.Daemon(self.options.programs, folder, [
            "--worker-program", os.path.join(self.options.programs, "fake-worker"), "--workers", "1", "--readers", "1",
            "--device", "cpu", "--set", "queue.cache=0", "--set", "queue.min_free_mib=0"], state=state)

    def refusal(self, connection, document, **request):
        """What SUBMIT is answered and the job: one of them is None. Without a size, so that only the disk itself can
        say that there is no room."""
        try:
            return None, connection.submit("", document, size=0, **request)
        except daemon.Refused as refused:
            return refused, None

    def text_of_end(self, running):
        """The last words of a daemon that is to leave by itself."""
        running.start()
        status = running.process.wait(PATIENCE_S)
        with open(running.log_path, encoding="utf-8") as log:
            return status, log.read()

    # --- the tests ---

    def full_at_submit(self):
        running = self.daemon_on_a_disk(8)
        running.start()
        connection = running.wait_ready()
        accepted, refused = {}, None
        while refused is None and len(accepted) < 100:
            refused, job = self.refusal(connection, document_of(2, 500_000), hold=True)
            if job is not None:
                accepted[job] = 2
        self.check("a full disk: SUBMIT is refused with the reason and what to do",
                   refused is not None and refused.code == NO_SPACE and "No space left" in str(refused) and refused.hint,
                   vars(refused) if refused else "never full")
        self.check("a full disk: nothing of the refused document stays",
                   eventually(lambda: {int(name) for name in os.listdir(running.state + "/jobs")} == set(connection.jobs())),
                   os.listdir(running.state + "/jobs"))
        # To the last byte, so that the journal cannot grow either.
        ballast = os.path.join(running.state, "ballast")
        fill(ballast)
        answers = [self.refusal(connection, document_of(1))[0] for _ in range(3)]
        self.check("no byte left: small documents are refused as well", all(one is not None and one.code == NO_SPACE for one in answers),
                   [str(one) for one in answers])
        self.check("no byte left: the daemon answers", connection.health()["live"])
        # Those that wait go on, as far as they can, and wait for room.
        for job in accepted:
            connection.ask(daemon.RELEASE, daemon.REQUEST_DONE, job=job)
        self.check("no byte left: health says that jobs wait for room",
                   eventually(lambda: "jobs wait for room" in connection.health()["detail"]), connection.health())
        jobs = connection.jobs()
        self.check("no byte left: no accepted job fails", set(jobs) == set(accepted) and all(job["state"] < daemon.DONE for job in jobs.values()),
                   jobs)
        running.kill()
        os.truncate(ballast, 0)
        running.start()
        connection = running.wait_ready()
        for job in accepted:  # a wish that the journal had no room for
            connection.ask(daemon.RELEASE, daemon.REQUEST_DONE, job=job)
        self.check("killed meanwhile, and with room again: every accepted job ends with its output",
                   self.all_done(connection, accepted), connection.jobs())
        self.check("with room again: documents are accepted", self.refusal(connection, document_of(1))[1] is not None)
        self.check("with room again: the daemon leaves in good order", running.stop() == 0)

    def full_under_a_running_job(self):
        running = self.daemon_on_a_disk(8)
        running.start()
        connection = running.wait_ready()
        job = connection.submit("slow=10", document_of(30))
        eventually(lambda: connection.job(job)["pages_done"] >= 5)
        ballast = os.path.join(running.state, "ballast")
        fill(ballast)
        self.check("full under a running job: it waits, and health says why",
                   eventually(lambda: "No space left" in connection.health()["detail"]), connection.health())
        refused = self.refusal(connection, document_of(1))[0]
        self.check("full under a running job: others are refused", refused is not None and refused.code == NO_SPACE, refused)
        os.truncate(ballast, 0)
        self.check("room again: the job goes on by itself, and ends with its output", self.all_done(connection, {job: 30}), connection.job(job))
        self.check("room again: health is ok, the journal is written",
                   eventually(lambda: connection.health()["status"] == "ok"
                              and not connection.ask(daemon.SPOOL, daemon.SPOOL_REPORT)["journal_problem"]), connection.health())
        running.kill()
        running.start()
        self.check("the journal survived: the next daemon knows the job and its output", self.all_done(running.wait_ready(), {job: 30}))
        running.stop()

    def read_only(self):
        running = self.daemon_on_a_disk(8)
        running.start()
        connection = running.wait_ready()
        job = connection.submit("", document_of(3))
        self.all_done(connection, {job: 3})
        # A file that is open for writing keeps a file system from being remounted; the disk goes all the same
        # when it is bound read-only over itself.
        subprocess.run(["mount", "--bind", running.state, running.state], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", running.state], check=True)
        refused = self.refusal(connection, document_of(1))[0]
        self.check("read-only: SUBMIT is refused with the reason and what to do",
                   refused is not None and refused.code == IO and "Read-only" in str(refused) and refused.hint, refused and vars(refused))
        self.check("read-only: results are served", connection.fetch(job, "md") == output_of(3))
        self.check("read-only: no folder of a refused document", os.listdir(running.state + "/jobs") == [str(job)])
        running.kill()
        status, text = self.text_of_end(running)
        self.check("read-only: the daemon does not start, and says why", status == 1 and "Read-only file system" in text and running.state in text, text)
        subprocess.run(["umount", running.state], check=True)
        running.start()
        self.check("writable again: it starts, and the result is there", self.all_done(running.wait_ready(), {job: 3}))
        running.stop()

    def full_at_start(self):
        running = self.daemon_on_a_disk(4)
        fill(os.path.join(running.state, "ballast"))
        status, text = self.text_of_end(running)
        self.check("full at the first start: it says so and leaves", status == 1 and ("full" in text or "No space left" in text), text)
        os.truncate(os.path.join(running.state, "ballast"), 0)
        running.start()
        connection = running.wait_ready()
        job = connection.submit("", document_of(3))
        self.check("with room: it starts and works", self.all_done(connection, {job: 3}))
        running.kill()
        fill(os.path.join(running.state, "ballast"))
        running.start()
        self.check("full at a later start: it serves what is there", self.all_done(running.wait_ready(), {job: 3}))
        running.stop()

    def all_done(self, connection, jobs):
        def done():
            found = connection.jobs()
            return all(found[job]["state"] >= daemon.DONE for job in jobs)

        return eventually(done) and all(connection.job(job)["state"] == daemon.DONE and connection.fetch(job, "md") == output_of(pages)
                                        for job, pages in jobs.items())


def fill(path):
    """Until nothing more fits."""
    with open(path, "ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=os.path.realpath, required=True)
    parser.add_argument("--folder", type=os.path.realpath, required=True)
    tests = Tests(parser.parse_args())
    for test in (tests.full_at_submit, tests.full_under_a_running_job, tests.read_only, tests.full_at_start):
        try:
            test()
        except (daemon.Gone, daemon.Refused, TimeoutError, subprocess.SubprocessError) as problem:
            tests.check(test.__name__, False, repr(problem))
    sys.exit(0 if tests.good else 1)


if __name__ == "__main__":
    main()
