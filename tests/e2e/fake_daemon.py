#!/usr/bin/env python3
"""A scripted pdf2mdd for tests of clients: the protocol of pdf2md-protocol(7), and no conversion.

What happens to a document stands in the document, as words NAME=VALUE in its first kilobyte:
  pages=3 delay=0.1   pages, and seconds for each
  fail=2,3 degrade=5  pages with these ends
  error=203           the job fails with this code
  size=1000000        bytes of the Markdown
  hang=1              runs until it is cancelled
  until=FILE          runs until there is such a file
  assets=2            figures

Faults of the daemon itself are chosen with --fault: busy:N (the first N submissions), early-busy:N (the same,
after the first data), garbage, cut (in the middle of a frame), mute, version, short (a result that lacks
bytes), drop:N (the first N jobs lose their connection when they are accepted), exit:CODE (at the start, before
listening). --log gets a line of JSON for each thing of note.
"""
import argparse
import json
import os
import re
import signal
import socket
import struct
import sys
import threading
import time

import msgpack

HELLO, WELCOME, ERROR = 1, 2, 3
SUBMIT, DATA, DATA_END, ACCEPTED, BUSY, WATCH, EVENT, FETCH, RESULT = range(10, 19)
HOLD, RELEASE, SET_PRIORITY = 24, 25, 26
STATUS, JOBS, CANCEL, DONE, WORKERS, WORKER_LIST, HEALTH, HEALTH_REPORT = 20, 21, 22, 23, 30, 31, 32, 33
SPOOL, SPOOL_REPORT = 27, 28
EXPLAIN, EXPLANATION = 52, 53
RETRY, REMOVE, CAPABILITIES, CAPABILITY_LIST = 50, 51, 60, 61
QUEUED, RUNNING, FINISHED, FAILED, CANCELLED = range(5)


class Job:
    def __init__(self, number, options, document):
        self.id, self.options, self.document = number, options, document
        words = dict(re.findall(rb"([a-z]+)=(\S+)", document[:1024]))
        self.words = {key.decode(): value.decode() for key, value in words.items()}
        self.state, self.done, self.error = QUEUED, 0, 0
        self.held, self.priority = False, 50
        self.pages = int(self.words.get("pages", 3))
        self.failed = self.listed("fail")
        self.degraded = self.listed("degrade")
        self.stop = threading.Event()
        self.watchers = []
        self.outputs = {}

    def listed(self, name):
        return [int(page) for page in self.words.get(name, "").split(",") if page]

    def info(self):
        now = int(time.time() * 1000)
        text = {203: "document is encrypted", 0: ""}.get(self.error, "error %d" % self.error)
        return {
            "id": self.id, "name": self.options.get("name", ""), "uid": os.getuid(), "state": self.state,
            "held": self.held, "priority": self.priority, "eta_ms": 90000 if self.state == RUNNING else 0,
            "document_bytes": len(self.document), "pages_total": self.pages, "pages_done": self.done,
            "pages_failed": self.failed, "pages_degraded": self.degraded, "submitted_unix_ms": now,
            "started_unix_ms": now, "finished_unix_ms": now if self.state > RUNNING else 0,
            "error_code": self.error, "error": text, "hint": "",
            "outputs": [{"name": n, "size": len(b)} for n, b in self.outputs.items()]}

    def event(self, kind=0, **more):
        info = self.info()
        event = {"job": self.id, "kind": kind, "state": self.state, "pages_done": self.done,
                 "pages_total": self.pages, "pages_failed": 0}
        if self.state == FAILED:
            event.update(text=info["error"], error_code=self.error)
        event.update(more)
        for client in list(self.watchers):
            client.send(EVENT, event)

    def write_outputs(self):
        prefix = self.options.get("asset_prefix", "assets/")
        text = "# %s\n\n" % self.options.get("name")
        text += "pages %s, ocr %s\n" % (self.options.get("pages") or "all", self.options.get("ocr"))
        if self.options.get("images", True):
            for number in range(1, int(self.words.get("assets", 0)) + 1):
                name = "p0001-%d.png" % number
                text += "\n![figure](%s%s)\n" % (prefix, name)
                self.outputs["assets/" + name] = b"\x89PNG figure %d" % number
        text += "x" * (int(self.words.get("size", 0)) - len(text)) + "\n"
        for output in self.options.get("outputs", ["md"]):
            self.outputs[output] = text.encode() if output == "md" else b'{"pages": []}\n'

    def run(self):
        if "hang" in self.words:
            self.state = RUNNING
            self.event()
            self.stop.wait()
        while "until" in self.words and not os.path.exists(self.words["until"]) and not self.stop.is_set():
            time.sleep(0.02)
        self.state = RUNNING
        for page in range(1, self.pages + 1):
            if self.stop.wait(float(self.words.get("delay", 0))):
                break
            self.done = page
            status = 3 if page in self.failed else 2 if page in self.degraded else 0
            self.event(1, page=page, page_status=status, page_ms=5)
        if self.stop.is_set():
            self.state = CANCELLED
        elif "error" in self.words:
            self.error, self.state = int(self.words["error"]), FAILED
        else:
            self.write_outputs()
            self.state = FINISHED
        self.event()


class Client:
    def __init__(self, daemon, connection):
        self.daemon, self.connection, self.lock = daemon, connection, threading.Lock()
        self.attached = []
        self.faulty = daemon.fault

    def send(self, kind, body):
        payload = msgpack.packb({"t": kind, "b": body}, use_bin_type=True)
        with self.lock:
            try:
                self.connection.sendall(struct.pack(">I", len(payload)) + payload)
            except OSError:
                pass

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.connection.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def receive(self):
        size = struct.unpack(">I", self.exactly(4))[0]
        message = msgpack.unpackb(self.exactly(size), raw=False)
        return message["t"], message["b"]

    def serve(self):
        try:
            while True:
                self.answer(*self.receive())
        except (EOFError, OSError):
            for job in self.attached:
                if job.state <= RUNNING:
                    self.daemon.note(event="disconnected", job=job.id)
                    job.stop.set()

    def answer(self, kind, body):
        daemon = self.daemon
        if kind == HELLO:
            if daemon.fault == "mute":
                time.sleep(3600)
            if daemon.fault == "version":
                self.send(ERROR, {"code": 102, "name": "version_mismatch",
                                  "message": "protocol versions 1 to 1 are not spoken here", "hint": "upgrade"})
                raise EOFError
            self.send(WELCOME, {"version": 1, "server": "fake 1", "build_id": daemon.build,
                                "max_document_bytes": daemon.limit})
        elif kind == SUBMIT:
            self.submit(body)
        elif kind == STATUS:
            jobs = daemon.jobs
            if body.get("job"):
                jobs = [job for job in jobs if job.id == body["job"]]
                if not jobs:
                    return self.no_job(body["job"])
            self.send(JOBS, {"jobs": [job.info() for job in jobs]})
        elif kind == WORKERS:
            self.send(WORKER_LIST, {"workers": [
                {"slot": 0, "pid": 42, "state": "ready", "device": "cpu", "device_name": "\x1b[31mred",
                 "pages_done": 7, "rss_bytes": 123456789, "last_exit": "signal 9 (killed)"}]})
        elif kind == HEALTH:
            self.send(HEALTH_REPORT, {"status": daemon.health, "model_loaded": True, "device": "cpu",
                                      "pool_size": daemon.workers, "workers_ready": 1, "live": True,
                                      "ready": daemon.health in ("ok", "degraded")})
        elif kind == CAPABILITIES:
            self.send(CAPABILITY_LIST, {"inputs": ["pdf"], "outputs": ["md", "json"], "ocr": ["auto"], "layout": ["auto"],
                                        "blank_pages": ["none"], "device": "cpu", "workers": daemon.workers,
                                        "readers": 2, "max_pages": 77, "log": daemon.daemon_log})
        elif kind == SPOOL:
            self.send(SPOOL_REPORT, {"state_dir": "/state", "free_bytes": 1 << 30, "unfinished_jobs": 1,
                                     "journal_problem": daemon.journal,
                                     "jobs": [{"id": 7, "name": "\x1b[31mred", "state": 2, "bytes": 4096}]})
        else:
            self.answer_about_job(kind, body)

    def no_job(self, number):
        self.send(ERROR, {"code": 400, "name": "no_such_job", "message": "there is no job %d" % number, "hint": ""})

    def answer_about_job(self, kind, body):
        job = next((job for job in self.daemon.jobs if job.id == body.get("job")), None)
        if job is None:
            self.no_job(body.get("job", 0))
        elif kind == WATCH:
            job.watchers.append(self)
            self.send(EVENT, {"job": job.id, "kind": 0, "state": job.state, "pages_done": job.done,
                              "pages_total": job.pages})
        elif kind in (HOLD, RELEASE):
            job.held = kind == HOLD
            self.send(DONE, {})
        elif kind == SET_PRIORITY:
            job.priority = body["priority"]
            self.send(DONE, {})
        elif kind == REMOVE:
            if job.state <= RUNNING:
                self.send(ERROR, {"code": 403, "name": "not_finished", "message": "not finished", "hint": ""})
                return
            self.daemon.jobs.remove(job)
            self.send(DONE, {})
        elif kind == EXPLAIN:
            self.send(EXPLANATION, {"job": job.id, "page": body["page"], "known": body["page"] <= job.done, "slot": 3,
                                    "pid": 42, "device": "cpu", "wall_ms": 1500, "finished_unix_ms": 1700000000000,
                                    "deaths": ["signal 9 (\x1b[31mKilled)"],
                                    "route": {"text_layer": "rejected", "reasons": ["31 % have no Unicode"],
                                              "models": ["layout", "detection"], "blocks": 7, "ocr_blocks": 5,
                                              "least_confidence": 0.5, "mean_confidence": 0.9}})
        elif kind == RETRY:
            if job.state != FAILED:
                self.send(ERROR, {"code": 103, "name": "unexpected", "message": "did not fail", "hint": ""})
                return
            options = dict(job.options, passwords=body["passwords"])
            again = Job(self.daemon.new_number(), options, job.document)
            self.daemon.jobs.append(again)
            self.daemon.note(event="retried", job=job.id, passwords=body["passwords"])
            self.send(ACCEPTED, {"job": again.id, "position": 0})
            again.thread = threading.Thread(target=again.run, daemon=True)
            again.thread.start()
        elif kind == CANCEL:
            self.daemon.note(event="cancel", job=job.id)
            job.stop.set()
            job.thread.join()
            self.send(DONE, {})
        elif kind == FETCH:
            data = job.outputs.get(body["output"])
            if data is None:
                self.send(ERROR, {"code": 406, "name": "no_such_output", "message": "no such output", "hint": ""})
                return
            self.send(RESULT, {"job": job.id, "output": body["output"], "size": len(data)})
            if self.faulty == "short":
                data = data[:-1]
            for start in range(0, len(data), 262144):
                self.send(DATA, {"bytes": data[start:start + 262144]})
            self.send(DATA_END, {})

    def submit(self, body):
        daemon = self.daemon
        data = b""
        while True:
            kind, part = self.receive()
            if kind == DATA_END:
                break
            data += part["bytes"]
            if daemon.busy > 0 and daemon.fault.startswith("early-busy"):
                daemon.busy -= 1
                self.send(BUSY, {"retry_after_ms": 150, "reason": "queue full"})
                self.connection.close()
                raise EOFError
        if daemon.busy > 0:
            daemon.busy -= 1
            self.send(BUSY, {"retry_after_ms": 150, "reason": "queue full"})
            return
        if daemon.fault == "garbage":
            self.connection.sendall(struct.pack(">I", 5) + b"\xc1\xff\xff\xff\xff")
            raise EOFError
        if daemon.fault == "cut":
            self.connection.sendall(struct.pack(">I", 500) + b"\x82")
            self.connection.close()
            raise EOFError
        job = Job(daemon.new_number(), body["options"], data)
        job.held, job.priority = body["hold"], body["priority"]
        daemon.jobs.append(job)
        daemon.note(event="submitted", job=job.id, options=body["options"], bytes=len(data),
                    size=body["size"], attached=body["attached"])
        if body["attached"]:
            job.watchers.append(self)
            self.attached.append(job)
        if daemon.drop > 0:
            daemon.drop -= 1
            self.connection.shutdown(socket.SHUT_RDWR)
            raise EOFError
        self.send(ACCEPTED, {"job": job.id, "position": 0})
        job.thread = threading.Thread(target=job.run, daemon=True)
        job.thread.start()


class Daemon:
    def __init__(self, arguments):
        self.fault = arguments.fault
        self.busy = int(self.fault.split(":")[1]) if "busy:" in self.fault else 0
        self.drop = int(self.fault.split(":")[1]) if self.fault.startswith("drop:") else 0
        self.workers = arguments.workers
        self.build, self.limit, self.health = arguments.build, arguments.limit, arguments.health
        self.journal = arguments.journal
        self.log = open(arguments.log, "a") if arguments.log else None
        self.daemon_log = arguments.daemon_log
        self.jobs = []
        self.numbers = 0

    def new_number(self):
        self.numbers += 1
        return self.numbers

    def note(self, **what):
        if self.log:
            self.log.write(json.dumps(what) + "\n")
            self.log.flush()


def main():
    if "--version" in sys.argv:
        print("fake 1 (build %s)" % os.environ.get("FAKE_BUILD"))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", required=True)
    parser.add_argument("--state")
    parser.add_argument("--idle-exit")
    parser.add_argument("--ready-fd", type=int)
    parser.add_argument("--fault", default=os.environ.get("FAKE_FAULT", ""))
    parser.add_argument("--build", default=os.environ.get("FAKE_BUILD", "fake"))
    parser.add_argument("--health", default="ok")
    parser.add_argument("--journal", default="", help="why the journal cannot be written")
    parser.add_argument("--daemon-log", default="", help="where its log is said to go")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--limit", type=int, default=1 << 30)
    parser.add_argument("--log", default=os.environ.get("FAKE_LOG"))
    arguments = parser.parse_args()
    daemon = Daemon(arguments)
    daemon.note(event="start", pid=os.getpid(), session=os.getsid(0), state=arguments.state)
    if arguments.fault.startswith("exit:"):
        print("fake daemon: cannot go on", file=sys.stderr)
        sys.exit(int(arguments.fault.split(":")[1]))
    signal.signal(signal.SIGTERM, lambda *_: (os.path.exists(arguments.socket) and
                                              os.unlink(arguments.socket), os._exit(0)))
    if os.path.exists(arguments.socket):
        os.unlink(arguments.socket)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # Whoever sees the socket can connect.
    listener.bind(arguments.socket + ".new")
    listener.listen(64)
    os.rename(arguments.socket + ".new", arguments.socket)
    if arguments.ready_fd is not None:
        os.write(arguments.ready_fd, b"READY\n")
        os.close(arguments.ready_fd)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=Client(daemon, connection).serve, daemon=True).start()


main()
