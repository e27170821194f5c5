#!/usr/bin/env python3
"""What supervision costs: prints ratios and times, asserts nothing.

    bench.py recycling --documents DIR [--max-jobs 20] [--seconds 60] [--clients 4]
        The same load with recycle.max_jobs off and on: pages a second, and the time from SUBMIT to DONE.
    bench.py cancel --documents DIR [--repeat 50]
        A document is cancelled in the middle; how long until the next one is as fast as on an idle daemon.
    bench.py throughput --documents DIR [--seconds 60] [--clients 32]
        Pages a second, time from SUBMIT to DONE, processor seconds a page of each program, how busy the GPU was.
    bench.py memory --documents FILE...
        Peak memory of each program for each document, from the kernel's high-water marks.

Common: [--programs build/bin] [--device cpu] [--workers 2] [--readers 2] [--set KEY=VALUE]...
"""
import argparse
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from daemon import (ACCEPTED, CANCEL, CANCELLED, DATA, DATA_END, DONE, Daemon, EVENT, FAILED, SUBMIT,
                    REQUEST_DONE, descendants)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def begin(connection, document):
    """Hands in a document whose events come unasked; its number."""
    connection.send(SUBMIT, options={"name": "bench", "outputs": ["md"]}, size=len(document), attached=True)
    for start in range(0, len(document), 1 << 18):
        connection.send(DATA, bytes=document[start : start + (1 << 18)])
    connection.send(DATA_END)
    number, body = connection.receive()
    assert number == ACCEPTED, (number, body)
    return body["job"]


def wait_for(connection, job, until):
    """The event of the job for which `until` holds."""
    while True:
        number, body = connection.receive()
        if number == EVENT and body["job"] == job and until(body):
            return body


def is_over(event):
    return event["state"] in (DONE, FAILED, CANCELLED)


def convert(connection, document):
    """Seconds it took, and its pages."""
    started = time.monotonic()
    event = wait_for(connection, begin(connection, document), is_over)
    assert event["state"] == DONE, event
    return time.monotonic() - started, event["pages_total"]


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = tempfile.mkdtemp(prefix="pdf2md-bench-")
        self.runs = 0

    def daemon(self, *settings):
        """A fresh one, with its workers ready."""
        o = self.options
        arguments = ["--workers", str(o.workers), "--device", o.device, "--readers", str(o.readers)]
        for setting in ["queue.cache=0", "log.level=info", "limits.job_timeout_s=7200", *o.set, *settings]:
            arguments += ["--set", setting]
        self.runs += 1
        daemon = Daemon(o.programs, os.path.join(self.folder, str(self.runs)), arguments)
        daemon.start()
        connection = daemon.wait_ready()
        while connection.health()["workers_ready"] < o.workers:
            time.sleep(0.05)
        connection.close()
        return daemon

    def close(self):
        shutil.rmtree(self.folder)


def load(daemon, documents, clients, seconds):
    """Closed loop: each client hands in one document after the other. (latencies, pages, seconds)"""
    latencies, pages, lock = [], [0], threading.Lock()
    end = time.monotonic() + seconds

    def client(first):
        connection = daemon.connect()
        connection.socket.settimeout(600)
        at = first
        while time.monotonic() < end:
            took, count = convert(connection, documents[at % len(documents)])
            at += clients
            with lock:
                latencies.append(took)
                pages[0] += count
        connection.close()

    started = time.monotonic()
    threads = [threading.Thread(target=client, args=(i,)) for i in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies, pages[0], time.monotonic() - started


def processor_seconds(pid):
    """Of a process, all below it, and all that these have waited for, by program."""
    found, tick = {}, os.sysconf("SC_CLK_TCK")
    for one in [pid, *descendants(pid)]:
        try:
            with open(f"/proc/{one}/stat", encoding="ascii", errors="replace") as file:
                name, fields = file.read().split("(", 1)[1].rsplit(")", 1)
            used = sum(int(field) for field in fields.split()[11:13]) / tick
            found[name] = found.get(name, 0) + used
        except OSError:
            pass
    return found


class GpuWatch:
    """Share of the time in which a kernel ran, sampled until told to stop; None without nvidia-smi."""

    def __init__(self):
        self.samples, self.process = [], None
        try:
            self.process = subprocess.Popen(
                ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits", "-lms", "250"],
                stdout=subprocess.PIPE, text=True)
            threading.Thread(target=self.read, daemon=True).start()
        except OSError:
            pass

    def read(self):
        for line in self.process.stdout:
            self.samples.append([float(value) for value in line.split(",")])

    def stop(self):
        if self.process is None:
            return None, None
        self.process.terminate()
        self.process.wait()
        if not self.samples:
            return None, None
        return sum(s[0] for s in self.samples) / len(self.samples), max(s[1] for s in self.samples)


def throughput(bench, documents):
    daemon = bench.daemon()
    load(daemon, documents, bench.options.clients, 5)  # caches
    before, gpu = processor_seconds(daemon.process.pid), GpuWatch()
    latencies, pages, took = load(daemon, documents, bench.options.clients, bench.options.seconds)
    busy, vram_mib = gpu.stop()
    after = processor_seconds(daemon.process.pid)
    connection = daemon.connect()
    vram = [worker.get("memory_reserved_bytes", 0) for worker in connection.workers()]
    connection.close()
    daemon.stop()
    used = {name: (after[name] - before.get(name, 0)) / pages for name in after}
    figures = {"documents": len(latencies), "pages": pages, "pages_per_s": pages / took, "p50_s": percentile(latencies, 0.5),
               "p99_s": percentile(latencies, 0.99), "processor_s_a_page": used, "gpu_busy_percent": busy,
               "gpu_memory_mib": vram_mib, "worker_memory_reserved": vram}
    print(f"{figures['pages_per_s']:.1f} pages/s ({pages} pages of {len(latencies)} documents in {took:.1f} s), p50 "
          f"{figures['p50_s']:.3f} s, p99 {figures['p99_s']:.3f} s; processor ms a page: "
          + ", ".join(f"{name} {1000 * s:.1f}" for name, s in sorted(used.items()))
          + ("" if busy is None else f"; GPU busy {busy:.0f} %, {vram_mib:.0f} MiB"))
    return figures


def recycling(bench, documents):
    rows = []
    for max_jobs in (0, bench.options.max_jobs):
        daemon = bench.daemon(f"recycle.max_jobs={max_jobs}", "recycle.min_lifetime_s=0")
        load(daemon, documents, bench.options.clients, 5)  # caches
        latencies, pages, took = load(daemon, documents, bench.options.clients, bench.options.seconds)
        connection = daemon.connect()
        recycled = sum(worker["recycled"] for worker in connection.workers())
        connection.close()
        daemon.stop()
        row = {"max_jobs": max_jobs, "jobs": len(latencies), "pages_per_s": pages / took, "recycled": recycled,
               "p50_s": percentile(latencies, 0.5), "p99_s": percentile(latencies, 0.99), "max_s": max(latencies)}
        rows.append(row)
        print(f"recycle.max_jobs {max_jobs:4}: {row['pages_per_s']:.2f} pages/s, {row['jobs']} documents, p50 "
              f"{row['p50_s']:.3f} s, p99 {row['p99_s']:.3f} s, worst {row['max_s']:.3f} s; {recycled} workers replaced")
    off, on = rows
    print(f"on against off: throughput {on['pages_per_s'] / off['pages_per_s']:.3f}, p50 {on['p50_s'] / off['p50_s']:.2f}, "
          f"p99 {on['p99_s'] / off['p99_s']:.2f}")
    return rows


def cancel(bench, documents):
    daemon = bench.daemon()
    small, large = min(documents, key=len), max(documents, key=len)
    client, other = daemon.connect(), daemon.connect()
    for document in (large, small):
        convert(client, document)  # caches
    idle = [convert(client, small)[0] for _ in range(20)]
    answers, after = [], []
    for i in range(bench.options.repeat):
        job = begin(client, large)
        wait_for(client, job, lambda event: event["state"] == 1)
        time.sleep(0.05 + 0.03 * (i % 10))  # at many places within its pages
        started = time.monotonic()
        try:
            other.ask(CANCEL, REQUEST_DONE, job=job)
        except Exception:  # it was done already
            wait_for(client, job, is_over)
            continue
        answers.append(time.monotonic() - started)
        convert(other, small)
        after.append(time.monotonic() - started)
        wait_for(client, job, is_over)
    daemon.stop()
    usual = percentile(idle, 0.5)
    figures = {"n": len(after), "answer_p50_s": percentile(answers, 0.5), "answer_p99_s": percentile(answers, 0.99),
               "idle_p50_s": usual, "next_p50_s": percentile(after, 0.5), "next_p99_s": percentile(after, 0.99)}
    print(f"{figures['n']} cancelled: answered p50 {figures['answer_p50_s'] * 1000:.1f} ms, p99 "
          f"{figures['answer_p99_s'] * 1000:.1f} ms; the next document done p50 {figures['next_p50_s']:.3f} s, p99 "
          f"{figures['next_p99_s']:.3f} s after the cancel, {usual:.3f} s on an idle daemon")
    return figures


def peaks(pid):
    """High-water marks of a process and all below it, in MiB, by program: the largest of each."""
    found = {}
    for one in [pid, *descendants(pid)]:
        try:
            with open(f"/proc/{one}/status", encoding="ascii", errors="replace") as file:
                fields = dict(line.split(":", 1) for line in file)
            name, peak = fields["Name"].strip(), int(fields["VmHWM"].split()[0]) / 1024
            found[name] = max(found.get(name, 0), peak)
        except (OSError, KeyError):
            pass
    return found


def memory(bench, paths):
    rows = []
    for path in paths:
        daemon = bench.daemon()
        started = time.monotonic()
        with open(os.path.join(bench.folder, "out.md"), "wb") as out:
            client = subprocess.Popen([os.path.join(bench.options.programs, "pdf2mdctl"), "--socket", daemon.socket, "convert",
                                       "-q", "--no-images", path], stdout=out)
            highest = {}
            while client.poll() is None:
                for pid in (daemon.process.pid, client.pid):
                    for name, peak in peaks(pid).items():
                        highest[name] = max(highest.get(name, 0), peak)
                time.sleep(0.2)
        took = time.monotonic() - started
        daemon.stop()
        rows.append({"document": os.path.basename(path), "seconds": took, "exit": client.returncode, "peak_mib": highest})
        print(f"{os.path.basename(path)}: exit {client.returncode}, {took:.0f} s; peak MiB: "
              + ", ".join(f"{name} {peak:.1f}" for name, peak in sorted(highest.items())))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["throughput", "recycling", "cancel", "memory"])
    parser.add_argument("--programs", default="build/bin")
    parser.add_argument("--documents", nargs="+", required=True, help="PDF files, or folders of them")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--max-jobs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--repeat", type=int, default=50)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", help="write the figures there")
    options = parser.parse_args()
    paths = []
    for place in options.documents:
        paths += sorted(glob.glob(os.path.join(place, "*.pdf"))) if os.path.isdir(place) else [place]
    bench = Bench(options)
    if options.what == "memory":
        figures = memory(bench, paths)
    else:
        documents = []
        for path in paths:
            with open(path, "rb") as file:
                documents.append(file.read())
        figures = {"throughput": throughput, "recycling": recycling, "cancel": cancel}[options.what](bench, documents)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=1)
    bench.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
