#!/usr/bin/env python3
"""Runs a command on a terminal of its own: on_terminal.py [--columns N] [--keys TEXT=KEYS]... FILE COMMAND...

All that it writes to the terminal goes to FILE. Whenever TEXT has appeared (each --keys once, in their order),
KEYS are typed; "^C" is Ctrl-C. Ends with the command's exit code, or 128 and its signal.
"""
import argparse
import fcntl
import os
import pty
import struct
import sys
import termios


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--columns", type=int, default=80)
    parser.add_argument("--keys", action="append", default=[])
    parser.add_argument("file")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execvp(arguments.command[0], arguments.command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, arguments.columns, 0, 0))
    waiting = [tuple(pair.rsplit("=", 1)) for pair in arguments.keys]
    seen = b""
    with open(arguments.file, "wb") as file:
        while True:
            try:
                data = os.read(terminal, 65536)
            except OSError:  # EIO: nobody has it open any more
                break
            if not data:
                break
            file.write(data)
            file.flush()
            seen += data
            while waiting and waiting[0][0].encode() in seen:
                seen = seen.split(waiting[0][0].encode(), 1)[1]
                os.write(terminal, waiting.pop(0)[1].replace("^C", "\x03").encode())
    status = os.waitpid(pid, 0)[1]
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


sys.exit(main())
