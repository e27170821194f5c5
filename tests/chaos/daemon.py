"""A pdf2mdd of our own and connections to it, for programs that break things on purpose."""
import os
import signal
import socket
import struct
import subprocess
import time

import msgpack

HELLO, WELCOME, ERROR, SUBMIT, DATA, DATA_END, ACCEPTED, BUSY = 1, 2, 3, 10, 11, 12, 13, 14
FETCH, RESULT, STATUS, JOBS, WORKERS, WORKER_LIST, HEALTH, HEALTH_REPORT = 17, 18, 20, 21, 30, 31, 32, 33
WATCH, EVENT, CANCEL, REQUEST_DONE, RELEASE, SPOOL, SPOOL_REPORT = 15, 16, 22, 23, 25, 27, 28
DONE, FAILED, CANCELLED = 2, 3, 4


class Refused(Exception):
    """ERROR or BUSY."""

    def __init__(self, message, code=0, hint=""):
        super().__init__(message)
        self.code, self.hint = code, hint


class Gone(Exception):
    """The daemon is not there (any more)."""


class Connection:
    def __init__(self, path, timeout=30):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        try:
            self.socket.connect(path)
            self.stream = self.socket.makefile("rb")
            self.ask(HELLO, WELCOME, min=1, max=1, client="chaos")
        except OSError as problem:
            raise Gone(str(problem)) from problem

    def close(self):
        self.socket.close()

    def send(self, number, **body):
        payload = msgpack.packb({"t": number, "b": body})
        try:
            self.socket.sendall(struct.pack(">I", len(payload)) + payload)
        except OSError as problem:
            raise Gone(str(problem)) from problem

    def receive(self):
        try:
            header = self.stream.read(4)
            if len(header) < 4:
                raise Gone("closed")
            message = msgpack.unpackb(self.stream.read(struct.unpack(">I", header)[0]))
        except (OSError, ValueError) as problem:
            raise Gone(str(problem)) from problem
        if message["t"] == ERROR:
            raise Refused(message["b"]["message"], message["b"]["code"], message["b"]["hint"])
        if message["t"] == BUSY:
            raise Refused("busy: " + message["b"]["reason"])
        return message["t"], message["b"]

    def ask(self, number, answer, **body):
        self.send(number, **body)
        while True:
            got, content = self.receive()
            if got == answer:
                return content
            if got != EVENT:
                raise Gone(f"message {got} where {answer} was due")

    def submit(self, name, document, options=None, **request):
        self.send(SUBMIT, options={"name": name, "outputs": ["md", "json"], **(options or {})},
                  **{"size": len(document), **request})
        for start in range(0, len(document), 1 << 18):
            self.send(DATA, bytes=document[start : start + (1 << 18)])
        self.send(DATA_END)
        return self.receive()[1]["job"]

    def jobs(self):
        return {job["id"]: job for job in self.ask(STATUS, JOBS)["jobs"]}

    def job(self, number):
        return self.ask(STATUS, JOBS, job=number)["jobs"][0]

    def workers(self):
        return self.ask(WORKERS, WORKER_LIST)["workers"]

    def health(self):
        return self.ask(HEALTH, HEALTH_REPORT)

    def fetch(self, job, output):
        self.ask(FETCH, RESULT, job=job, output=output)
        parts = []
        while True:
            number, body = self.receive()
            if number == DATA_END:
                return b"".join(parts)
            parts.append(body["bytes"])


class Daemon:
    """pdf2mdd in a folder; start() again after it was killed goes on with the same state.

    `wrapper`: a command that runs it, as strace does; `state`: the state folder, if it is another one.
    """

    def __init__(self, programs, folder, arguments, wrapper=(), state=None):
        self.programs, self.folder, self.arguments, self.wrapper = programs, folder, arguments, wrapper
        self.fault_folder = os.path.join(folder, "faults")
        os.makedirs(self.fault_folder, exist_ok=True)
        os.makedirs(folder, exist_ok=True)
        self.socket = os.path.join(folder, "socket")
        self.state = state or os.path.join(folder, "state")
        self.log_path = os.path.join(folder, "log")
        self.process = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, os.path.join(self.programs, "pdf2mdd"), "--socket", self.socket, "--state", self.state, *self.arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "PDF2MD_FAULT_DIR": self.fault_folder})

    def connect(self, patience_s=60):
        """A connection, as soon as one can be had."""
        end = time.monotonic() + patience_s
        while True:
            try:
                return Connection(self.socket)
            except Gone:
                if self.process.poll() is not None:
                    raise Gone(f"pdf2mdd left with {self.process.returncode}; see {self.log_path}") from None
                if time.monotonic() > end:
                    raise
                time.sleep(0.005)

    def wait_ready(self, patience_s=300):
        connection = self.connect()
        end = time.monotonic() + patience_s
        while connection.health()["workers_ready"] == 0:
            if time.monotonic() > end:
                raise Gone("no worker got ready")
            time.sleep(0.05)
        return connection

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()


def children(pid):
    """Direct children of a process."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and process_field(int(entry), 1) == str(pid):
            found.append(int(entry))
    return found


def process_field(pid, field):
    """A field of /proc/PID/stat, counted from the one after the name (0: state, 1: parent)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[field]
    except OSError:
        return ""


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def send_signal(pid, number):
    try:
        os.kill(pid, number)
        return True
    except ProcessLookupError:
        return False
