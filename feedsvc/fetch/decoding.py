"""Raw chunks of an answer's body in, the decoded body out; limits are counted while reading.

libcurl decodes too, but takes a gzip stream that stops in the middle for a whole one, and refuses several members in
one stream; here the end of the stream is checked. A body is kept as it came until it is whole or `expand` is called:
so what hundreds of unfinished bodies hold is what was sent, and not what it becomes.
"""

from __future__ import annotations

from collections.abc import Sequence

from feedsvc.errors import SourceError, TooLarge, Unreachable
from feedsvc.fetch.expanding import CODINGS, DecodeError, expander

#: What is sent as Accept-Encoding.
ACCEPTED = "gzip, deflate, br, zstd"


class Body:
    """A body being read. `codings` are the answer's Content-Encodings, `limit` is in bytes, raw and decoded alike."""

    def __init__(self, url: str, codings: Sequence[str], limit: int) -> None:
        self.url = url
        self.limit = limit
        self.raw = 0
        self._parts: list[bytes] = []
        self._size = 0
        wanted = [coding for coding in codings if coding != "identity"]
        if len(wanted) > 1 or not all(coding in CODINGS for coding in wanted):
            raise self._undecodable(", ".join(wanted))
        self._coding = wanted[0] if wanted else None
        self._expander = expander(self._coding) if self._coding else None
        self._expanding = False

    def feed(self, chunk: bytes) -> None:
        """Take the next raw bytes; raises TooLarge at the limit, Unreachable("encoding") when they do not decode."""
        self.raw += len(chunk)
        if self.raw > self.limit:
            raise self._too_large()
        if self._expanding:
            self._decode(chunk)
        else:
            self._parts.append(chunk)

    def expand(self) -> None:
        """Decode from here on while reading, beginning with what is there already; raises as `feed` does."""
        if self._expander and not self._expanding:
            self._expanding = True
            came, self._parts = self._parts, []
            for chunk in came:
                self._decode(chunk)

    def finish(self) -> bytes:
        """The whole body; raises as `feed` does, and Unreachable("truncated") when its stream stops before its end."""
        self.expand()
        if self._expander and self.raw and not self._expander.ended:
            raise Unreachable(
                f"{self.url}: the {self._coding} body stops in the middle. It is asked for again; if it stays so, "
                "tell the outlet.",
                kind="truncated",
            )
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def _decode(self, data: bytes) -> None:
        if self._expander is None:
            return
        try:
            for piece in self._expander.expand(data, lambda: self.limit - self._size + 1):
                self._size += len(piece)
                if self._size > self.limit:
                    raise self._too_large()
                if piece:
                    self._parts.append(piece)
        except DecodeError as fault:
            raise self._undecodable(f"{self._coding}: {fault}") from None

    def _too_large(self) -> TooLarge:
        return TooLarge(f"{self.url}: {too_large(self.limit)}")

    def _undecodable(self, what: str) -> SourceError:
        return Unreachable(
            f"{self.url}: the body's Content-Encoding cannot be decoded ({what}). Tell the outlet: we asked for "
            f"{ACCEPTED} only.",
            kind="encoding",
        )


def too_large(limit: int) -> str:
    """What is said of a document beyond `limit` bytes."""
    size = f"{limit / 1048576:g} MB" if limit >= 1048576 else f"{limit} bytes"
    return f"is larger than {size}, the most that is read ([limits] max_body). Ask the outlet for a shorter feed."
