"""What is answered before Flask: byte for byte what Flask answers, never stale, and there while the store is not."""

from __future__ import annotations

import gc
import gzip
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder, TestResponse

from feedsvc.errors import StoreError
from feedsvc.model import Rendition, Site
from feedsvc.publish.packing import packed
from feedsvc.store.notices import Unheard
from feedsvc.web import create_app
from feedsvc.web.front import Front, Start
from feedsvc.web.memory import BESIDE, Memory
from tests.samples import SITE
from tests.service import Service, feedsvc, wait_until
from tests.shelf import Shelf

MODIFIED = datetime(2026, 5, 3, 7, 45, tzinfo=UTC)
LAST_MODIFIED = "Sun, 03 May 2026 07:45:00 GMT"
BODY = b"<feed>" + b"<entry>salt</entry>" * 100 + b"</feed>"


def rendition(path: str, body: bytes = BODY, media_type: str = "application/atom+xml") -> Rendition:
    return packed(Rendition(path=path, media_type=media_type, body=body, etag='"abc"', modified=MODIFIED))


ATOM = rendition("/feeds/reviews.atom")
JSON = rendition("/feeds/linked.json", media_type="application/feed+json")
LINKED = replace(JSON, links=(("hub", "https://hub.example/"),))
SMALL = rendition("/feeds/small.rss", b"<rss/>", media_type="application/rss+xml")
PAGE = rendition("/feeds/reviews", media_type="text/html; charset=utf-8")
PRIVATE = replace(rendition("/feeds/partner.atom"), private=True)
#: Drawn when it is asked for, so that no serial tells of its changes.
DRAWN = rendition("/sources", media_type="text/html; charset=utf-8")


class Published(Shelf):
    """A shelf on which one page is drawn at every request."""

    def etags_of(self, paths: Sequence[str]) -> dict[str, str]:
        """See Published."""
        return {path: etag for path, etag in super().etags_of(paths).items() if path != DRAWN.path}


class Behind:
    """Flask, and how often it was entered."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.entered = 0

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        self.entered += 1
        return self.app(environ, start)


class House:
    """A site with its front: `ask` goes through the front, `ask_flask` past it."""

    def __init__(self, *things: Rendition, room: int = 1 << 20, site: Site = SITE) -> None:
        self.shelf = Published({thing.path: thing for thing in things})
        self.memory = Memory(self.shelf, room)
        self.behind = Behind(create_app(site, self.memory))
        self.front = Front(site, self.memory, self.behind)
        self.alone = create_app(site, self.shelf)

    def ask(self, path: str = ATOM.path, method: str = "GET", **headers: str) -> TestResponse:
        return self._open(self.front, path, method, headers)

    def ask_flask(self, path: str = ATOM.path, method: str = "GET", **headers: str) -> TestResponse:
        return self._open(self.alone, path, method, headers)

    def _open(self, application: Callable[..., Any], path: str, method: str, headers: dict[str, str]) -> TestResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        environ = EnvironBuilder(path, base_url=SITE.base_url, method=method, headers=Headers(sent)).get_environ()
        # The test client names a host even where none is to be named.
        if "Host" in sent:
            environ["HTTP_HOST"] = sent["Host"]
        return Client(application).open(environ)


@pytest.fixture
def house() -> House:
    """A site that knows all that may stay known."""
    house = House(ATOM, LINKED, SMALL, PAGE, PRIVATE, DRAWN)
    for path in house.shelf.things:
        house.ask(path)
    house.behind.entered = 0
    return house


def seen(answer: TestResponse) -> tuple[str, list[tuple[str, str]], bytes]:
    return answer.status, list(answer.headers), answer.data


# --------------------------------------------------------------------------------------------------- the same as Flask

ENCODINGS: tuple[dict[str, str], ...] = (
    {},
    {"Accept_Encoding": ""},
    {"Accept_Encoding": "gzip"},
    {"Accept_Encoding": "gzip, deflate, br"},
    {"Accept_Encoding": "br;q=0.2, gzip;q=0.8, identity;q=0.5"},
    {"Accept_Encoding": "*;q=0"},
)
CONDITIONS: tuple[dict[str, str], ...] = (
    {},
    {"If_None_Match": '"abc"'},
    {"If_None_Match": 'W/"abc-gzip"'},
    {"If_None_Match": '"x", "abc-br" , W/"y"'},
    {"If_None_Match": '"x"'},
    {"If_None_Match": "*"},
    {"If_None_Match": ""},
    {"If_None_Match": "abc"},
    {"If_Modified_Since": LAST_MODIFIED},
    {"If_Modified_Since": "Sunday, 03-May-26 07:45:00 GMT"},
    {"If_Modified_Since": "Sun, 03 May 2026 07:44:59 GMT"},
    {"If_Modified_Since": "soon"},
    {"If_None_Match": '"x"', "If_Modified_Since": LAST_MODIFIED},
    {"If_None_Match": '"x"', "If_Modified_Since": LAST_MODIFIED, "Range": "bytes=0-3"},
    {"If_Match": '"abc"'},
    {"If_Match": '"x"'},
    {"If_Unmodified_Since": LAST_MODIFIED},
    {"Range": "bytes=0-3"},
    {"Range": "bytes=0-3", "If_Range": '"abc"'},
    {"Range": "bytes=99999-"},
    {"A_IM": "feed"},
    {"A_IM": "feed", "If_None_Match": '"x"'},
    {"Cookie": "a=b", "Authorization": "Basic eDp5", "Origin": "https://other.example", "Content_Length": "3"},
)
ADDRESSES = (
    *(thing.path for thing in (ATOM, LINKED, SMALL, PAGE, PRIVATE, DRAWN)),
    "/feeds/reviews.atom?utm_source=x",
    "/feeds/reviews.atom?",
    "/feeds/%72eviews.atom",
    "/feeds/Reviews.atom",
    "/feeds/reviews.atom/",
    "//feeds/reviews.atom",
    "/feeds/../feeds/reviews.atom",
    "/feeds/none.atom",
    "/healthz",
)


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_is_flasks_own(house: House, path: str) -> None:
    """Status, headers in their order, and body, whoever gives it."""
    for method, encoding, condition in product(("GET", "HEAD"), ENCODINGS, CONDITIONS):
        headers = encoding | condition
        assert seen(house.ask(path, method, **headers)) == seen(house.ask_flask(path, method, **headers)), headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "PROPFIND"])
def test_other_methods_are_flasks(house: House, method: str) -> None:
    assert seen(house.ask(method=method)) == seen(house.ask_flask(method=method))
    assert house.behind.entered == 1


@pytest.mark.parametrize(
    ("host", "status", "entered"),
    [
        ("reviews.example", 200, 0),
        ("REVIEWS.example:8000", 200, 0),
        ("127.0.0.1:8000", 200, 0),
        ("[::1]", 200, 0),
        ("localhost", 200, 0),
        ("evil.example", 400, 1),
        ("reviews.example,evil.example", 400, 1),
        ("reviews.example, reviews.example", 400, 1),
        ("reviews.example.evil.example", 400, 1),
        ("", 400, 1),
        ("a b", 400, 1),
    ],
)
def test_only_requests_for_us_are_answered(house: House, host: str, status: int, entered: int) -> None:
    """A foreign, missing or doubled Host is refused however often it is asked, also after one that was right."""
    for _ in range(2):
        house.behind.entered = 0
        answer = house.ask(Host=host)
        assert (answer.status_code, house.behind.entered) == (status, entered)
        assert seen(answer) == seen(house.ask_flask(Host=host))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept_Encoding": "gzip"},
        {"Accept_Encoding": "br", "If_None_Match": '"abc-br"'},
        {"If_None_Match": '"x", W/"abc"'},
        {"If_Modified_Since": LAST_MODIFIED},
        {"If_Range": '"abc"'},
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_known_never_enters_flask(house: House, method: str, headers: dict[str, str]) -> None:
    for path in (ATOM.path, LINKED.path, SMALL.path, PAGE.path):
        assert house.ask(path, method, **headers).status_code in (200, 304)
    assert house.behind.entered == 0
    assert house.shelf.read == list(house.shelf.things)


# -------------------------------------------------------------------------------------------------------- what changes


def test_new_bytes_are_served_after_the_next_look(house: House) -> None:
    """And without entering Flask again: what is known is renewed, not forgotten."""
    house.shelf.put(replace(ATOM, body=b"<new/>", gzip=None, br=None, etag='"new"'))
    assert house.ask().data == BODY
    house.memory.look()
    assert (house.ask().data, house.ask().headers["ETag"]) == (b"<new/>", '"new"')
    assert house.ask(If_None_Match='"abc"').status_code == 200
    assert house.behind.entered == 0


def test_what_is_withdrawn_is_gone_after_the_next_look(house: House) -> None:
    house.shelf.remove(ATOM.path)
    house.memory.look()
    assert house.ask().status_code == 404
    assert house.ask(PAGE.path).status_code == 200


def test_what_becomes_private_is_forgotten(house: House) -> None:
    """The same bytes under the same ETag are not for everybody any more."""
    house.shelf.put(replace(ATOM, private=True))
    house.memory.look()
    assert house.ask().headers["Cache-Control"] == "private, max-age=60"
    assert house.behind.entered == 1


def test_what_is_private_or_drawn_now_is_never_kept(house: House) -> None:
    for path in (PRIVATE.path, DRAWN.path):
        house.shelf.read.clear()
        assert [house.ask(path).status_code for _ in range(3)] == [200, 200, 200]
        assert house.shelf.read == [path] * 3


def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    """A request that reads the old bytes and is slow to keep them loses against the look that saw the change."""
    house = House(ATOM)

    class Late(Published):
        """Changes, and is looked at, between the reading of old bytes and their being kept."""

        def etags_of(self, paths: Sequence[str]) -> dict[str, str]:
            found = super().etags_of(paths)
            if list(paths) == [ATOM.path] and self.number == 1:
                self.put(replace(ATOM, body=b"<new/>", gzip=None, br=None, etag='"new"'))
                memory.look()
            return found

    late = Late(house.shelf.things)
    memory = Memory(late)
    first = memory.rendition(ATOM.path)
    second = memory.rendition(ATOM.path)
    assert isinstance(first, Rendition)
    assert isinstance(second, Rendition)
    assert (first.body, second.body) == (BODY, b"<new/>")


def test_nothing_is_asked_while_nothing_changes(house: House) -> None:
    """One look costs one question for the serial."""
    house.shelf.read.clear()
    for _ in range(5):
        house.memory.look()
        house.ask()
    assert house.shelf.read == []


def test_a_thread_looks_by_itself_and_ends_with_the_memory(house: House) -> None:
    """A reload makes another application: the one before leaves nothing behind."""
    house.memory.watch(Unheard())
    [thread] = [one for one in threading.enumerate() if one.name == "changes"]
    house.shelf.put(replace(ATOM, body=b"<new/>", gzip=None, br=None, etag='"new"'))
    pause = threading.Event()
    for _ in range(600):
        if house.ask().data == b"<new/>":
            break
        pause.wait(0.05)
    assert house.ask().data == b"<new/>"

    reference = weakref.ref(house.memory)
    del house.memory, house.front, house.behind
    gc.collect()
    thread.join(30)
    assert (reference(), thread.is_alive()) == (None, False)


# -------------------------------------------------------------------------------------------------------- what is wrong


def test_what_is_known_is_served_while_the_store_is_not_there(house: House) -> None:
    """Whole, conditional, and in part; what is not known is a pause. Afterwards changes come in again."""
    house.shelf.broken = StoreError("the database is locked")
    with pytest.raises(StoreError):
        house.memory.look()
    assert house.ask().data == BODY
    assert gzip.decompress(house.ask(Accept_Encoding="gzip").data) == BODY
    assert house.ask(If_None_Match='"abc"').status_code == 304
    assert house.ask(Range="bytes=0-5").data == b"<feed>"
    assert house.ask("/feeds/none.atom").status_code == 503

    house.shelf.broken = None
    house.shelf.put(replace(ATOM, body=b"<new/>", gzip=None, br=None, etag='"new"'))
    house.memory.look()
    assert house.ask().data == b"<new/>"


def test_a_look_that_fails_half_way_is_done_again(house: House) -> None:
    """The change was seen, and what changed could not be read: the next look does not take it as done."""

    class Torn(Published):
        torn = False

        def etags_of(self, paths: Sequence[str]) -> dict[str, str]:
            if self.torn:
                raise StoreError("the disk failed")
            return super().etags_of(paths)

    torn = Torn({ATOM.path: ATOM})
    memory = Memory(torn)
    memory.rendition(ATOM.path)
    torn.put(replace(ATOM, etag='"new"'))
    torn.torn = True
    with pytest.raises(StoreError):
        memory.look()
    assert memory.known[ATOM.path].rendition.etag == '"abc"'
    torn.torn = False
    memory.look()
    assert memory.known[ATOM.path].rendition.etag == '"new"'


def test_a_site_that_starts_without_its_store_keeps_nothing_until_it_is_there() -> None:
    shelf = Shelf({ATOM.path: ATOM}, broken=StoreError("locked"))
    memory = Memory(shelf)
    shelf.broken = None
    memory.rendition(ATOM.path)
    assert memory.known == {}
    memory.look()
    memory.rendition(ATOM.path)
    assert list(memory.known) == [ATOM.path]


# --------------------------------------------------------------------------------------------------------- how much


def large(name: str, size: int = 1000) -> Rendition:
    return Rendition(
        path=f"/feeds/{name}.atom", media_type="text/xml", body=b"x" * size, etag=f'"{name}"', modified=MODIFIED
    )


def test_memory_is_bounded_and_what_is_asked_for_stays() -> None:
    """Room for four: whoever walks through all that there is does not push out what others ask for."""
    house = House(*(large(str(number)) for number in range(20)), room=4 * (1000 + BESIDE))
    for number in range(20):
        house.ask(f"/feeds/{number}.atom")
        house.ask("/feeds/0.atom")
    assert len(house.memory.known) == 4
    assert "/feeds/0.atom" in house.memory.known
    assert "/feeds/19.atom" in house.memory.known
    assert [house.ask(f"/feeds/{number}.atom").data for number in range(20)] == [b"x" * 1000] * 20


def test_what_is_too_large_is_served_and_not_kept() -> None:
    house = House(large("a", 3000), large("b", 100_000), room=40_000)
    assert [len(house.ask(f"/feeds/{name}.atom").data) for name in "abab"] == [3000, 100_000, 3000, 100_000]
    assert list(house.memory.known) == ["/feeds/a.atom"]


def test_any_number_of_hosts_is_answered_and_few_are_remembered(house: House) -> None:
    """Ports of our own name are made up at will."""
    for port in range(1000):
        assert house.ask(Host=f"reviews.example:{port}").status_code == 200
    assert house.behind.entered == 0


# ------------------------------------------------------------------------------------------------- with the real store

CONFIG = """
[service]
base_url = "http://reviews.example"

[[sources]]
name = "lantern"
kind = "folder"
location = "incoming"
outlet = { name = "Night Lantern", url = "https://night-lantern.example/" }

[[feeds]]
name = "reviews"
title = "All reviews"
"""


def drop(folder: Path, name: str, title: str) -> None:
    """A partner's document."""
    (folder / "incoming").mkdir(exist_ok=True)
    text = f"{title}\n\nIt begins.\n\nBy: Ines Okafor\nLink: https://night-lantern.example/{name}\n"
    (folder / "incoming" / f"{name}.txt").write_text(text, encoding="utf-8")


def collected(folder: Path, *titles: str) -> None:
    """One document for each title, collected and published by a process of its own."""
    for number, title in enumerate(titles):
        drop(folder, str(number), title)
    done = feedsvc(folder, "collect")
    assert done.returncode == 0, done.stderr


FEEDS = ("/feeds/reviews.atom", "/feeds/reviews.rss", "/feeds/reviews.json", "/feeds/reviews", "/")
AS_SENT = ("etag", "last-modified", "content-type", "content-encoding", "content-length", "vary", "cache-control")


def sent(service: Service, path: str, encoding: str) -> tuple[object, ...]:
    """An answer without what tells the time."""
    reply = service.get(path, Accept_Encoding=encoding)
    return reply.status, reply.body, [reply.headers.get(name) for name in AS_SENT]


def test_another_process_publishes_and_every_serving_process_answers_alike_also_after_a_restart(tmp_path: Path) -> None:
    """Two processes serve, a third one collects and withdraws; nobody restarts or waits for an age to pass."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    collected(tmp_path, "The Salt Road", "Low Tide")
    with Service(tmp_path, command="serve --workers 2") as service:
        atom = service.wait_for("/feeds/reviews.atom", "The Salt Road")
        assert "br" in str(sent(service, "/feeds/reviews.atom", "br")[2])

        collected(tmp_path, "The Salt Road", "Low Tide", "Paper Moons")
        wait_until(lambda: all("Paper Moons" in text_of(service) for _ in range(20)), "new bytes from both processes")
        assert service.get("/feeds/reviews.atom", If_None_Match=atom.headers["etag"]).status == 200

        done = feedsvc(tmp_path, "withdraw", "--source", "lantern", "--reason", "a letter", "--requested-by", "them")
        assert done.returncode == 0, done.stderr
        wait_until(lambda: not any("Low Tide" in text_of(service) for _ in range(20)), "an end in both processes")

        undone = feedsvc(tmp_path, "withdraw", "--undo", "--source", "lantern")
        assert undone.returncode == 0, undone.stderr
        wait_until(lambda: all("Low Tide" in text_of(service) for _ in range(20)), "all of it back in both processes")
        before = {(path, form): sent(service, path, form) for path in FEEDS for form in ("identity", "gzip", "br")}
    with Service(tmp_path, command="serve --workers 2") as service:
        assert {(path, form): sent(service, path, form) for path, form in before} == before
        for path in FEEDS:
            assert service.get(path, If_None_Match=service.get(path).headers["etag"]).status == 304


def text_of(service: Service) -> str:
    """The feed as it is served now, by one of the processes."""
    return service.get("/feeds/reviews.atom").body.decode()
