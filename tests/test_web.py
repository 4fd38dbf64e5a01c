"""The web as its clients see it: conditional requests, encodings, headers, errors, and a server that stops in order."""

from __future__ import annotations

import gzip
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedsvc.errors import ServeError, StoreError
from feedsvc.model import Rendition
from feedsvc.render.pages import STATIC
from feedsvc.web import create_app
from feedsvc.web.server import ensure_free
from tests.samples import SITE

MODIFIED = datetime(2026, 5, 3, 7, 45, tzinfo=UTC)
LAST_MODIFIED = "Sun, 03 May 2026 07:45:00 GMT"
ATOM = b"<feed>" + b"<entry>salt</entry>" * 100 + b"</feed>"
PLAIN, PACKED = '"abc"', '"abc-gzip"'


def rendition(path: str, media_type: str, body: bytes) -> Rendition:
    return Rendition(path=path, media_type=media_type, body=body, etag='"abc"', modified=MODIFIED)


@dataclass
class Shelf:
    """What is published, by path; `wrong` is what the service suffers from."""

    things: dict[str, Rendition] = field(default_factory=dict)
    wrong: str | None = None
    broken: Exception | None = None

    def rendition(self, path: str) -> Rendition | None:
        if self.broken:
            raise self.broken
        return self.things.get(path)

    def ready(self) -> str | None:
        return self.wrong


PUBLISHED = (
    rendition("/", "text/html; charset=utf-8", b"<!doctype html><title>Home</title>"),
    rendition("/feeds/reviews", "text/html; charset=utf-8", b"<!doctype html>" + b"<p>x</p>" * 100),
    rendition("/feeds/reviews.atom", "application/atom+xml", ATOM),
    rendition("/feeds/reviews.rss", "application/rss+xml", b"<rss/>"),
    rendition("/feeds/reviews.json", "application/feed+json", b"{}"),
    rendition("/feeds.opml", "text/x-opml; charset=utf-8", b"<opml/>"),
    rendition("/sources.opml", "text/x-opml", b"<opml/>"),
    rendition("/sources", "text/html", b"<!doctype html><title>Sources</title>"),
    rendition("/sources/lint", "text/html", b"<!doctype html><title>Lint</title>"),
    rendition("/feeds/reviews/credits", "text/html", b"<!doctype html><title>Credits</title>"),
    rendition("/feeds/reviews/credits.json", "application/json", b"{}"),
    rendition("/reviews/fullreview000001", "text/html", b"<!doctype html><title>Review</title>"),
    *STATIC.values(),
)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({thing.path: thing for thing in PUBLISHED})


@pytest.fixture
def app(shelf: Shelf) -> Flask:
    return create_app(SITE, shelf)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def get(client: FlaskClient, path: str = "/feeds/reviews.atom", **headers: str) -> TestResponse:
    return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


# ------------------------------------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/feeds/reviews", "text/html; charset=utf-8"),
        ("/feeds/reviews.atom", "application/atom+xml; charset=utf-8"),
        ("/feeds/reviews.rss", "application/rss+xml; charset=utf-8"),
        ("/feeds/reviews.json", "application/feed+json"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/sources", "text/html; charset=utf-8"),
        ("/sources/lint", "text/html; charset=utf-8"),
        ("/feeds/reviews/credits", "text/html; charset=utf-8"),
        ("/feeds/reviews/credits.json", "application/json"),
        ("/sources.opml", "text/x-opml; charset=utf-8"),
        ("/reviews/fullreview000001", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_every_address_answers_with_its_own_type(
    client: FlaskClient, shelf: Shelf, path: str, content_type: str
) -> None:
    """The bytes that are published, and their media type; JSON has no charset (RFC 8259, 11)."""
    answer = get(client, path)
    assert (answer.status_code, answer.content_type) == (200, content_type)
    assert answer.data == shelf.things[path].body
    assert answer.headers["Content-Length"] == str(len(answer.data))


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/feeds/",
        "/feeds/other.atom",
        "/reviews/x",
        "/reviews/",
        "",
        "/feeds//reviews",
        "/feeds/a/b",
        "/feeds/../sources",
        "/feeds/a\r\nb",
        "/feeds/\u2028\u00fc",
    ],
)
def test_an_unknown_address_is_a_page_that_helps(client: FlaskClient, path: str) -> None:
    """404, never a redirect, with ways on; nothing of the request stands in the page."""
    raw = path.encode().decode("latin-1")
    answer = client.get("/", environ_overrides={"PATH_INFO": raw, "HTTP_HOST": "203.0.113.9"})
    assert answer.status_code == 404
    assert "Location" not in answer.headers
    assert b'href="/sources"' in answer.data
    assert b"evil.example" not in answer.data
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_query_changes_nothing(client: FlaskClient) -> None:
    """Readers and trackers append what they like."""
    assert get(client, "/feeds/reviews.atom?utm_source=x&format=rss").data == ATOM


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_sent(client: FlaskClient, method: str) -> None:
    """405 says which methods there are (RFC 9110, 15.5.6)."""
    answer = client.open("/feeds/reviews.atom", method=method, data=b"x")
    assert answer.status_code == 405
    assert {word.strip() for word in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    "host", ["reviews.example", "reviews.example:8000", "127.0.0.1:8000", "[::1]:8000", "localhost"]
)
def test_our_own_host_and_numeric_addresses_are_served(client: FlaskClient, host: str) -> None:
    assert get(client, "/", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "reviews.example.evil.example", "evil.example:8000", "127.0.0.1.nip.example"]
)
def test_another_sites_name_is_refused_but_supervisors_may_use_any(client: FlaskClient, host: str) -> None:
    """A name that somebody else points at us would let a page of theirs read what we answer."""
    assert get(client, "/", Host=host).status_code == 400
    assert get(client, "/feeds/reviews.atom", Host=host).status_code == 400
    assert get(client, "/healthz", Host=host).status_code == 200
    assert get(client, "/readyz", Host=host).status_code == 200


@pytest.mark.parametrize("host", ["", "a,b", "a, b", "a/b", "a b", "user@a", "a:b", "<a>"])
def test_no_host_or_two_or_a_broken_one_is_refused(app: Flask, host: str) -> None:
    """400, as RFC 9112, 3.2 demands; granian hands on two Host lines joined by a comma, and none as an empty one."""
    answer = app.test_client().get("/", environ_overrides={"HTTP_HOST": host, "SERVER_PROTOCOL": "HTTP/1.1"})
    assert answer.status_code == 400


def test_http_1_0_may_send_no_host(app: Flask) -> None:
    """Old programs and health checks do."""
    answer = app.test_client().get("/", environ_overrides={"HTTP_HOST": "", "SERVER_PROTOCOL": "HTTP/1.0"})
    assert answer.status_code == 200


# ------------------------------------------------------------------------------------------------- conditional and HEAD


@pytest.mark.parametrize(
    ("headers", "status", "etag"),
    [
        ({}, 200, PLAIN),
        ({"If_None_Match": PLAIN}, 304, PLAIN),
        ({"If_None_Match": f"W/{PLAIN}"}, 304, PLAIN),
        ({"If_None_Match": f'"x", {PLAIN}, "y"'}, 304, PLAIN),
        ({"If_None_Match": f'W/"x",W/{PLAIN}'}, 304, PLAIN),
        ({"If_None_Match": "*"}, 304, PLAIN),
        ({"If_None_Match": '"x"'}, 200, PLAIN),
        ({"If_None_Match": PACKED}, 304, PACKED),
        ({"Accept_Encoding": "gzip"}, 200, PACKED),
        ({"Accept_Encoding": "gzip", "If_None_Match": PACKED}, 304, PACKED),
        ({"Accept_Encoding": "gzip", "If_None_Match": f"W/{PACKED}"}, 304, PACKED),
        ({"Accept_Encoding": "gzip", "If_None_Match": PLAIN}, 304, PLAIN),
        ({"Accept_Encoding": "gzip", "If_None_Match": "*"}, 304, PACKED),
        ({"Accept_Encoding": "gzip", "If_None_Match": '"x"'}, 200, PACKED),
        ({"If_Modified_Since": LAST_MODIFIED}, 304, PLAIN),
        ({"If_Modified_Since": "Sun, 03 May 2026 07:46:00 GMT"}, 304, PLAIN),
        ({"If_Modified_Since": "Sun, 03 May 2026 07:44:59 GMT"}, 200, PLAIN),
        ({"If_Modified_Since": "yesterday"}, 200, PLAIN),
        ({"If_None_Match": '"x"', "If_Modified_Since": LAST_MODIFIED}, 200, PLAIN),
        ({"If_None_Match": PLAIN, "If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 304, PLAIN),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_client_that_has_it_is_not_sent_it_again(
    client: FlaskClient, method: str, headers: dict[str, str], status: int, etag: str
) -> None:
    """If-None-Match in every form it comes in, compared weakly and before If-Modified-Since (RFC 9110, 13)."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.open("/feeds/reviews.atom", method=method, headers=sent)
    assert (answer.status_code, answer.headers["ETag"]) == (status, etag)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"
    assert (answer.data == b"") == (status == 304 or method == "HEAD")


@pytest.mark.parametrize("path", [thing.path for thing in PUBLISHED] + ["/nothing", "/healthz", "/readyz"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_head_is_get_without_the_body(client: FlaskClient, path: str, encoding: str) -> None:
    """The same status and the same headers, the length among them (RFC 9110, 9.3.2)."""
    whole = client.get(path, headers={"Accept-Encoding": encoding})
    head = client.head(path, headers={"Accept-Encoding": encoding})
    assert head.data == b""
    # The clock may tick between the two.
    told = [[pair for pair in answer.headers if pair[0] != "Date"] for answer in (head, whole)]
    assert (head.status_code, told[0]) == (whole.status_code, told[1])
    assert head.headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize(
    ("accept", "packed"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("br, gzip;q=0.8", True),
        ("gzip;q=0", False),
        ("identity", False),
        ("*", True),
        ("gzip;q=0, *", False),
        ("identity;q=1, gzip;q=0.5", False),
        ("identity;q=0.5, gzip;q=0.5", True),
        ("deflate, br", False),
        ("GZIP", True),
    ],
)
def test_gzip_is_sent_to_those_who_ask_for_it(client: FlaskClient, accept: str | None, packed: bool) -> None:
    """Weights are respected (RFC 9110, 12.5.3); what is unpacked is what is published."""
    answer = client.get("/feeds/reviews.atom", headers={} if accept is None else {"Accept-Encoding": accept})
    assert answer.headers.get("Content-Encoding") == ("gzip" if packed else None)
    assert (gzip.decompress(answer.data) if packed else answer.data) == ATOM
    assert answer.headers["Content-Length"] == str(len(answer.data))


def test_packed_bytes_are_always_the_same(client: FlaskClient) -> None:
    """A strong validator promises the same bytes: the header's time is zero (RFC 1952, 2.3.1)."""
    assert get(client, Accept_Encoding="gzip").data[4:8] == b"\0\0\0\0"


def test_small_bodies_are_not_packed(client: FlaskClient) -> None:
    """Below 500 bytes it is not worth it; the validator is then the plain one."""
    answer = get(client, "/feeds/reviews.rss", Accept_Encoding="gzip")
    assert (answer.data, answer.headers["ETag"], answer.headers["Vary"]) == (b"<rss/>", PLAIN, "Accept-Encoding")
    assert "Content-Encoding" not in answer.headers


# -------------------------------------------------------------------------------------------------------------- headers


@pytest.mark.parametrize("path", ["/", "/feeds/reviews.atom", "/nothing", "/healthz", "/style.css"])
def test_every_answer_is_locked_down_and_without_a_cookie(client: FlaskClient, path: str) -> None:
    """No script, no frame, no form, no guessing of types, no cookie."""
    headers = get(client, path).headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src https: http: data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "Set-Cookie" not in headers


def test_programs_in_browsers_may_read_feeds(client: FlaskClient) -> None:
    """CORS for the formats, and for nothing else."""
    for path in ("/feeds/reviews.atom", "/feeds/reviews.rss", "/feeds/reviews.json", "/feeds.opml"):
        assert get(client, path).headers["Access-Control-Allow-Origin"] == "*"
    for path in ("/", "/reviews/fullreview000001", "/healthz"):
        assert "Access-Control-Allow-Origin" not in get(client, path).headers


# ------------------------------------------------------------------------------------------------------------ operators


def test_alive_and_ready_are_told_apart(client: FlaskClient, shelf: Shelf) -> None:
    """A process that answers is alive; one whose database does not is not ready, and says why."""
    assert (get(client, "/healthz").status_code, get(client, "/healthz").text) == (200, "ok\n")
    assert (get(client, "/readyz").status_code, get(client, "/readyz").text) == (200, "ready\n")
    shelf.wrong = "the database is of an older version; run `feedsvc migrate`"
    assert get(client, "/healthz").status_code == 200
    answer = get(client, "/readyz")
    assert (answer.status_code, answer.text) == (503, "the database is of an older version; run `feedsvc migrate`\n")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_store_that_fails_is_a_pause_and_not_an_absence(client: FlaskClient, shelf: Shelf) -> None:
    """503 with Retry-After: a reader that got 404 would drop the feed. The error's own words stay in the log."""
    shelf.broken = StoreError("sqlite:////srv/secret.sqlite3 is locked")
    answer = get(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert b"secret" not in answer.data
    assert b"The store does not answer" in answer.data


def test_a_bug_shows_nothing_of_itself(client: FlaskClient, shelf: Shelf) -> None:
    """500 with a plain page; the traceback goes to the log."""
    shelf.broken = RuntimeError("secret")
    answer = get(client)
    assert answer.status_code == 500
    assert b"secret" not in answer.data
    assert b"Something went wrong" in answer.data


# --------------------------------------------------------------------------------------------------------------- server


def test_a_port_in_use_is_named() -> None:
    """The message has the port, the address and the variable to set."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=rf"port {port} of 127\.0\.0\.1 is in use.*FEEDSVC_BIND"):
            ensure_free("127.0.0.1", port)
    assert ensure_free("127.0.0.1", port) == "127.0.0.1"


@pytest.mark.parametrize("address", ["no.such.host.invalid", "192.0.2.1", "::bad::"])
def test_an_address_that_is_not_ours_is_named(address: str) -> None:
    """Neither a name that leads nowhere nor another machine's address can be served at."""
    with pytest.raises(ServeError, match="FEEDSVC_BIND"):
        ensure_free(address, 8000)


def application() -> Flask:
    """What a worker of the server under test calls: one feed, with a view that takes its time."""
    app = create_app(SITE, Shelf({thing.path: thing for thing in PUBLISHED}))

    @app.get("/slow")
    def slow() -> str:
        Path(os.environ["STARTED"]).touch()
        Event().wait(1.0)
        return "finished"

    return app


STARTER = """
import sys
from feedsvc.web.server import serve
if __name__ == "__main__":
    serve("127.0.0.1", int(sys.argv[1]), "tests.test_web:application")
    print("returned", flush=True)
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The real server in a process of its own, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    script = tmp_path / "start.py"
    script.write_text(STARTER)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "STARTED": str(tmp_path / "started")}
    process = subprocess.Popen(
        [sys.executable, str(script), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        until(lambda: answers(port), process)
        yield process, port
    finally:
        process.kill()
        process.communicate(timeout=30)


def until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Look again and again, for 30 seconds at most, for something that another process does."""
    pause = Event()
    for _ in range(600):
        if true():
            return
        assert process.poll() is None, process.communicate()
        pause.wait(0.05)
    pytest.fail("it did not happen within 30 seconds")


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_the_server_serves_and_returns_when_it_is_told_to_stop(
    running: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    """A request under way at SIGTERM is finished; then `serve` returns to its caller, having logged nothing."""
    process, port = running
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/feeds/reviews.atom", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert (answer.status, gzip.decompress(answer.read())) == (200, ATOM)
    connection.request("HEAD", "/feeds/reviews.atom")
    answer = connection.getresponse()
    assert (answer.read(), answer.headers["Content-Length"], answer.headers["ETag"]) == (b"", str(len(ATOM)), PLAIN)

    connection.request("GET", "/slow")
    until((tmp_path / "started").exists, process)
    process.send_signal(signal.SIGTERM)
    assert connection.getresponse().read() == b"finished"
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "returned\n", "")


def test_the_server_refuses_what_is_no_sound_request(running: tuple[subprocess.Popen[str], int]) -> None:
    """Two Host lines, or none, are 400 on the wire as well; half-sent bodies do not keep others waiting."""
    _, port = running
    held = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(20)]
    for half in held:
        half.sendall(b"POST /feeds/reviews.atom HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
    for lines in (b"Host: a\r\nHost: b\r\n", b""):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
            wire.sendall(b"GET / HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n")
            assert wire.makefile("rb").readline() == b"HTTP/1.1 400 Bad Request\r\n"
    for half in held:
        half.close()


def test_a_server_that_was_killed_leaves_its_port_to_the_next(running: tuple[subprocess.Popen[str], int]) -> None:
    """The workers notice and end: their output closes, and the address can be bound again."""
    process, port = running
    process.kill()
    assert process.communicate(timeout=30) == ("", "")
    assert ensure_free("127.0.0.1", port) == "127.0.0.1"


def test_a_target_that_cannot_start_ends_the_server(tmp_path: Path) -> None:
    """A worker that fails again and again is not restarted for ever: ServeError, with the worker's own words above."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    script = tmp_path / "start.py"
    script.write_text(STARTER.replace("tests.test_web:application", "tests.test_web:missing"))
    done = subprocess.run(
        [sys.executable, str(script), str(port)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        check=False,
    )
    assert done.returncode == 1
    assert "has no attribute 'missing'" in done.stderr
    assert "ServeError: the web server's workers ended by themselves" in done.stderr
