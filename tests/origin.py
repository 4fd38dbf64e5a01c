"""A real web server on a loopback address for tests: answers as it is told, and remembers what it was asked.

with Origin() as origin:
    origin.answer("/feed", 200, {"ETag": '"1"'}, b"<rss/>")
    ...
    assert origin.requests[0].headers["user-agent"].startswith("feedsvc/")
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.loopback import Handler, Loopback


@dataclass(frozen=True)
class Asked:
    """One request as it came; header names in lower case, the values of a repeated one joined with ", "."""

    method: str
    path: str
    headers: Mapping[str, str]
    #: What a POST carried, at most 1 MB of it.
    body: bytes = b""
    #: The port that it came from: the same for requests on one connection.
    client: int = 0


@dataclass(frozen=True)
class Answer:
    """What to say; Content-Length is added unless it, or Transfer-Encoding, is given."""

    status: int = 200
    headers: Mapping[str, str] | tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Origin(Loopback):
    """A server on `address` and a free port. `url` is where it listens, `requests` what it was asked, in order."""

    def __init__(self, address: str = "127.0.0.1", *, tls: bool = False) -> None:
        self.requests: list[Asked] = []
        #: The largest number of requests that were being answered at the same moment.
        self.most_at_once = 0
        self._now_answering = 0
        self._lock = threading.Lock()
        self._answers: dict[str, Callable[[Asked], Answer]] = {}
        self._writers: dict[str, Callable[[socket.socket], None]] = {}
        super().__init__(partial(_Handler, self), address, tls=tls)

    def answer(
        self,
        path: str,
        status: int = 200,
        headers: Mapping[str, str] | tuple[tuple[str, str], ...] = (),
        body: bytes | Callable[[Asked], Answer] = b"",
    ) -> str:
        """Answer a path (with its query) so from now on, or as a function of the request says; gives its URL."""
        self._answers[path] = body if callable(body) else lambda _: Answer(status, headers, body)
        return self.url + path

    def write(self, path: str, writer: Callable[[socket.socket], None]) -> str:
        """Let a function write to the naked connection when a path is asked for; it is closed after. Gives its URL."""
        self._writers[path] = writer
        return self.url + path

    def reply(self, handler: _Handler) -> None:
        """Answer one request; 404 for paths that nobody spoke of."""
        length = min(int(handler.headers.get("content-length", "0")), 1024 * 1024)
        body = handler.rfile.read(length) if length else b""
        asked = Asked(handler.command, handler.path, _joined(handler), body, handler.client_address[1])
        with self._lock:
            self.requests.append(asked)
            self._now_answering += 1
            self.most_at_once = max(self.most_at_once, self._now_answering)
        try:
            if asked.path in self._writers:
                handler.close_connection = True
                self._writers[asked.path](handler.connection)
            else:
                handler.say(self._answers.get(asked.path, _unknown)(asked))
        finally:
            with self._lock:
                self._now_answering -= 1


class _Handler(Handler):
    def __init__(self, origin: Origin, *arguments: Any) -> None:  # noqa: ANN401
        self.origin = origin
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self.origin.reply(self)

    do_HEAD = do_POST = do_GET

    def say(self, answer: Answer) -> None:
        fields = answer.headers.items() if isinstance(answer.headers, Mapping) else answer.headers
        names = {name.lower() for name, _ in fields}
        self.send_response_only(answer.status)
        for name, value in fields:
            self.send_header(name, value)
        if not names & {"content-length", "transfer-encoding"} and answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)


def _unknown(_: Asked) -> Answer:
    return Answer(404)


def _joined(handler: _Handler) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in handler.headers.items():
        fields[name.lower()] = f"{fields[name.lower()]}, {value}" if name.lower() in fields else value
    return fields
