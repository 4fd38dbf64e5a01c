"""The pages in a real browser: at a phone's and a desk's width, light and dark, and never wider than the window."""

from __future__ import annotations

import struct
import subprocess
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from werkzeug.serving import make_server

from feedsvc.model import Rendition
from feedsvc.render.pages import STATIC
from feedsvc.web import create_app
from tests.conftest import need_program
from tests.samples import SITE
from tests.shelf import Shelf
from tests.test_render_pages import PAGES

#: Chromium's own numbers for prefers-color-scheme.
SCHEMES = {"dark": 0, "light": 1}
#: The ground that style.css gives each scheme.
PAPER = {"light": (0xFB, 0xF8, 0xF2), "dark": (0x17, 0x15, 0x13)}
HEIGHT = 700
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # Pictures of outlets are asked for at addresses that lead nowhere; no name is looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def page(path: str, body: bytes) -> Rendition:
    return Rendition(
        path=path, media_type="text/html", body=body, etag='"1"', modified=datetime(2026, 5, 4, tzinfo=UTC)
    )


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The address of the sample site, served by the application itself on loopback."""
    pages = {"/": "home", "/feeds/reviews": "feed", "/reviews/full": "full review", "/reviews/bare": "excerpt"}
    pages |= {"/sources": "sources", "/sources/lint": "lint", "/feeds/reviews/credits": "credits"}
    things = {path: page(path, PAGES[name]) for path, name in pages.items()}
    server = make_server("127.0.0.1", 0, create_app(SITE, Shelf(things | dict(STATIC))), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def screenshot(url: str, size: tuple[int, int], scheme: str, folder: Path) -> bytes:
    """A PNG of what a window of this size shows."""
    image = folder / "screen.png"
    options = (
        f"--user-data-dir={folder / 'profile'}",
        f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
        f"--window-size={size[0]},{size[1]}",
        f"--screenshot={image}",
    )
    done = subprocess.run(
        [need_program("chromium"), *FLAGS, *options, url], capture_output=True, text=True, timeout=120, check=False
    )
    assert image.is_file(), done.stderr
    return image.read_bytes()


@dataclass(frozen=True)
class Picture:
    """Pixels as (red, green, blue), row by row."""

    width: int
    height: int
    pixels: list[tuple[int, int, int]]

    def column(self, x: int) -> list[tuple[int, int, int]]:
        return self.pixels[x :: self.width]


def read_png(data: bytes) -> Picture:
    """An 8-bit RGB or RGBA picture without interlacing, as Chromium writes them (PNG 3rd edition, 9: filtering)."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", data[16:29])
    assert (depth, interlace) == (8, 0)
    channels = {2: 3, 6: 4}[colour]
    packed, at = b"", 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += length + 12
    raw, stride = zlib.decompress(packed), width * channels
    before, pixels = bytes(stride), []
    for y in range(height):
        row = _unfilter(raw[y * (stride + 1)], raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)], before, channels)
        pixels += list(zip(row[::channels], row[1::channels], row[2::channels], strict=True))
        before = row
    return Picture(width, height, pixels)


def _unfilter(kind: int, row: bytes, above: bytes, step: int) -> bytes:
    if kind == 0:
        return row
    out = bytearray(row)
    for i in range(len(out)):
        left = out[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        guess = (left, above[i], (left + above[i]) // 2, _paeth(left, above[i], corner))[kind - 1]
        out[i] = (out[i] + guess) & 255
    return bytes(out)


def _paeth(left: int, up: int, corner: int) -> int:
    distance = [abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)]
    return (left, up, corner)[distance.index(min(distance))]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [390, 1280])
def test_a_review_is_drawn_with_its_style_in_both_schemes(served: str, tmp_path: Path, width: int, scheme: str) -> None:
    """The window's size, our ground colour over most of it, and text on it: so the style sheet passed the policy."""
    picture = read_png(screenshot(f"{served}/reviews/full", (width, HEIGHT), scheme, tmp_path))
    assert (picture.width, picture.height) == (width, HEIGHT)
    counts = Counter(picture.pixels)
    assert counts.most_common(1)[0][0] == PAPER[scheme]
    assert 0.02 < 1 - counts[PAPER[scheme]] / len(picture.pixels) < 0.5


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/feeds/reviews",
        "/feeds/reviews/credits",
        "/reviews/full",
        "/reviews/bare",
        "/sources",
        "/sources/lint",
    ],
)
def test_nothing_is_wider_than_the_narrowest_phone(served: str, tmp_path: Path, path: str) -> None:
    """At 320 pixels the margin at the right stays empty from top to bottom, but for lines that cross the whole page."""
    picture = read_png(screenshot(f"{served}{path}", (320, 2600), "light", tmp_path))
    assert picture.width == 320
    margin = Counter(pixel for x in range(picture.width - 12, picture.width) for pixel in picture.column(x))
    assert margin[PAPER["light"]] / margin.total() > 0.995, margin.most_common(5)
