"""WebSub against an implementation that shares no code with ours: Flask-WebSub's hub and its subscriber."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.hub_relay import Relay
from tests.loopback import CERTIFICATE
from tests.service import Service, feedsvc, free_port, wait_until
from tests.test_hub_two_services import drop, publisher, said, subscriber

FOLDER = Path(__file__).parent / "flask_websub"


@pytest.fixture
def theirs(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - the package ships no types
    """Flask-WebSub, with its hub and its subscriber; installed with pip on first use."""
    if not (FOLDER / ".site" / "flask_websub").is_dir():
        options = ["--no-deps", "--require-hashes", "--requirement", "requirements.txt", "--target", ".site"]
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options]
        run = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
        if run.returncode:
            message = f"Flask-WebSub could not be installed: run `{' '.join(command)}` in {FOLDER}\n{run.stderr}"
            pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    monkeypatch.syspath_prepend(str(FOLDER / ".site"))
    return SimpleNamespace(hub=import_module("flask_websub.hub"), subscriber=import_module("flask_websub.subscriber"))


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Silence."""


@contextmanager
def serving(app: Flask, port: int) -> Iterator[None]:
    """A Flask application on loopback."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Tasks:
    """What Flask-WebSub needs of Celery: functions that are called later, on some other thread."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(2)
        self.faults: list[BaseException] = []

    def task(self, bind: bool = False, **_: object) -> Callable[[Callable[..., object]], Any]:
        """As Celery's, for a function that may want the task itself first."""
        return lambda function: _Task(self, function, bind)


class _Task:
    def __init__(self, tasks: Tasks, function: Callable[..., object], bind: bool) -> None:
        self._tasks = tasks
        self._function = function
        self._first = (self,) if bind else ()
        self.request = SimpleNamespace(retries=0)

    def delay(self, *arguments: object) -> None:
        self._tasks.pool.submit(self._run, arguments)

    def retry(self, countdown: float) -> None:
        raise AssertionError("a delivery failed")

    def _run(self, arguments: tuple[object, ...]) -> None:
        try:
            self._function(*self._first, *arguments)
        except Exception as fault:
            self._tasks.faults.append(fault)


def test_hub_of_ours_serves_a_subscriber_that_is_not_ours(
    theirs: Any,  # noqa: ANN401
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Discovered by its code, subscribed, delivered with a signature that its code checks, and left again."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    port, callbacks = free_port(), free_port()
    folder = publisher(tmp_path / "ours")
    drop(folder, 1, "The Salt Road")
    storage = theirs.subscriber.SQLite3SubscriberStorage(str(tmp_path / "kept.db"))
    waiting = theirs.subscriber.SQLite3TempSubscriberStorage(str(tmp_path / "kept.db"))
    reader = theirs.subscriber.Subscriber(storage, waiting)
    told: list[tuple[str, str, bytes | str]] = []
    reader.add_listener(lambda topic, callback, body: told.append(("delivered", topic, body)))
    reader.add_success_handler(lambda topic, callback, mode: told.append((mode, topic, callback)))
    app = Flask("reader")
    app.config["SERVER_NAME"] = f"127.0.0.1:{callbacks}"
    app.register_blueprint(reader.build_blueprint("/callbacks"))
    with Relay(port, tls=True) as front, serving(app, callbacks):
        config = tmp_path / "ours" / "config.toml"
        config.write_text(f'[service]\nbase_url = "{front.url}"\n' + config.read_text(encoding="utf-8"))
        with Service(tmp_path / "ours", port=port) as service:
            service.wait_for("/feeds/all.rss", "The Salt Road")
            topic = f"{front.url}/feeds/all.rss"
            found = theirs.subscriber.discover(topic)
            assert found == {"hub_url": f"{front.url}/hub", "topic_url": topic}
            with app.app_context():
                callback = reader.subscribe(**found)
            wait_until(lambda: bool(told), "a verified subscription")
            assert told == [("subscribe", topic, callback)]
            assert storage[callback]["secret"]
            assert storage[callback]["lease_seconds"] == 10 * 86400
            drop(folder, 2, "Paper Moons")
            assert feedsvc(tmp_path / "ours", "collect", "lantern").returncode == 0
            wait_until(lambda: len(told) == 2, "a delivery whose signature is right")
            kind, about, body = told[1]
            assert (kind, about) == ("delivered", topic)
            assert body == service.get("/feeds/all.rss").body
            with app.app_context():
                reader.unsubscribe(callback)
            wait_until(lambda: told[-1] == ("unsubscribe", topic, callback), "a verified unsubscription")
            wait_until(said(tmp_path / "ours", f"127.0.0.1: unsubscribe {topic}"), "its end at the hub")


def test_hub_that_is_not_ours_is_told_by_our_publisher_and_heard_by_our_subscriber(
    theirs: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    """Its hub stands between two of our services: told by one, asked and heard by the other."""
    port, place = free_port(), free_port()
    tasks = Tasks()
    app = Flask("hub")
    app.config["PUBLISH_SUPPORTED"] = True
    hub = theirs.hub.Hub(theirs.hub.SQLite3HubStorage(str(tmp_path / "hub.db")), tasks)
    app.register_blueprint(hub.build_blueprint("/hub"))
    one, other = tmp_path / "one", tmp_path / "other"
    folder = publisher(one, f'hubs = ["http://127.0.0.1:{place}/hub"]')
    drop(folder, 1, "The Salt Road")
    with Relay(port) as front:
        config = one / "config.toml"
        config.write_text(f'[service]\nbase_url = "{front.url}"\n' + config.read_text(encoding="utf-8"))
        topic = f"{front.url}/feeds/all.atom"
        subscriber(other, topic)
        with serving(app, place), tasks.pool, Service(one, port=port) as first:
            first.wait_for("/feeds/all.atom", "The Salt Road")
            with Service(other, port=free_port()) as second:
                wait_until(lambda: bool(list(hub.storage.get_callbacks(topic))), "a verified subscription")
                drop(folder, 2, "Paper Moons")
                assert feedsvc(one, "collect", "lantern").returncode == 0
                second.wait_for("/feeds/again.atom", "Paper Moons", "The Salt Road")
    assert tasks.faults == []
