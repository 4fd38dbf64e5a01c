"""Compressed bytes in, pieces of what they expand to out, never more of it at once than is asked for. Pure."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: The Content-Encodings that are understood (RFC 9110 8.4.1, RFC 7932, RFC 8878).
CODINGS = ("gzip", "x-gzip", "deflate", "br", "zstd")
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGICS = (b"\x28\xb5\x2f\xfd", *(bytes((low, 0x2A, 0x4D, 0x18)) for low in range(0x50, 0x60)))
#: The largest window that a zstd content coding may need: 8 MB, as a power of two (RFC 9659).
_ZSTD_WINDOW = 23
#: So much comes out at once, in bytes.
_PIECE = 256 * 1024


class DecodeError(Exception):
    """The bytes are not what their coding says."""


class Expander(Protocol):
    """One compressed stream."""

    @property
    def ended(self) -> bool:
        """Whether all that came so far is whole."""
        ...

    def expand(self, data: bytes, room: Callable[[], int]) -> Iterator[bytes]:
        """What the next bytes expand to, in pieces of at most about `room` bytes; raises DecodeError."""
        ...


def expander(coding: str) -> Expander:
    """A new stream of one of CODINGS."""
    if coding == "br":
        return _Brotli()
    return _Members(_zstd_member, 4) if coding == "zstd" else _Members(_zlib_member(coding), 2)


class _Member(Protocol):
    """One gzip member or zstd frame; several may stand in a row."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, limit: int) -> bytes: ...

    def pending(self) -> bytes | None:
        """What must be put in next although nothing new came; None when new bytes are needed."""
        ...


class _Zlib:
    def __init__(self, wbits: int) -> None:
        self._inflate = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, limit: int) -> bytes:
        return self._inflate.decompress(data, limit)

    def pending(self) -> bytes | None:
        return self._inflate.unconsumed_tail or None


class _Zstd:
    def __init__(self) -> None:
        options = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW}
        self._inflate = zstd.ZstdDecompressor(options=options)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, limit: int) -> bytes:
        return self._inflate.decompress(data, limit)

    def pending(self) -> bytes | None:
        return None if self._inflate.eof or self._inflate.needs_input else b""


class _Members:
    """Members in a row; `begin` tells from the first `head` bytes of one how to read it, None when it is none."""

    def __init__(self, begin: Callable[[bytes, bool], _Member | None], head: int) -> None:
        self.ended = False
        self._begin = begin
        self._head = head
        self._held = b""
        self._member: _Member | None = None

    def expand(self, data: bytes, room: Callable[[], int]) -> Iterator[bytes]:
        try:
            yield from self._expand(self._held + data, room)
        except (zlib.error, zstd.ZstdError) as fault:
            raise DecodeError(str(fault)) from None

    def _expand(self, data: bytes, room: Callable[[], int]) -> Iterator[bytes]:
        self._held = b""
        while data:
            if self._member is None:
                if len(data) < self._head:
                    self._held = data
                    return
                self._member = self._begin(data[: self._head], not self.ended)
                if self._member is None:
                    return  # Padding after the last member; gzip itself ignores it too.
                self.ended = False
            waiting: bytes | None = data
            while waiting is not None and not self._member.eof:
                yield self._member.decompress(waiting, min(room(), _PIECE))
                waiting = self._member.pending()
            if not self._member.eof:
                return
            data, self._member, self.ended = self._member.unused_data, None, True


def _zlib_member(coding: str) -> Callable[[bytes, bool], _Member | None]:
    def begin(head: bytes, first: bool) -> _Member | None:
        if coding != "deflate":
            return _Zlib(31) if first or head == _GZIP_MAGIC else None
        if not first:
            return None
        # "deflate" means a zlib stream (RFC 9110 8.4.1.2), but some servers send it bare.
        header = head[0] & 0x0F == 8 and int.from_bytes(head, "big") % 31 == 0
        return _Zlib(15 if header else -15)

    return begin


def _zstd_member(head: bytes, first: bool) -> _Member | None:
    return _Zstd() if first or head in _ZSTD_MAGICS else None


class _Brotli:
    def __init__(self) -> None:
        self._inflate = brotli.Decompressor()

    @property
    def ended(self) -> bool:
        return bool(self._inflate.is_finished())

    def expand(self, data: bytes, room: Callable[[], int]) -> Iterator[bytes]:
        if self.ended:
            return  # Whatever follows the end is left, as behind a gzip stream.
        try:
            yield self._inflate.process(data, output_buffer_limit=min(room(), _PIECE))
            while not self._inflate.can_accept_more_data() and not self.ended:
                yield self._inflate.process(b"", output_buffer_limit=min(room(), _PIECE))
        except brotli.error as fault:
            raise DecodeError(str(fault)) from None
