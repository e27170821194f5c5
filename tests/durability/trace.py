"""Reads what `strace -f -y -xx` wrote: the system calls of all processes in the order in which they happened.

strace rather than a preloaded library: it sees what reaches the kernel, whoever asked for it (SQLite and the C++
library too), from unmodified programs, and in one order for all processes. What one thread does because of what
another one did comes after it in the trace, since a thread that stands at its tracer's stop can tell nobody anything.
"""
import re

# What can change a file, a name, or what is durable of them; and what tells others.
CALLS = ("open,openat,openat2,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,"
         "copy_file_range,sendfile,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,"
         "mkdir,mkdirat,rmdir,fsync,fdatasync,sync_file_range,sync,syncfs,sendto,sendmsg")

COMMAND = ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "16777216", "-e", "signal=none", "-e", "trace=" + CALLS]

DESCRIPTOR = re.compile(r"^(?:-?\d+|AT_FDCWD)<(.*)>(\(deleted\))?$")


def unescape(text):
    return bytes.fromhex(text.replace("\\x", ""))


class Call:
    """One system call. `begin` and `end` are lines of the trace."""

    def __init__(self, name, begin):
        self.name, self.begin, self.end = name, begin, begin
        self.arguments, self.result = [], None

    def finish(self, text, end):
        """`text`: everything behind the opening bracket. No string holds a comma or bracket: they are in hex."""
        self.end = end
        inside, _, outcome = text.rpartition(" = ")
        number = re.match(r"-?\d+", outcome)
        self.result = int(number.group()) if number else None
        self.arguments = [argument.strip() for argument in inside.rstrip().removesuffix(")").split(", ")]

    @property
    def good(self):
        return self.result is not None and self.result >= 0

    def bytes(self, index):
        return unescape(self.arguments[index].strip('"'))

    def number(self, index):
        return int(self.arguments[index], 0)

    def descriptor_path(self, index):
        """The path of an open file, as it is called now; None: it has no name."""
        match = DESCRIPTOR.match(self.arguments[index])
        if not match or match.group(2):
            return None
        path = unescape(match.group(1)).decode(errors="replace")
        return path if path.startswith("/") else None

    def path(self, index, folder_index=None):
        """A path argument, made absolute by the folder's descriptor in another argument."""
        path = self.bytes(index).decode(errors="replace")
        if path.startswith("/") or folder_index is None:
            return path
        folder = self.descriptor_path(folder_index)
        return None if folder is None else folder + "/" + path


def read(path):
    """Yields ("begin", call) and ("end", call) in the order of the trace; a call that never ended has no end."""
    unfinished = {}
    with open(path, encoding="ascii") as lines:
        for number, line in enumerate(lines):
            pid, _, text = line.rstrip("\n").partition(" ")
            text = text.lstrip()
            if text.startswith("<... "):
                call, first = unfinished.pop(pid)
                call.finish(first + text.partition(" resumed>")[2], number)
                yield "end", call
                continue
            name, bracket, rest = text.partition("(")
            if not bracket or not name.isidentifier():
                continue
            call = Call(name, number)
            if rest.endswith("<unfinished ...>"):
                begun = rest.removesuffix("<unfinished ...>")
                call.finish(begun.rstrip().removesuffix(",") + ") = ?", number)
                unfinished[pid] = (call, begun)
                yield "begin", call
            else:
                call.finish(rest, number)
                yield "begin", call
                yield "end", call
