"""The faults. Each returns True if it hit a process that had a page in flight (only those count)."""
import os
import random
import signal
import socket
import struct
import time

from daemon import Connection, Gone, Refused, SUBMIT, children, process_field, send_signal


class Target:
    """What a fault may aim at, as things stand now."""

    def __init__(self, daemon, connection, rng: random.Random):
        self.daemon, self.connection, self.rng = daemon, connection, rng

    def busy_worker(self):
        busy = [worker for worker in self.connection.workers() if worker["page"] != 0 and worker["pid"] != 0]
        return self.rng.choice(busy) if busy else None

    def working_reader(self):
        """A reader that is computing at this moment: it has a page."""
        worker = self.busy_worker()
        if worker is None:
            return None
        for _ in range(20):
            running = [pid for pid in children(worker["pid"]) if process_field(pid, 0) in ("R", "D")]
            if running:
                return self.rng.choice(running)
            time.sleep(0.005)
        return None


def kill_reader(target):
    pid = target.working_reader()
    return pid is not None and send_signal(pid, signal.SIGKILL)


def stop_reader(target):
    """It hangs: the page's time runs out and the worker replaces it."""
    pid = target.working_reader()
    return pid is not None and send_signal(pid, signal.SIGSTOP)


def kill_worker(target):
    worker = target.busy_worker()
    return worker is not None and send_signal(worker["pid"], signal.SIGKILL)


def segfault_worker(target):
    worker = target.busy_worker()
    return worker is not None and send_signal(worker["pid"], signal.SIGSEGV)


def stop_worker(target):
    """It hangs: the canary is not answered and the supervisor kills it."""
    worker = target.busy_worker()
    return worker is not None and send_signal(worker["pid"], signal.SIGSTOP)


def kill_supervisor(target):
    if target.busy_worker() is None:
        return False
    target.daemon.kill()
    return True


def pause_supervisor(target):
    """SIGSTOP for a moment: nothing may be concluded from its absence."""
    if target.busy_worker() is None:
        return False
    send_signal(target.daemon.process.pid, signal.SIGSTOP)
    time.sleep(target.rng.uniform(0.05, 1.0))
    send_signal(target.daemon.process.pid, signal.SIGCONT)
    return True


def kill_everything(target):
    """The whole tree at once, as a machine that loses power does to processes."""
    worker = target.busy_worker()
    if worker is None:
        return False
    supervisor = target.daemon.process.pid
    send_signal(supervisor, signal.SIGSTOP)  # no reaction in between
    for pid in children(supervisor):
        for reader in children(pid):
            send_signal(reader, signal.SIGKILL)
        send_signal(pid, signal.SIGKILL)
    target.daemon.kill()
    return True


def garbage(target):
    """Bytes that are no frame, frames that are no message, a frame that never ends."""
    counts = target.busy_worker() is not None
    for content in (target.rng.randbytes(target.rng.randrange(1, 4096)), struct.pack(">I", 5) + b"\xc1" * 5,
                    struct.pack(">I", 0xFFFFFFFF), struct.pack(">I", 1000) + b"\x82"):
        raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        raw.settimeout(5)
        try:
            raw.connect(target.daemon.socket)
            raw.sendall(content)
        except OSError:
            pass
        finally:
            raw.close()
    return counts


def disconnect(target):
    """A client leaves in the middle of a document, and one in the middle of its conversion."""
    counts = target.busy_worker() is not None
    try:
        half = Connection(target.daemon.socket)
        half.send(SUBMIT, options={"name": "half"}, size=1 << 20)
        half.close()
        attached = Connection(target.daemon.socket)
        attached.send(SUBMIT, options={"name": "left"}, size=0, attached=True)
        attached.close()
    except (Gone, Refused):
        pass
    return counts


# name: (function, weight, what is waited for afterwards)
FAULTS = {
    "kill -9 reader": (kill_reader, 40, "nothing"),
    "kill -9 worker": (kill_worker, 20, "worker"),
    "segfault of a worker": (segfault_worker, 5, "worker"),
    "SIGSTOP reader": (stop_reader, 3, "nothing"),
    "SIGSTOP worker": (stop_worker, 3, "worker"),
    "kill -9 supervisor": (kill_supervisor, 8, "supervisor"),
    "kill -9 of the whole tree": (kill_everything, 4, "supervisor"),
    "SIGSTOP supervisor": (pause_supervisor, 3, "nothing"),
    "garbage on the socket": (garbage, 7, "nothing"),
    "clients that disconnect": (disconnect, 7, "nothing"),
}


# Only with the programs of `make hooks`: the next process that can suffer it takes the file.
INJECTED = {
    "device-side assert": ("device_assert", 12, "worker"),
    "out of device memory": ("oom", 8, "nothing"),
    "crash inside a page": ("crash", 4, "worker"),
    "hang inside a page": ("hang_page", 1, "worker"),
    "hang inside a model": ("hang_model", 2, "worker"),
    "reader crashes inside a page": ("reader_crash", 8, "nothing"),
    "reader runs out of memory": ("reader_bloat", 2, "nothing"),
}
TAKEN_WITHIN_S = 3  # else it is withdrawn, and does not count


def inject(kind):
    def fault(target):
        if target.busy_worker() is None:
            return False
        folder = target.daemon.fault_folder
        name = f"{time.monotonic_ns()}.{kind}"
        with open(os.path.join(folder, name), "w", encoding="ascii"):
            pass
        end = time.monotonic() + TAKEN_WITHIN_S
        while time.monotonic() < end:
            if any(other.startswith(name + ".hit.") for other in os.listdir(folder)):
                return True
            time.sleep(0.005)
        try:
            os.unlink(os.path.join(folder, name))
        except FileNotFoundError:
            return True  # taken at the last moment
        return False
    return fault


def all_faults(hooks):
    faults = dict(FAULTS)
    if hooks:
        for name, (kind, weight, wait_for) in INJECTED.items():
            faults[name] = (inject(kind), weight, wait_for)
    return faults


def open_descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0
