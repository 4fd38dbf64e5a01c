"""The least that a WSGI application can be, on the server that feedsvc runs on: `python -m bench.bare PORT PROCESSES`.

It answers everything with the bytes of the file that BENCH_BODY names, or packed from the file with .gz at the end, and
304 to whoever has its ETag. It knows no path, no Host, no list of ETags and no q-value, and says the headers that HTTP
wants of such an answer (RFC 9110, 8 and 15.4.5) and no other.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from feedsvc.web.server import server_for

ETAG = '"bare"'
KEPT = [("ETag", ETAG), ("Vary", "Accept-Encoding"), ("Cache-Control", "public, max-age=60")]


def _answer(file: str, *more: tuple[str, str]) -> tuple[bytes, list[tuple[str, str]]]:
    body = Path(file).read_bytes()
    told = [("Content-Type", "application/atom+xml"), ("Content-Length", str(len(body)))]
    return body, [*told, ("Last-Modified", "Sun, 03 May 2026 07:45:00 GMT"), *KEPT, *more]


PLAIN = _answer(os.environ["BENCH_BODY"])
PACKED = _answer(os.environ["BENCH_BODY"] + ".gz", ("Content-Encoding", "gzip"))


def application(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    """The bytes, or 304."""
    if environ.get("HTTP_IF_NONE_MATCH") == ETAG:
        start("304 Not Modified", KEPT)
        return []
    body, headers = PACKED if environ.get("HTTP_ACCEPT_ENCODING") == "gzip" else PLAIN
    start("200 OK", headers)
    return [body]


if __name__ == "__main__":
    server_for("bench.bare:application", "127.0.0.1", int(sys.argv[1]), int(sys.argv[2])).serve()
