"""A request that brings something in, its body out, bounded in size and time; and the plain answers to such."""

from __future__ import annotations

import threading
from typing import IO

from flask import Response, abort, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

#: Seconds that another body waits for its turn.
PLACE_WITHIN = 1.0
PIECE = 64 * 1024


def plain(text: str, status: int) -> Response:
    """Words that nobody keeps, and that no browser takes for a page."""
    return Response(text, status, {"Cache-Control": "no-store"}, content_type="text/plain; charset=utf-8")


def later(seconds: int, status: int = 503, text: str = "") -> Response:
    """A refusal for so many seconds (RFC 9110 10.2.3)."""
    response = plain(text, status)
    response.headers["Retry-After"] = str(seconds)
    return response


def single(arguments: MultiDict[str, str], name: str) -> str | None:
    """The value of a parameter that is given once; two could be read in two ways."""
    values = arguments.getlist(name)
    return values[0] if len(values) == 1 else None


class Arriving:
    """A body on its way, read by a thread of its own: the server's could not leave a client that falls silent."""

    def __init__(self, stream: IO[bytes], most: int, places: threading.BoundedSemaphore) -> None:
        self._stream = stream
        self._most = most
        self._places = places
        self._body = bytearray()
        self._broken = False

    def whole(self, within: float) -> bytes:
        """The body; else 503 (too many on their way), 413 (too large), 408 (not in `within` seconds), 400 (cut off)."""
        if not self._places.acquire(timeout=PLACE_WITHIN):
            abort(later(60))
        reader = threading.Thread(target=self._read, name="delivery", daemon=True)
        reader.start()
        reader.join(within)
        if len(self._body) > self._most:
            abort(413)
        if reader.is_alive():
            abort(408)
        if self._broken or len(self._body) < (request.content_length or 0):
            abort(400)
        return bytes(self._body)

    def _read(self) -> None:
        """Ends with the connection at the latest; only then is the place free again."""
        try:
            while len(self._body) <= self._most and (piece := self._stream.read(PIECE)):
                self._body += piece
        except (OSError, HTTPException):
            self._broken = True
        finally:
            self._places.release()
