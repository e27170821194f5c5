"""A client of pdf2mdd: documents to Markdown, over the daemon's socket. See pdf2md-protocol(7)."""
from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Any, Union

from pdf2md.wire import Channel, Disconnected, Error, Message

__all__ = ["Client", "Disconnected", "Error", "Health", "Job", "Progress", "Result"]

SYSTEM_SOCKET = "/run/pdf2md/pdf2md.sock"
PIECE_BYTES = 1 << 18
ANSWER_S = 20.0
STATES = ("queued", "running", "done", "failed", "cancelled")

Source = Union[str, "os.PathLike[str]", bytes, IO[bytes]]


@dataclass(frozen=True)
class Progress:
    job: int
    state: str  # "queued", "running", "done", "failed", "cancelled"
    pages_done: int
    pages_total: int  # 0 until it is known
    pages_failed: int


@dataclass(frozen=True)
class Job:
    id: int
    name: str
    state: str
    pages_total: int
    pages_done: int
    pages_failed: tuple[int, ...]
    pages_degraded: tuple[int, ...]
    error: str  # empty: none
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    job: Job
    outputs: dict[str, bytes] = field(repr=False)  # by name: "md", "json", "assets/p0001-1.png"

    @property
    def markdown(self) -> str:
        return self.outputs["md"].decode()

    @property
    def pages_failed(self) -> tuple[int, ...]:
        return self.job.pages_failed


@dataclass(frozen=True)
class Health:
    status: str
    ready: bool  # documents can be converted now
    model_loaded: bool
    gpu_available: bool
    device: str
    pool_size: int
    detail: str  # why it is not "ok"


def _job(body: dict[str, Any]) -> Job:
    return Job(
        id=body["id"],
        name=body["name"],
        state=STATES[body["state"]],
        pages_total=body["pages_total"],
        pages_done=body["pages_done"],
        pages_failed=tuple(body["pages_failed"]),
        pages_degraded=tuple(body["pages_degraded"]),
        error=body["error"],
        outputs=tuple(output["name"] for output in body["outputs"]),
    )


def _read(source: Source) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "document", source
    if isinstance(source, (str, os.PathLike)):
        path = pathlib.Path(source)
        return path.name, path.read_bytes()
    return os.path.basename(str(getattr(source, "name", "document"))), source.read()


class Client:
    """One connection to the daemon; for one thread, and one question at a time."""

    def __init__(self, socket_path: str | os.PathLike[str] | None = None) -> None:
        path = socket_path or os.environ.get("PDF2MD_SOCKET") or SYSTEM_SOCKET
        self._channel = Channel(os.fspath(path))
        self._channel.send(Message.HELLO, min=1, max=1, client="pdf2md-client 0.1.0")
        self.welcome = self._channel.expect(Message.WELCOME, ANSWER_S)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """What this connection was converting is cancelled; submitted jobs go on."""
        self._channel.close()

    def convert(
        self,
        source: Source,
        *,
        outputs: Iterable[str] = ("md",),
        pages: str = "",
        passwords: Iterable[str] = (),
        images: bool = False,
        on_progress: Callable[[Progress], object] | None = None,
        **options: Any,
    ) -> Result:
        """Converts and waits. `options`: further fields of SUBMIT's options in pdf2md-protocol(7)."""
        options.update(outputs=list(outputs), pages=pages, passwords=list(passwords), images=images)
        job = self._submit(source, True, options)
        self._follow(job, on_progress)
        return self.result(job)

    def submit(self, source: Source, **options: Any) -> int:
        """Hands a document over and returns the number of its job, which outlives this connection."""
        return self._submit(source, False, options)

    def status(self, job: int) -> Job:
        self._channel.send(Message.STATUS, job=job)
        jobs = self._channel.expect(Message.JOBS, ANSWER_S)["jobs"]
        return _job(jobs[0])

    def wait(self, job: int, on_progress: Callable[[Progress], object] | None = None) -> Job:
        self._channel.send(Message.WATCH, job=job)
        self._follow(job, on_progress, raises=False)
        return self.status(job)

    def result(self, job: int) -> Result:
        """All outputs of a job that is done. Raises Error where it failed, or is not done yet."""
        info = self.status(job)
        if info.state != "done":
            raise Error(403, info.error or f"job {job} is {info.state}", "")
        return Result(info, {name: self._fetch(job, name) for name in info.outputs})

    def cancel(self, job: int) -> None:
        self._channel.send(Message.CANCEL, job=job)
        self._channel.expect(Message.DONE, ANSWER_S)

    def health(self) -> Health:
        self._channel.send(Message.HEALTH)
        body = self._channel.expect(Message.HEALTH_REPORT, ANSWER_S)
        return Health(**{name: body[name] for name in Health.__dataclass_fields__})

    def _submit(self, source: Source, attached: bool, options: dict[str, Any]) -> int:
        name, data = _read(source)
        options.setdefault("name", name)
        self._channel.send(Message.SUBMIT, options=options, size=len(data), attached=attached)
        for start in range(0, len(data), PIECE_BYTES):
            self._channel.send(Message.DATA, bytes=data[start : start + PIECE_BYTES])
        self._channel.send(Message.DATA_END)
        job: int = self._channel.expect(Message.ACCEPTED, None)["job"]
        return job

    def _follow(self, job: int, on_progress: Callable[[Progress], object] | None, raises: bool = True) -> None:
        while True:
            event = self._channel.expect(Message.EVENT, None)
            if event["job"] != job:
                continue
            state = STATES[event["state"]]
            if on_progress is not None:
                on_progress(Progress(job, state, event["pages_done"], event["pages_total"], event["pages_failed"]))
            if state in ("failed", "cancelled") and raises:
                raise Error(event["error_code"], event["text"] or f"job {job} was {state}", event["hint"])
            if state in ("done", "failed", "cancelled"):
                return

    def _fetch(self, job: int, output: str) -> bytes:
        self._channel.send(Message.FETCH, job=job, output=output)
        self._channel.expect(Message.RESULT, ANSWER_S)
        pieces = []
        while True:
            number, body = self._channel.receive(ANSWER_S)
            if number == Message.DATA_END:
                return b"".join(pieces)
            if number == Message.DATA:
                pieces.append(body["bytes"])
