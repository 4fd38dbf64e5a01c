"""The callbacks as hubs and strangers meet them: what is confirmed, what is kept, and what is refused unread."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from feedsvc.model import Discovery, Source, Subscription
from feedsvc.store import Store
from feedsvc.web import create_app
from feedsvc.web.websub import websub
from tests.samples import NOW, SITE
from tests.shelf import Shelf
from tests.test_store import opened
from tests.websub_hub import signature

TOPIC = "https://one.example/feed.atom?a=b&c=d"
FOUND = Discovery(hubs=("https://hub.example/",), topic=TOPIC)
ONE = Source(name="one", kind="feed", location="https://one.example/feed")
MOST = 1000
BODY = b"<feed xmlns='http://www.w3.org/2005/Atom'/>"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with one source."""
    with opened(tmp_path) as store:
        store.sync_sources([ONE], NOW)
        yield store


def application(store: Store, **options: float) -> Flask:
    """The site with its callbacks, at a moment that does not pass."""
    app = create_app(SITE, Shelf())
    app.register_blueprint(websub(store.subscriptions, lambda: NOW, MOST, **options))
    return app


@pytest.fixture
def client(store: Store) -> FlaskClient:
    """A client of that site."""
    return application(store).test_client()


def asked(store: Store) -> Subscription:
    """A subscription whose hub has just been asked."""
    store.subscriptions.discovered({"one": FOUND}, NOW)
    [token] = store.subscriptions.due(NOW)
    found = store.subscriptions.take(token, NOW)
    assert found is not None
    return found


def verify(
    client: FlaskClient, one: Subscription, method: str = "GET", **changes: str | list[str] | None
) -> TestResponse:
    """A hub's question with some parameters changed, or (None) left out."""
    question: dict[str, Any] = {"mode": "subscribe", "topic": TOPIC, "challenge": "abc", "lease_seconds": "3600"}
    given = {f"hub.{name}": value for name, value in (question | changes).items() if value is not None}
    return client.open(f"/websub/{one.token}", method=method, query_string=given)


def verified(store: Store, client: FlaskClient) -> Subscription:
    """A subscription that its hub has verified for an hour."""
    one = asked(store)
    assert verify(client, one).status_code == 200
    return one


def deliver(client: FlaskClient, one: Subscription, body: bytes = BODY, **headers: str) -> TestResponse:
    """A delivery, well signed unless the headers say otherwise."""
    given = {"X-Hub-Signature": signature(one.secret, body), "Content-Type": "application/atom+xml"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/websub/{one.token}", data=body, headers={k: v for k, v in given.items() if v})


def bodies(store: Store) -> list[bytes]:
    return [waiting.body for waiting in store.deliveries("one")]


# --------------------------------------------------------------------------------------------------------- verification


def test_polling_websub_what_was_asked_is_confirmed_with_the_challenge_alone(store: Store, client: FlaskClient) -> None:
    """As plain text that no browser takes for anything else; the hub's lease is taken over (WebSub, 5.3)."""
    answer = verify(client, asked(store))
    assert (answer.status_code, answer.data) == (200, b"abc")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert store.states()[0].push_until == NOW + timedelta(hours=1)
    assert store.subscriptions.due(NOW + timedelta(minutes=39)) == []
    assert len(store.subscriptions.due(NOW + timedelta(minutes=40))) == 1


def test_polling_websub_a_challenge_of_markup_stays_plain_text(store: Store, client: FlaskClient) -> None:
    """Reflected, it must not run in anybody's browser (WebSub, 8.2)."""
    markup = "<script>alert(1)</script><!--"
    answer = verify(client, asked(store), challenge=markup)
    assert (answer.status_code, answer.text) == (200, markup)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": None},
        {"mode": "unsubscribe"},
        {"mode": "publish"},
        {"mode": ["subscribe", "subscribe"]},
        {"topic": None},
        {"topic": "https://one.example/feed.atom"},
        {"topic": [TOPIC, "https://other.example/"]},
        {"challenge": None},
        {"challenge": ""},
        {"challenge": "x" * 1025},
        {"challenge": ["a", "b"]},
        {"challenge": "a\r\nSet-Cookie: a=b"},
        {"challenge": "a\x00b"},
        {"challenge": "\u2028"},
        {"challenge": "é"},
        {"lease_seconds": "0"},
        {"lease_seconds": "-1"},
        {"lease_seconds": "1e9"},
        {"lease_seconds": "٣"},
        {"lease_seconds": "9" * 400},
    ],
)
def test_polling_websub_what_was_not_asked_so_is_not_found(
    store: Store, client: FlaskClient, changes: dict[str, Any]
) -> None:
    """404, no word of it in the answer, and the ask stays open (WebSub, 5.3.1)."""
    one = asked(store)
    answer = verify(client, one, **changes)
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers
    assert store.states()[0].push_until is None
    assert verify(client, one).status_code == 200


def test_polling_websub_a_verification_that_nobody_asked_for_is_not_found(store: Store, client: FlaskClient) -> None:
    """With a token that is not ours, and after the ask was answered: a replay would stretch the lease."""
    one = asked(store)
    assert verify(client, replace(one, token="A" * 43)).status_code == 404
    assert verify(client, replace(one, token="../healthz")).status_code == 404
    assert verify(client, one).status_code == 200
    assert verify(client, one, lease_seconds="86400").status_code == 404
    assert store.states()[0].push_until == NOW + timedelta(hours=1)


@pytest.mark.parametrize(("lease", "until"), [(None, timedelta(days=10)), ("999999999999", timedelta(days=60))])
def test_polling_websub_no_lease_is_for_ever(
    store: Store, client: FlaskClient, lease: str | None, until: timedelta
) -> None:
    """Older hubs name none; ten days are usual (WebSub, 8.2)."""
    assert verify(client, asked(store), lease_seconds=lease).status_code == 200
    assert store.states()[0].push_until == NOW + until


def test_polling_websub_a_lease_of_seconds_is_no_storm(store: Store, client: FlaskClient) -> None:
    """It is renewed after five minutes at the earliest."""
    assert verify(client, asked(store), lease_seconds="1").status_code == 200
    assert store.subscriptions.due(NOW + timedelta(seconds=299)) == []


def test_polling_websub_head_confirms_nothing(store: Store, client: FlaskClient) -> None:
    one = asked(store)
    assert verify(client, one, "HEAD").status_code == 405
    assert verify(client, one).status_code == 200


def test_polling_websub_a_farewell_is_confirmed_only_when_it_is_ours(store: Store, client: FlaskClient) -> None:
    """And then the address is nobody's."""
    one = verified(store, client)
    assert verify(client, one, mode="unsubscribe").status_code == 404
    store.subscriptions.discovered({"one": None}, NOW)
    assert verify(client, one, mode="unsubscribe").status_code == 404
    assert store.subscriptions.take(one.token, NOW) is not None
    assert verify(client, one, mode="unsubscribe", lease_seconds="x").data == b"abc"
    assert verify(client, one, mode="unsubscribe").status_code == 404
    assert deliver(client, one).status_code == 404


def test_polling_websub_a_denial_is_noted(store: Store, client: FlaskClient) -> None:
    """Without a challenge; what is delivered nevertheless is told to be over (WebSub, 5.2 and 7)."""
    one = verified(store, client)
    assert verify(client, one, mode="denied", topic="https://other.example/").status_code == 404
    assert deliver(client, one).status_code == 202
    answer = verify(client, one, mode="denied", challenge=None, reason="no\r\nmore <b>")
    assert (answer.status_code, answer.data) == (200, b"")
    assert store.states()[0].push_until is None
    assert deliver(client, one).status_code == 410


# ----------------------------------------------------------------------------------------------------------- deliveries


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_polling_websub_a_signed_delivery_is_kept(store: Store, client: FlaskClient, method: str) -> None:
    """202 with nothing in it; hexadecimal digits in either case (WebSub, 7.1)."""
    one = verified(store, client)
    name, _, digits = signature(one.secret, BODY, method).partition("=")
    answer = deliver(client, one, X_Hub_Signature=f"{name}={digits.upper()}", Content_Type="Text/XML; charset=UTF-8")
    assert (answer.status_code, answer.data) == (202, b"")
    [kept] = store.deliveries("one")
    assert (kept.body, kept.media_type, kept.charset, kept.topic) == (BODY, "text/xml", "UTF-8", TOPIC)
    assert (kept.received, store.states()[0].last_push) == (NOW, NOW)


SECRET = "<secret>"


def mac(method: str, secret: str = SECRET, body: bytes = BODY) -> tuple[str, str, bytes]:
    return method, secret, body


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        "sha256",
        "sha256=" + "0" * 64,
        "sha256=é",
        mac("sha1"),
        mac("md5"),
        mac("sha256", "another secret"),
        mac("sha256", ""),
        mac("sha256", body=b"another body"),
        "sha256=" + hashlib.sha256(BODY).hexdigest(),
        "sha512=truncated",
        "SHA256=x",
        "__class__=x",
        "sha3_256=x",
    ],
)
def test_polling_websub_what_its_hub_did_not_sign_is_answered_and_ignored(
    store: Store, client: FlaskClient, header: str | tuple[str, str, bytes]
) -> None:
    """The same answer as for the others; SHA-1 is not enough (WebSub, 7.1.2 and 8.3)."""
    one = verified(store, client)
    if isinstance(header, tuple):
        method, secret, body = header
        key = one.secret if secret == SECRET else secret
        header = f"{method}={hmac.new(key.encode(), body, method).hexdigest()}"
    answer = deliver(client, one, X_Hub_Signature=header)
    assert (answer.status_code, answer.data) == (202, b"")
    assert bodies(store) == []
    assert store.states()[0].last_push is None


def test_polling_websub_a_signature_for_one_source_is_none_for_another(store: Store, client: FlaskClient) -> None:
    """Each has its secret: a hub of one cannot speak for the other."""
    two = Source(name="two", kind="feed", location="https://two.example/feed")
    store.sync_sources([ONE, two], NOW)
    one = verified(store, client)
    store.subscriptions.discovered({"two": FOUND}, NOW)
    [token] = store.subscriptions.due(NOW)
    other = store.subscriptions.take(token, NOW)
    assert other is not None
    assert verify(client, other).status_code == 200
    assert deliver(client, replace(other, secret=one.secret)).status_code == 202
    assert store.deliveries("two") == []
    assert deliver(client, other).status_code == 202
    assert (bodies(store), len(store.deliveries("two"))) == ([], 1)


class Unread:
    """A body that fails whoever reads it."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("was read")


@pytest.mark.parametrize(("state", "status"), [("unknown", 404), ("asked", 404), ("ended", 410), ("elsewhere", 410)])
def test_polling_websub_nobody_without_a_token_has_a_body_read(
    store: Store, client: FlaskClient, state: str, status: int
) -> None:
    """Nor a hub that is not or no longer subscribed."""
    one = asked(store) if state == "asked" else verified(store, client)
    if state == "unknown":
        one = replace(one, token="B" * 43)
    if state == "ended":
        store.subscriptions.discovered({"one": None}, NOW)
    if state == "elsewhere":
        store.sync_sources([replace(ONE, location="https://elsewhere.example/")], NOW)
    environ = {"wsgi.input": Unread(), "CONTENT_LENGTH": "10", "wsgi.input_terminated": True}
    assert client.post(f"/websub/{one.token}", environ_overrides=environ).status_code == status


class Endless:
    """A body without end, and how much of it was read."""

    read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.read_bytes += size
        return b"x" * size


def test_polling_websub_a_body_is_read_up_to_its_limit(store: Store, client: FlaskClient) -> None:
    """413 by its stated length before it is read, or while it is read (RFC 9110, 15.5.14)."""
    one = verified(store, client)
    environ = {"wsgi.input": Unread(), "wsgi.input_terminated": True}
    url = f"/websub/{one.token}"
    assert client.post(url, environ_overrides={**environ, "CONTENT_LENGTH": str(MOST + 1)}).status_code == 413
    endless = Endless()
    stream = {"wsgi.input": endless, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    assert client.post(url, environ_overrides=stream).status_code == 413
    assert MOST < endless.read_bytes <= MOST + 64 * 1024
    assert deliver(client, one, b"x" * MOST).status_code == 202
    assert bodies(store) == [b"x" * MOST]


def test_polling_websub_a_packed_body_is_refused(store: Store, client: FlaskClient) -> None:
    """It is not what is signed for, and might be a bomb (RFC 9110, 15.5.16)."""
    one = verified(store, client)
    assert deliver(client, one, gzip.compress(BODY), Content_Encoding="gzip").status_code == 415
    assert bodies(store) == []


def test_polling_websub_nothing_but_questions_and_deliveries_is_taken(store: Store, client: FlaskClient) -> None:
    one = verified(store, client)
    for method in ("PUT", "DELETE", "PATCH"):
        assert client.open(f"/websub/{one.token}", method=method).status_code == 405
    assert client.get("/websub/").status_code == 404
    assert client.post("/websub/a/b").status_code == 404


class Quiet(WSGIRequestHandler):
    """Werkzeug's own handler without its log."""

    def log(self, type: str, message: str, *arguments: object) -> None:
        """Silence."""


def test_polling_websub_a_body_that_does_not_come_is_not_waited_for(store: Store, client: FlaskClient) -> None:
    """408 while the client is silent, and what came of it is not kept (RFC 9110, 15.5.9)."""
    one = verified(store, client)
    server = make_server("127.0.0.1", 0, application(store, body_within=0.05), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=60) as silent:
            head = f"POST /websub/{one.token} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nabc"
            silent.sendall(head.encode())
            assert silent.recv(100).split()[1] == b"408"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert bodies(store) == []
