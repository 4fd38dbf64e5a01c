"""What may be asked at /hub, and what is refused unread or with a sentence; nobody is asked back from there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from feedsvc.model import Intent
from feedsvc.store import Store
from feedsvc.web import create_app
from feedsvc.web.hub import hub
from feedsvc.web.wsgi import application
from tests.databases import settings_of
from tests.samples import NOW, SITE
from tests.service import Service, feedsvc, free_port
from tests.shelf import Shelf
from tests.test_store import opened

FORM = "application/x-www-form-urlencoded"
GOOD = {
    "hub.mode": "subscribe",
    "hub.topic": "http://reviews.example/feeds/all.atom",
    "hub.callback": "https://reader.example/callback?id=1",
}
NOTED = Intent(
    mode="subscribe",
    topic="http://reviews.example/feeds/all.atom",
    callback="https://reader.example/callback?id=1",
    host="reader.example",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as store:
        yield store


@pytest.fixture
def client(store: Store) -> FlaskClient:
    """A client of the site with its hub, at a moment that does not pass."""
    app: Flask = create_app(SITE, Shelf())
    app.register_blueprint(hub(store.hub, lambda: NOW))
    return app.test_client()


def ask(client: FlaskClient, **changes: str | None) -> TestResponse:
    """A good request with some fields changed, or (None) left out."""
    form = GOOD | {f"hub.{name}": value for name, value in changes.items()}
    return client.post("/hub", data={name: value for name, value in form.items() if value is not None})


def noted(store: Store) -> list[Intent]:
    return [*store.hub.take([one.id for one in store.hub.intents(NOW, 100)], NOW).values()]


def test_hub_endpoint_notes_what_is_asked(store: Store, client: FlaskClient) -> None:
    """202 at once, with nothing to read and nothing to keep (WebSub 5.1.1)."""
    answer = ask(client)
    assert (answer.status_code, answer.data) == (202, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert noted(store) == [NOTED]


def test_hub_endpoint_notes_lease_and_secret(store: Store, client: FlaskClient) -> None:
    assert ask(client, lease_seconds="864000", secret="é" * 99, other="ignored").status_code == 202
    [intent] = noted(store)
    assert (intent.lease, intent.secret) == (864000, "é" * 99)


def test_hub_endpoint_notes_who_wants_to_leave(store: Store, client: FlaskClient) -> None:
    assert ask(client, mode="unsubscribe").status_code == 202
    assert [intent.mode for intent in noted(store)] == ["unsubscribe"]


def test_hub_endpoint_empty_is_left_out(store: Store, client: FlaskClient) -> None:
    """Forms send empty fields for what was not filled in."""
    assert ask(client, lease_seconds="", secret="").status_code == 202
    assert noted(store) == [NOTED]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"mode": None}, "hub.mode"),
        ({"mode": "publish"}, "hub.mode"),
        ({"mode": "denied"}, "hub.mode"),
        ({"topic": None}, "hub.topic"),
        ({"topic": "/feeds/all.atom"}, "hub.topic"),
        ({"topic": "http://reviews.example/" + "x" * 2000}, "hub.topic"),
        ({"callback": None}, "hub.callback"),
        ({"callback": ""}, "hub.callback"),
        ({"callback": "ftp://reader.example/"}, "hub.callback"),
        ({"callback": "javascript:alert(1)"}, "hub.callback"),
        ({"callback": "file:///etc/passwd"}, "hub.callback"),
        ({"callback": "https:///callback"}, "hub.callback"),
        ({"callback": "https://user:word@reader.example/"}, "hub.callback"),
        ({"callback": "https://reader.example/#part"}, "hub.callback"),
        ({"callback": "https://reader.example/a b"}, "hub.callback"),
        ({"callback": "https://reader.example/\r\nX: y"}, "hub.callback"),
        ({"callback": "https://r\u00e9ader.example/"}, "hub.callback"),
        ({"callback": "https://reader.example:99999/"}, "hub.callback"),
        ({"callback": "https://[::1/"}, "hub.callback"),
        ({"lease_seconds": "0"}, "hub.lease_seconds"),
        ({"lease_seconds": "-1"}, "hub.lease_seconds"),
        ({"lease_seconds": "1e3"}, "hub.lease_seconds"),
        ({"lease_seconds": "\u0663"}, "hub.lease_seconds"),
        ({"lease_seconds": "9" * 40}, "hub.lease_seconds"),
        ({"secret": "x" * 200}, "hub.secret"),
        ({"secret": "\u00e9" * 100}, "hub.secret"),
        ({"secret": "a\0b"}, "hub.secret"),
    ],
)
def test_hub_endpoint_refuses_with_a_sentence(
    store: Store, client: FlaskClient, changes: dict[str, str | None], named: str
) -> None:
    """As plain text that repeats nothing of what came."""
    answer = ask(client, **changes)
    assert answer.status_code == 400
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.startswith(f"{named} must be ")
    assert answer.text.endswith(".\n")
    assert noted(store) == []


@pytest.mark.parametrize("name", [*GOOD, "hub.secret", "hub.lease_seconds"])
def test_hub_endpoint_refuses_what_stands_twice(store: Store, client: FlaskClient, name: str) -> None:
    """Two values could be read in two ways."""
    form = GOOD | {"hub.secret": "s", "hub.lease_seconds": "60"}
    answer = client.post("/hub", data=urlencode([*form.items(), (name, form[name])]), content_type=FORM)
    assert answer.status_code == 400
    assert noted(store) == []


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{}", "application/json", 415),
        (urlencode(GOOD).encode(), "text/plain", 415),
        (b"", FORM, 400),
        (urlencode(GOOD).encode() + b"&x=%ff", FORM, 400),
        (urlencode(GOOD).encode() + b"&x=1" * 60, FORM, 400),
        (urlencode(GOOD).encode() + b"&x=" + b"1" * 17_000, FORM, 413),
    ],
)
def test_hub_endpoint_refuses_what_is_no_form_or_too_large(
    store: Store, client: FlaskClient, body: bytes, media_type: str, status: int
) -> None:
    assert client.post("/hub", data=body, content_type=media_type).status_code == status
    assert noted(store) == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_hub_endpoint_is_for_posting_alone(client: FlaskClient, method: str) -> None:
    assert client.open("/hub", method=method, query_string=GOOD).status_code == 405


def test_hub_endpoint_bounds_what_a_host_is_named_for(store: Store, client: FlaskClient) -> None:
    """429 with the pause after twenty; others are served; an hour later it may be named again."""
    statuses = [ask(client, callback=f"https://reader.example/{number}").status_code for number in range(25)]
    assert statuses == [202] * 20 + [429] * 5
    answer = ask(client, callback="https://READER.example.:8443/other")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert ask(client, callback="https://other.example/").status_code == 202
    store.hub.unverified([one.id for one in store.hub.intents(NOW, 100)])
    later = NOW + timedelta(minutes=61)
    assert store.hub.ask(NOTED, later)
    store.hub.prune((), later)
    assert len(store.hub.intents(later, 100)) == 1


def test_hub_endpoint_bounds_what_is_asked_in_all(store: Store, client: FlaskClient) -> None:
    """Names of hosts cost nothing: a thousand that were not verified, then nobody else."""
    taken = 0
    for number in range(1010):
        callback = f"https://h{number}.example/"
        taken += store.hub.ask(Intent(mode="subscribe", topic=NOTED.topic, callback=callback, host=callback), NOW)
    assert taken == 1000
    assert ask(client).status_code == 429


def test_hub_endpoint_stands_where_it_is_switched_on(tmp_path: Path) -> None:
    """`serve` alone takes what is asked, by the real server; and lets no slow client hold its readers."""
    config = tmp_path / "config.toml"
    config.write_text("[websub]\nhub = true\n", encoding="utf-8")
    assert feedsvc(tmp_path, "migrate").returncode == 0
    with Service(tmp_path, port=free_port(), command="serve") as service:
        body = urlencode(GOOD).encode()
        head = f"POST /hub HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\nConnection: close\r\n"
        silent = socket.create_connection(("127.0.0.1", service.port))
        silent.sendall(head.encode() + b"Content-Length: 100\r\n\r\n")
        with socket.create_connection(("127.0.0.1", service.port)) as quick:
            quick.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            assert quick.recv(1000).startswith(b"HTTP/1.1 202 ")
        assert service.get("/healthz").status == 200
        silent.close()
    with Store.open(settings_of(tmp_path).database_url) as store:
        [one] = store.hub.intents(NOW + timedelta(days=36_500), 10)
        assert one.host == "reader.example"


def test_hub_endpoint_is_not_there_where_it_is_switched_off(tmp_path: Path) -> None:
    for text, status in (("", 404), ("[websub]\nhub = true\n", 202)):
        (tmp_path / "config.toml").write_text(text, encoding="utf-8")
        settings = settings_of(tmp_path)
        with Store.open(settings.database_url) as store:
            store.migrate()
        assert Client(application(settings)).post("/hub", data=GOOD).status_code == status
