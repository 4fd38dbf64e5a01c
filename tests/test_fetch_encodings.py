"""Compressed bodies: expanded by us, counted while reading, and never taken for whole when they stop in the middle."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Iterator
from functools import partial

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import TooLarge, Unreachable
from feedsvc.fetch.decoding import ACCEPTED, Body
from feedsvc.fetch.expanding import CODINGS
from tests.fetching import FEED, get, limited, peak_of_fetching
from tests.origin import Answer, Origin

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MEGABYTE = 1024 * 1024


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def encoded(coding: str, body: bytes) -> Answer:
    return Answer(200, {"Content-Encoding": coding}, body)


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def wide_zstd(data: bytes) -> bytes:
    """A stream that asks for a window of 128 MB; RFC 9659 allows 8 MB."""
    packer = zstd.ZstdCompressor(options={int(zstd.CompressionParameter.window_log): 27})
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": partial(brotli.compress, quality=5),
    "zstd": zstd.compress,
}


def test_what_is_asked_for_is_what_is_understood() -> None:
    """Accept-Encoding names each coding that we decode once; x-gzip is gzip's old name (RFC 9110 8.4.1.3)."""
    assert ACCEPTED.split(", ") == ["gzip", "deflate", "br", "zstd"]
    assert set(CODINGS) == set(PACKERS) == {*ACCEPTED.split(", "), "x-gzip"}


@pytest.mark.parametrize(
    "coding, body",
    [
        *((coding, pack(FEED)) for coding, pack in PACKERS.items()),
        ("GZip", gzip.compress(FEED[:20]) + gzip.compress(FEED[20:])),
        ("gzip", gzip.compress(FEED) + b"\0\0\0padding"),
        ("gzip", gzip.compress(FEED) + b"\0"),
        ("deflate", bare_deflate(FEED)),
        ("zstd", zstd.compress(FEED[:20]) + zstd.compress(FEED[20:])),
        ("zstd", b"\x5a\x2a\x4d\x18\x03\0\0\0abc" + zstd.compress(FEED)),
        ("BR", brotli.compress(FEED)),
        ("identity", FEED),
    ],
)
def test_compressed_bodies_are_expanded(origin: Origin, coding: str, body: bytes) -> None:
    """Also in several members, padded, behind a skippable frame, and as the bare deflate that some servers send."""
    origin.answer("/feed", body=lambda _: encoded(coding, body))
    assert get(origin.url + "/feed").body == FEED


@pytest.mark.parametrize(
    "coding, body, kind",
    [
        ("gzip", gzip.compress(FEED)[:-20], "truncated"),
        ("gzip", gzip.compress(FEED)[:-4], "truncated"),
        ("gzip", gzip.compress(FEED) + gzip.compress(FEED)[:15], "truncated"),
        ("gzip", gzip.compress(FEED)[:1], "truncated"),
        ("deflate", zlib.compress(FEED)[:-10], "truncated"),
        ("br", brotli.compress(FEED)[:-3], "truncated"),
        ("zstd", zstd.compress(FEED)[:-3], "truncated"),
        ("zstd", zstd.compress(FEED) + zstd.compress(FEED)[:9], "truncated"),
        ("gzip", gzip.compress(FEED)[:-8] + b"12345678", "encoding"),
        ("gzip", FEED, "encoding"),
        ("br", FEED, "encoding"),
        ("zstd", FEED, "encoding"),
        ("zstd", wide_zstd(FEED), "encoding"),
        ("compress", FEED, "encoding"),
        ("gzip, gzip", gzip.compress(gzip.compress(FEED)), "encoding"),
    ],
)
def test_a_body_that_does_not_decode_whole_is_no_document(origin: Origin, coding: str, body: bytes, kind: str) -> None:
    """A stream that stops in the middle is told apart from one that is none, or that asks for a window beyond 8 MB."""
    origin.answer("/feed", body=lambda _: encoded(coding, body))
    with pytest.raises(Unreachable) as fault:
        get(origin.url + "/feed")
    assert fault.value.kind == kind


def test_an_empty_body_is_an_empty_document_whatever_its_coding(origin: Origin) -> None:
    """That it is no feed is for the reader to say."""
    for coding in CODINGS:
        origin.answer("/feed", 200, {"Content-Encoding": coding})
        assert get(origin.url + "/feed").body == b""


@pytest.mark.parametrize("coding", CODINGS)
def test_polling_limits_the_limit_counts_what_a_body_expands_to(origin: Origin, coding: str) -> None:
    """Of just the limit it is read, of one byte more it is dropped."""
    origin.answer("/just", body=lambda _: encoded(coding, PACKERS[coding](b"x" * 10_000)))
    assert get(origin.url + "/just", limited(max_body=10_000)).body == b"x" * 10_000
    origin.answer("/more", body=lambda _: encoded(coding, PACKERS[coding](b"x" * 10_001)))
    with pytest.raises(TooLarge, match="10000 bytes"):
        get(origin.url + "/more", limited(max_body=10_000))


def test_polling_limits_members_are_counted_together(origin: Origin) -> None:
    """Each of two members is within the limit, both are not."""
    origin.answer("/feed", body=lambda _: encoded("gzip", gzip.compress(b"x" * 9_000) + gzip.compress(b"x" * 1_001)))
    with pytest.raises(TooLarge, match="10000 bytes"):
        get(origin.url + "/feed", limited(max_body=10_000))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_polling_limits_a_bomb_is_dropped_with_flat_memory(origin: Origin, coding: str) -> None:
    """100 MB of zeros: of each coding no more than the 10 MB of the limit, and a window, ever lie in memory."""
    url = origin.answer("/bomb", 200, {"Content-Encoding": coding}, PACKERS[coding](bytes(100 * MEGABYTE)))
    outcomes, peak = peak_of_fetching([url])
    assert outcomes == {"TooLarge": 1}
    assert peak < 40 * MEGABYTE


@given(
    st.sampled_from(CODINGS),
    st.binary(max_size=400) | st.integers(0, 70_000).map(bytes),
    st.lists(st.integers(1, 300), min_size=1, max_size=8),
    st.integers(0, 5),
)
def test_how_a_body_is_cut_into_chunks_makes_no_difference(
    coding: str, data: bytes, sizes: list[int], expand_after: int
) -> None:
    """Wherever the chunks end and whenever expanding begins, the same bytes come out."""
    packed = PACKERS[coding](data)
    body = Body("http://outlet.example/", [coding], 100_000)
    for number, start in enumerate(range(0, len(packed), sizes[0])):
        if number == expand_after:
            body.expand()
        body.feed(packed[start : start + sizes[0]])
    assert body.finish() == data


@given(st.sampled_from(CODINGS), st.binary(min_size=1, max_size=400), st.data())
def test_whatever_is_cut_off_is_never_taken_for_whole(coding: str, data: bytes, draw: st.DataObject) -> None:
    """Every beginning of a stream is truncated; none gives out something shorter."""
    packed = PACKERS[coding](data)
    body = Body("http://outlet.example/", [coding], 100_000)
    body.feed(packed[: draw.draw(st.integers(1, len(packed) - 1))])
    with pytest.raises(Unreachable, match="stops in the middle"):
        body.finish()
