#!/usr/bin/env python3
"""Many small jobs from many clients at once while workers are killed: is every one accounted for, how long does
ACCEPTED (two fsyncs and a transaction) take, what does the supervisor need?

    flood.py [--programs build/bin] [--jobs 10000] [--clients 64] [--kill-every 0.2]

Runs with the fake worker of the process tests: what is measured is the supervisor.
"""
import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

from chaos import percentile
from daemon import Connection, DONE, Daemon, Refused, send_signal


def client(daemon, count, accepted, waits, lock):
    connection = Connection(daemon.socket, timeout=120)
    for number in range(count):
        document = f"pages={1 + number % 3}".encode()
        while True:
            started = time.monotonic()
            try:
                job = connection.submit("", document)
                break
            except Refused:
                time.sleep(0.2)
        with lock:
            accepted.append(job)
            waits.append(time.monotonic() - started)
    connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", default="build/bin")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kill-every", type=float, default=0.2, metavar="SECONDS")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="pdf2md-flood-")
    daemon = Daemon(options.programs, folder, [
        "--worker-program", os.path.join(options.programs, "fake-worker"), "--workers", str(options.workers),
        "--device", "cpu", "--readers", "2", "--set", "queue.cache=0", "--set", "queue.max_jobs=20000",
        "--set", "retention.max_jobs=100000", "--set", "log.level=warning", "--set", "supervision.backoff_min_s=0.01"])
    daemon.start()
    watcher = daemon.wait_ready()
    accepted, waits, lock = [], [], threading.Lock()
    share = [options.jobs // options.clients + (i < options.jobs % options.clients) for i in range(options.clients)]
    started = time.monotonic()
    threads = [threading.Thread(target=client, args=(daemon, n, accepted, waits, lock)) for n in share]
    for thread in threads:
        thread.start()
    rng, kills, peak_rss = random.Random(1), 0, 0
    submitted_s = None
    while True:
        for worker in watcher.workers():
            if worker["pid"] and rng.random() < 1 / options.workers and send_signal(worker["pid"], signal.SIGKILL):
                kills += 1
                break
        health = watcher.health()
        peak_rss = max(peak_rss, health["supervisor_rss_bytes"])
        if submitted_s is None and not any(thread.is_alive() for thread in threads):
            submitted_s = time.monotonic() - started
        if submitted_s is not None and health["queue_length"] == 0 and health["workers_busy"] == 0:
            break
        time.sleep(options.kill_every)
    done_s = time.monotonic() - started
    # JOBS has room for the newest only: one by one.
    states = {}
    for job in accepted:
        states.setdefault(watcher.job(job)["state"], []).append(job)
    watcher.close()
    daemon.stop()
    figures = {
        "jobs": len(accepted), "distinct": len(set(accepted)), "done": len(states.get(DONE, [])), "kills": kills,
        "accept_ms": {"p50": 1000 * percentile(waits, 0.5), "p99": 1000 * percentile(waits, 0.99)},
        "submitted_s": submitted_s, "done_s": done_s, "supervisor_peak_rss_mb": peak_rss / 1e6,
    }
    print(json.dumps(figures, indent=1))
    lost = figures["done"] != options.jobs or figures["distinct"] != options.jobs
    if lost:
        print(f"kept: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
