"""Every limit is a setting: a small one, from config.toml to words on the source's row that name it (POLLING)."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from feedsvc.config.tables import TABLES
from tests.collecting import Bench, item, rss
from tests.origin import Origin


@contextmanager
def limited(folder: Path, location: str = "/feed", **limits: object) -> Iterator[Bench]:
    """A service with limits of its own, as its config.toml has them; the readers are its own too."""
    lines = "\n".join(f"{key} = {value!r}".replace("'", '"') for key, value in limits.items())
    with Origin() as origin:
        bench = Bench(folder, origin, location, more=f"[limits]\n{lines}")
        yield bench
        bench.store.close()


def after_good(bench: Bench, then: Callable[[], object]) -> tuple[str | None, str | None]:
    """Kind and words of what comes of a second look; what the first one brought is still there."""
    bench.serve(rss(item(1)), ETag='"good"')
    assert bench.look().error is None
    then()
    assert bench.look().error is not None
    assert (bench.titles(), bench.state.etag, bench.state.failures) == (["Review 1"], '"good"', 1)
    return bench.state.error_kind, bench.state.error


# ----------------------------------------------------------------------------------------------------------------- time


def test_polling_limits_connect_timeout_is_a_setting(tmp_path: Path) -> None:
    """The server listens, but its TLS never begins."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        there = f"https://127.0.0.1:{deaf.getsockname()[1]}/feed"
        with limited(tmp_path, there, connect_timeout="1s") as bench:
            bench.look()
            assert bench.state.error_kind == "timeout"
            assert "no connection within 1 seconds ([limits] connect_timeout)" in str(bench.state.error)


def test_polling_limits_total_timeout_is_a_setting(tmp_path: Path) -> None:
    """The server takes the request and says nothing."""
    done = threading.Event()

    def hang(_: socket.socket) -> None:
        done.wait(60)

    with limited(tmp_path, connect_timeout="1s", total_timeout="1s") as bench:
        kind, words = after_good(bench, lambda: bench.origin.write("/feed", hang))
        done.set()
    assert kind == "timeout"
    assert "no whole answer within 1 seconds ([limits] total_timeout)" in str(words)


def test_polling_limits_slow_bytes_and_slow_seconds_are_settings(tmp_path: Path) -> None:
    """Bytes keep coming, but fewer of them than wanted."""
    done = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not done.wait(0.05):
            connection.sendall(b"x")

    with limited(tmp_path, slow_bytes="2KB", slow_seconds="1s") as bench:
        kind, words = after_good(bench, lambda: bench.origin.write("/feed", drip))
        done.set()
    assert kind == "timeout"
    assert "bytes in 1 seconds is too slow ([limits] slow_bytes, slow_seconds)" in str(words)


# ----------------------------------------------------------------------------------------------------------------- size


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_polling_limits_max_body_is_a_setting(tmp_path: Path, coding: str) -> None:
    """As sent, and as expanded."""
    large = rss(item(1), item(2, "x" * 3000))
    body = gzip.compress(large) if coding == "gzip" else large
    with limited(tmp_path, max_body="2KB") as bench:
        kind, words = after_good(bench, lambda: bench.serve(body, Content_Encoding=coding))
    assert kind == "too-large"
    assert "larger than 2048 bytes, the most that is read ([limits] max_body)" in str(words)


def test_polling_limits_max_headers_is_a_setting(tmp_path: Path) -> None:
    with limited(tmp_path, max_headers="1KB") as bench:
        kind, words = after_good(bench, lambda: bench.serve(rss(item(1), item(2)), X_Long="x" * 1024))
    assert kind == "too-large"
    assert "headers are larger than 1024 bytes ([limits] max_headers)" in str(words)


JSON = b'{"version": "https://jsonfeed.org/version/1.1", "title": "Outlet", "items": %s}'


@pytest.mark.parametrize(
    "body", [rss(item(1), "<a>" * 20 + "</a>" * 20), JSON % (b"[" * 20 + b"]" * 20)], ids=["XML", "JSON"]
)
def test_polling_limits_max_nesting_is_a_setting(tmp_path: Path, body: bytes) -> None:
    with limited(tmp_path, max_nesting=16) as bench:
        kind, words = after_good(bench, lambda: bench.serve(body))
    assert kind == "too-large"
    assert "16 deep" in str(words)
    assert "([limits] max_nesting)" in str(words)


# --------------------------------------------------------------------------------------------------------------- number


def test_polling_limits_max_items_is_a_setting_and_the_newest_are_kept(tmp_path: Path) -> None:
    """Wherever they stand in the document; what was collected before stays."""
    with limited(tmp_path, max_items=3) as bench:
        bench.serve(rss(*(item(n, day=n) for n in (1, 4, 2, 5, 3))))
        assert bench.look().new == 3
        assert bench.titles() == ["Review 5", "Review 4", "Review 3"]
        bench.serve(rss(*(item(n, day=n) for n in (1, 4, 2, 5, 3, 6))))
        assert bench.look().new == 1
        assert bench.titles() == ["Review 6", "Review 5", "Review 4", "Review 3"]


def test_polling_limits_max_title_is_a_setting(tmp_path: Path) -> None:
    """Of an item and of the feed itself."""
    with limited(tmp_path, max_title=100) as bench:
        bench.serve(rss(item(1).replace("Review 1", "t" * 101), title="n" * 101))
        bench.look()
        assert bench.titles() == ["t" * 100]
        assert bench.state.feed_title == "n" * 100


def test_polling_limits_each_has_its_test_here() -> None:
    """A limit that is added must be tried too."""
    tests = " ".join(name for name in globals() if name.startswith("test_"))
    assert [key for key in TABLES["limits"].model_fields if key not in tests] == []
