"""Raw chunks of an answer's body in, the decoded body out; limits are counted while reading.

libcurl decodes too, but takes a gzip stream that stops in the middle for a whole one, and refuses several members in
one stream; here the end of the stream is checked. So we offer gzip and deflate, which the standard library decodes.
"""

from __future__ import annotations

import zlib

from feedsvc.errors import TooLarge, Unreachable

#: What is sent as Accept-Encoding.
ACCEPTED = "gzip, deflate"
_GZIP_MAGIC = b"\x1f\x8b"
_WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class Body:
    """A body being read. `codings` are the answer's Content-Encodings, `limit` is in bytes, raw and decoded alike."""

    def __init__(self, url: str, codings: list[str], limit: int) -> None:
        self.url = url
        self.limit = limit
        self.raw = 0
        self._parts: list[bytes] = []
        self._size = 0
        self._held = b""
        self._ended = False
        self._inflate: zlib._Decompress | None = None
        wanted = [coding for coding in codings if coding != "identity"]
        if len(wanted) > 1 or not all(coding in _WBITS for coding in wanted):
            raise self._undecodable(", ".join(wanted))
        self._coding = wanted[0] if wanted else None

    def feed(self, chunk: bytes) -> None:
        """Take the next raw bytes; raises TooLarge at the limit, Unreachable("encoding") when they do not decode."""
        self.raw += len(chunk)
        if self.raw > self.limit:
            raise self._too_large()
        if self._coding is None:
            self._keep(chunk)
            return
        try:
            self._decode(self._held + chunk)
        except zlib.error as fault:
            raise self._undecodable(f"{self._coding}: {fault}") from None

    def finish(self) -> bytes:
        """The whole body; raises Unreachable("truncated") when the compressed stream stops before its end."""
        if self._coding and self.raw and not self._ended:
            raise Unreachable(
                f"{self.url}: the {self._coding} body stops in the middle. It is asked for again; if it stays so, "
                "tell the outlet.",
                kind="truncated",
            )
        return b"".join(self._parts)

    def _decode(self, data: bytes) -> None:
        self._held = b""
        while data:
            if self._inflate is None:
                if len(data) < 2:
                    self._held = data
                    return
                if self._ended and not data.startswith(_GZIP_MAGIC):
                    return  # Padding after the last member; gzip itself ignores it too.
                self._inflate, self._ended = self._decompressor(data), False
            self._keep(self._inflate.decompress(data, self.limit - self._size + 1))
            data = self._inflate.unconsumed_tail
            if self._inflate.eof:
                data, self._inflate, self._ended = self._inflate.unused_data, None, True

    def _decompressor(self, head: bytes) -> zlib._Decompress:
        """ "deflate" means a zlib stream (RFC 9110 8.4.1.2), but some servers send it bare."""
        zlib_header = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
        bare = self._coding == "deflate" and not zlib_header
        return zlib.decompressobj(-15 if bare else _WBITS[self._coding or ""])

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self.limit:
            raise self._too_large()
        self._parts.append(data)

    def _too_large(self) -> TooLarge:
        return TooLarge(f"{self.url}: {too_large(self.limit)}")

    def _undecodable(self, what: str) -> Unreachable:
        return Unreachable(
            f"{self.url}: the body's Content-Encoding cannot be decoded ({what}). Tell the outlet: we asked for "
            f"{ACCEPTED} only.",
            kind="encoding",
        )


def too_large(limit: int) -> str:
    """What is said of a document beyond `limit` bytes."""
    size = f"{limit / 1048576:g} MB" if limit >= 1048576 else f"{limit} bytes"
    return f"is larger than {size}, the most that is read. Ask the outlet for a shorter feed."
