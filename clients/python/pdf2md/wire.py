"""Frames and messages: a length (u32, big-endian) and a msgpack map {"t": number, "b": body}."""
from __future__ import annotations

import enum
import socket
import struct
from typing import Any

import msgpack

MAX_FRAME_BYTES = 1 << 20


class Message(enum.IntEnum):
    HELLO = 1
    WELCOME = 2
    ERROR = 3
    SUBMIT = 10
    DATA = 11
    DATA_END = 12
    ACCEPTED = 13
    BUSY = 14
    WATCH = 15
    EVENT = 16
    FETCH = 17
    RESULT = 18
    STATUS = 20
    JOBS = 21
    CANCEL = 22
    DONE = 23
    HEALTH = 32
    HEALTH_REPORT = 33


class Error(Exception):
    """What the daemon says is wrong: `code` as in pdf2md-protocol(7), 402 where it is busy."""

    def __init__(self, code: int, message: str, hint: str) -> None:
        super().__init__(f"{message} ({hint})" if hint else message)
        self.code = code
        self.message = message
        self.hint = hint


class Disconnected(Error):
    def __init__(self) -> None:
        super().__init__(104, "the daemon closed the connection", "its log says why")


class Channel:
    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(path)
        except OSError as problem:
            self._socket.close()
            raise Error(500, f"{path}: {problem.strerror}", "is pdf2mdd running?") from problem

    def close(self) -> None:
        self._socket.close()

    def send(self, number: Message, **body: Any) -> None:
        payload = msgpack.packb({"t": int(number), "b": body})
        try:
            self._socket.settimeout(None)
            self._socket.sendall(struct.pack(">I", len(payload)) + payload)
        except (BrokenPipeError, ConnectionResetError):
            pass  # what the daemon said before it closed comes with the next receive()

    def receive(self, timeout_s: float | None) -> tuple[int, dict[str, Any]]:
        self._socket.settimeout(timeout_s)
        try:
            (size,) = struct.unpack(">I", self._exactly(4))
            if size > MAX_FRAME_BYTES:
                raise Error(100, f"a frame of {size} bytes", "")
            message = msgpack.unpackb(self._exactly(size))
        except TimeoutError as problem:
            raise Error(105, f"the daemon did not answer within {timeout_s:.0f} s", "") from problem
        body: dict[str, Any] = message["b"]
        if message["t"] == Message.ERROR:
            raise Error(body["code"], body["message"], body["hint"])
        if message["t"] == Message.BUSY:
            raise Error(402, f"the daemon is busy: {body['reason']}", "try again later")
        return message["t"], body

    def expect(self, number: Message, timeout_s: float | None) -> dict[str, Any]:
        """The next message of this kind. Events that come in between are of no use then."""
        while True:
            received, body = self.receive(timeout_s)
            if received == number:
                return body
            if received != Message.EVENT:
                raise Error(103, f"message {received} where {int(number)} was due", "")

    def _exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            piece = self._socket.recv(count - len(data))
            if not piece:
                raise Disconnected()
            data += piece
        return bytes(data)
