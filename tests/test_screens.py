"""The pages in a real browser: light and dark, narrow and wide, by keyboard, on paper, and judged by axe-core."""

from __future__ import annotations

import json
import os
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
from tests.browser import Browser, browser
from tests.conftest import need_program
from tests.gallery import PAGES
from tests.samples import SITE
from tests.shelf import Shelf

AXE = Path(__file__).parent / "axe"
SCHEMES = ("light", "dark")
#: The ground that style.css gives each scheme.
PAPER = {"light": (0xFB, 0xF8, 0xF2), "dark": (0x17, 0x15, 0x13)}
#: The colour in which ratings are drawn on the light ground.
ACCENT = (0x85, 0x30, 0x1F)
HEIGHT = 700
#: Where each page of the gallery is served.
PLACES = {name: f"/reviews/{name.replace(' ', '-')}" for name in PAGES}


def page(path: str, body: bytes) -> Rendition:
    return Rendition(
        path=path, media_type="text/html", body=body, etag='"1"', modified=datetime(2026, 5, 4, tzinfo=UTC)
    )


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The address of the sample site, served by the application itself on loopback."""
    things = {place: page(place, PAGES[name]) for name, place in PLACES.items()}
    things |= {"/search": page("/search", PAGES["found"])}
    server = make_server("127.0.0.1", 0, create_app(SITE, Shelf(things | dict(STATIC))), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for all of these tests."""
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, installed with npm on first use."""
    source = AXE / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        command = [need_program("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        run = subprocess.run(command, cwd=AXE, capture_output=True, text=True, check=False)
        if run.returncode:
            message = f"axe-core could not be installed: run `npm ci` in {AXE}\n{run.stderr}"
            pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return source.read_text(encoding="utf-8")


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


# --------------------------------------------------------------------------------------------------------- how it looks


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [390, 1280])
def test_a_review_is_drawn_with_its_style_in_both_schemes(
    window: Browser, served: str, width: int, scheme: str
) -> None:
    """The window's size, our ground colour over most of it, and text on it: so the style sheet passed the policy."""
    window.show(f"{served}{PLACES['full review']}", width, HEIGHT, prefers_color_scheme=scheme)
    picture = read_png(window.picture())
    assert (picture.width, picture.height) == (width, HEIGHT)
    counts = Counter(picture.pixels)
    assert counts.most_common(1)[0][0] == PAPER[scheme]
    assert 0.02 < 1 - counts[PAPER[scheme]] / len(picture.pixels) < 0.5


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_window(window: Browser, served: str, name: str) -> None:
    """From the narrowest phone to a desk, with words that have no space and a picture of 4000 pixels."""
    for width in (320, 390, 768, 1024, 1280):
        window.show(f"{served}{PLACES[name]}", width, HEIGHT)
        assert window.ask("document.documentElement.scrollWidth") <= width, width
        assert window.ask(OUTSIDE) == [], width


#: What of the visible content ends beyond the window's right edge, or begins before its left one.
OUTSIDE = """[...document.querySelectorAll('main *')].filter(one => {
    const box = one.getBoundingClientRect();
    const drawn = box.width > 1 && box.height > 1 && !one.closest('.unseen, svg, pre, table');
    return drawn && (box.right > innerWidth + 1 || box.left < -1);
}).map(one => one.outerHTML.slice(0, 120))"""


def test_half_a_star_is_half_a_star(window: Browser, served: str) -> None:
    """Three stars and a half: the accent over seven tenths of the drawing's width, to the pixel's tolerance."""
    window.show(f"{served}{PLACES['full review']}", 1280, HEIGHT)
    drawing = "document.querySelector('.in-stars .drawn').getBoundingClientRect()"
    x, y, wide, high = window.ask(f"(box => [box.x, box.y, box.width, box.height])({drawing})")
    picture = read_png(window.picture())
    row = picture.pixels[round(y + high * 0.45) * picture.width :][: picture.width]
    filled = [at for at in range(round(x), round(x + wide)) if row[at] == ACCENT]
    assert max(filled) == pytest.approx(x + wide * 0.7, abs=2)


# ------------------------------------------------------------------------------------------------- for everybody to use


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(window: Browser, served: str, axe: str, name: str) -> None:
    """Every rule of axe-core that is not experimental, light and dark, at a desk's and a phone's width."""
    for width in (1280, 390):
        for scheme in SCHEMES:
            window.show(f"{served}{PLACES[name]}", width, HEIGHT, prefers_color_scheme=scheme)
            window.ask(f"{axe};0")
            found = window.ask(VIOLATIONS)
            assert found == [], f"{width} {scheme}: {json.dumps(found, indent=1)}"


#: Rule and places of each violation; all rules but the experimental ones.
VIOLATIONS = """axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(one =>
    [one.id, one.help, one.nodes.slice(0, 3).map(node => node.html.slice(0, 200) + ' ' + node.failureSummary)]))"""


def test_the_first_key_leads_past_the_top(window: Browser, served: str) -> None:
    """Tab shows the skip link, Enter goes to the content, and the next Tab goes on from there."""
    window.show(f"{served}{PLACES['feed']}", 1280, HEIGHT, prefers_reduced_motion="reduce")
    window.press("Tab", 9)
    assert window.ask("document.activeElement.className") == "skip"
    assert window.ask("document.activeElement.getBoundingClientRect().top") >= 0
    window.press("Enter", 13)
    assert window.ask("document.activeElement.id") == "content"
    window.press("Tab", 9)
    assert window.ask("document.activeElement.closest('main') !== null") is True


def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(window: Browser, served: str) -> None:
    """Each link and field once, as they stand in the page, each with an outline that can be seen."""
    window.show(f"{served}{PLACES['narrowed feed']}", 1280, HEIGHT, prefers_reduced_motion="reduce")
    window.ask(f"window.reachable = {REACHABLE}; 0")
    count = window.ask("reachable.length")
    assert count > 50
    for number in range(count):
        window.press("Tab", 9)
        assert window.ask("reachable.indexOf(document.activeElement)") == number
        style = window.ask(
            "(s => [s.outlineStyle, parseFloat(s.outlineWidth)])(getComputedStyle(document.activeElement))"
        )
        assert style[0] == "solid"
        assert style[1] >= 2


#: All that can be seen and used.
REACHABLE = """[...document.querySelectorAll('a[href], input:not([type=hidden]), select, button')].filter(one =>
    one.getClientRects().length)"""


def test_the_form_is_sent_without_a_script(window: Browser, served: str) -> None:
    """Enter in the search field of the front page opens the search with its words; the policy lets it."""
    window.show(f"{served}{PLACES['home']}", 1280, HEIGHT)
    window.ask("document.querySelector('#q').value = 'salt road'; document.querySelector('#q').focus(); 0")
    window.follow(lambda: window.press("Enter", 13))
    assert window.ask("location.pathname + location.search") == "/search?q=salt+road"
    assert window.ask("document.querySelector('h1').textContent") == "Search"


def test_nothing_moves_for_those_who_asked_for_calm(window: Browser, served: str) -> None:
    """No transition and no animation under prefers-reduced-motion."""
    moving = """[...document.querySelectorAll('*')].filter(one => {
        const style = getComputedStyle(one);
        return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none';
    }).length"""
    window.show(f"{served}{PLACES['feed']}", 1280, HEIGHT, prefers_reduced_motion="reduce")
    assert window.ask(moving) == 0
    window.show(f"{served}{PLACES['feed']}", 1280, HEIGHT, prefers_reduced_motion="no-preference")
    assert window.ask(moving) == 1


def test_ratings_can_be_told_where_colours_are_forced(window: Browser, served: str) -> None:
    """What is filled and what is not have the two colours of the reader's own scheme."""
    window.show(f"{served}{PLACES['subject']}", 1280, HEIGHT, forced_colors="active")
    fills = [window.ask(f"getComputedStyle(document.querySelector('.drawn .{kind}')).fill") for kind in ("on", "off")]
    assert len(set(fills)) == 2
    assert window.ask("getComputedStyle(document.querySelector('.drawn .on')).fill") == window.ask(
        "getComputedStyle(document.body).color"
    )


@pytest.mark.parametrize("scheme", SCHEMES)
def test_paper_gets_the_reviews_and_where_they_lead_and_nothing_to_press(
    window: Browser, served: str, scheme: str
) -> None:
    """Black on white in either scheme; no form, filter or paging; the address of each original in print."""
    window.show(f"{served}{PLACES['narrowed feed']}", 794, 1123, media="print", prefers_color_scheme=scheme)
    hidden = (
        "['form', 'nav', '.subscribe', '.paging', '.skip'].every(s => document.querySelector(s).offsetParent === null)"
    )
    assert window.ask(hidden) is True
    assert window.ask("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert window.ask("document.querySelector('.card h3').offsetParent !== null") is True
    after = "getComputedStyle(document.querySelector('.foot a'), '::after').content"
    assert "attr" in window.ask(after) or "night-lantern.example" in window.ask(after)
