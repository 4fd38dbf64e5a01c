"""Stands between a feed reader and the service, on loopback: hands everything on, and keeps what was asked and said."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType

from tests.origin import Answer, Asked, Origin
from tests.service import PATIENCE

#: These speak of one connection alone (RFC 9110, 7.6.1); the length is that of the body as it is handed on.
OF_ONE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; header names in lower case."""

    path: str
    asked: Mapping[str, str]
    status: int
    said: Mapping[str, str]
    body: bytes


class Between:
    """A server in front of the one at `port`. `exchanges` is everything that passed, in order."""

    def __init__(self, port: int) -> None:
        self.exchanges: list[Exchange] = []
        self._port = port
        self._origin = Origin()

    def __enter__(self) -> Between:
        self._origin.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._origin.__exit__(kind, fault, trace)

    def address(self, path: str) -> str:
        """Where a reader asks for the service's path."""
        return self._origin.answer(path, body=self._handed_on)

    def _handed_on(self, asked: Asked) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            connection.putrequest(asked.method, asked.path, skip_host=True, skip_accept_encoding=True)
            for name, value in asked.headers.items():
                if name not in OF_ONE_CONNECTION:
                    connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        kept = tuple((name, value) for name, value in answer.getheaders() if name.lower() not in OF_ONE_CONNECTION)
        said = {name.lower(): value for name, value in kept}
        self.exchanges.append(Exchange(asked.path, asked.headers, answer.status, said, body))
        return Answer(answer.status, kept, body)
