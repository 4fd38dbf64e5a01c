"""HTTP/2 and HTTP/1.1, IPv6, and connections that are used again, against real servers on loopback."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.fetch import Request, fetch_all, fetch_one
from feedsvc.model import Fetched, Unchanged
from tests.conftest import need_program
from tests.fetching import FEED, OPTIONS, get
from tests.loopback import CERTIFICATE
from tests.origin import Origin


@pytest.fixture
def http2(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server that speaks HTTP/2 over TLS and nothing else, and the folder that it serves."""
    program = need_program("nghttpd")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program, "-v", "-a", "127.0.0.1", "-d", str(tmp_path), str(port), str(CERTIFICATE), str(CERTIFICATE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert "listen" in server.stdout.readline()
        reader = threading.Thread(target=server.stdout.read)  # Else the server stops when the pipe is full.
        reader.start()
        yield f"https://127.0.0.1:{port}", tmp_path
        server.kill()
        reader.join()


def test_http2_is_spoken_where_the_server_does(http2: tuple[str, Path]) -> None:
    """A document whole, many at once over one host's connections, and a 304 for what it told us."""
    url, folder = http2
    (folder / "feed.xml").write_bytes(FEED * 5000)
    found = get(url + "/feed.xml")
    assert found.body == FEED * 5000
    requests = [Request(str(number), url + "/feed.xml") for number in range(50)]
    answers = [answer for _, answer in fetch_all(requests, replace(OPTIONS, per_host=10))]
    assert [isinstance(answer, Fetched) and answer.body == found.body for answer in answers] == [True] * 50
    again = fetch_one(Request("outlet", found.url, last_modified=found.last_modified), OPTIONS)
    assert again == Unchanged(url=found.url, max_age=again.max_age)


def test_http_1_1_is_spoken_where_the_server_knows_no_other() -> None:
    """Over TLS the two sides agree on what both know."""
    with Origin(tls=True) as origin:
        origin.answer("/feed", body=FEED)
        assert get(origin.url + "/feed").body == FEED


def test_ipv6_is_spoken() -> None:
    """By address and by name; the Host header has its brackets."""
    with Origin("::1") as origin:
        origin.answer("/feed", body=FEED)
        assert origin.url.startswith("http://[::1]:")
        assert get(origin.url + "/feed").body == FEED
        named = replace(OPTIONS, resolver=lambda _: ("::1",))
        assert get(f"http://outlet.example:{origin.port}/feed", named).body == FEED
        hosts = [asked.headers["host"] for asked in origin.requests]
        assert hosts == [f"[::1]:{origin.port}", f"outlet.example:{origin.port}"]


def test_a_name_is_reached_by_whichever_of_its_addresses_answers() -> None:
    """Nobody listens on the IPv6 address; the IPv4 one serves."""
    with Origin() as origin:
        origin.answer("/feed", body=FEED)
        both = replace(OPTIONS, resolver=lambda _: ("::1", "127.0.0.1"))
        assert get(f"http://outlet.example:{origin.port}/feed", both).body == FEED


@pytest.mark.parametrize("tls", [False, True])
def test_a_connection_is_used_again(tls: bool) -> None:
    """Ten requests to a host one after another, with an error and a redirect among them, need one connection."""
    with Origin(tls=tls) as origin:
        origin.answer("/feed", body=FEED)
        origin.answer("/moved", 302, {"Location": "/feed"}, b"moved")
        origin.answer("/same", 304)
        paths = ["/feed", "/moved", "/missing", "/same", "/feed"] * 2
        requests = [Request(str(number), origin.url + path, '"1"') for number, path in enumerate(paths)]
        answers = list(fetch_all(requests, replace(OPTIONS, per_host=1)))
        assert len(answers) == 10
        assert len(origin.requests) == 12
        assert len({asked.client for asked in origin.requests}) == 1


def test_many_requests_need_no_more_connections_than_places() -> None:
    """A hundred requests to one host, two at once: two connections."""
    with Origin() as origin:
        origin.answer("/feed", body=FEED)
        requests = [Request(str(number), origin.url + "/feed") for number in range(100)]
        assert len(list(fetch_all(requests, OPTIONS))) == 100
        assert len({asked.client for asked in origin.requests}) <= 2
