"""What is sent to a subscriber's callback, and what counts as its answer (W3C WebSub 5.3, 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from feedsvc.errors import HttpStatus, TooLarge
from feedsvc.fetch import FetchOptions, Request, fetch_all, fetch_one
from feedsvc.fetch.exchange import Answer
from feedsvc.model import Fetched, Limits
from tests.fetching import OPTIONS
from tests.origin import Origin


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as origin:
        yield origin


def answer(request: Request, options: FetchOptions = OPTIONS) -> Answer:
    ((_, found),) = fetch_all((request,), options)
    return found


def test_websub_a_body_is_posted_as_it_is_with_its_type_and_headers(origin: Origin) -> None:
    """Each header once, and no leave asked for before a large one."""
    url = origin.answer("/callback", 204)
    body = b"<feed/>" * 200_000
    fields = (("Link", '<https://a.example/hub>; rel="hub"'), ("X-Hub-Signature", "sha256=00"))
    sent = answer(Request("one", url, body=body, media_type="application/atom+xml", fields=fields, callback=True))
    assert isinstance(sent, HttpStatus)
    assert sent.status == 204
    [asked] = origin.requests
    assert (asked.method, len(asked.headers["content-length"])) == ("POST", len(str(len(body))))
    assert asked.headers["content-type"] == "application/atom+xml"
    assert asked.headers["link"] == '<https://a.example/hub>; rel="hub"'
    assert asked.headers["x-hub-signature"] == "sha256=00"
    assert asked.headers["accept"] == "*/*"
    assert "expect" not in asked.headers


def test_websub_what_was_posted_is_forgotten_by_the_next_request(origin: Origin) -> None:
    """Handles are used again: a look after a delivery is a plain one."""
    url = origin.answer("/callback", 200, {}, b"challenge")
    posted = Request("one", url, body=b"x", media_type="text/plain", fields=(("X-Hub-Signature", "a=b"),))
    plain = Request("two", url)
    found = list(fetch_all(iter([posted, plain]), replace(OPTIONS, in_flight=1)))
    assert [request.name for request, _ in found] == ["one", "two"]
    assert [asked.method for asked in origin.requests] == ["POST", "GET"]
    assert "x-hub-signature" not in origin.requests[1].headers
    assert "content-type" not in origin.requests[1].headers


@pytest.mark.parametrize("status", [200, 201, 202, 203, 226, 299])
def test_websub_a_callback_answers_with_any_success(origin: Origin, status: int) -> None:
    url = origin.answer("/callback", status, {}, b"challenge")
    found = fetch_one(Request("one", url, callback=True), OPTIONS)
    assert isinstance(found, Fetched)
    assert found.body == b"challenge"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("body", [None, b"<feed/>"])
def test_websub_no_redirect_of_a_callback_is_followed(origin: Origin, status: int, body: bytes | None) -> None:
    """It is the answer, and means no."""
    url = origin.answer("/callback", status, {"Location": "/elsewhere"}, b"challenge")
    found = answer(Request("one", url, body=body, callback=True))
    assert isinstance(found, HttpStatus)
    assert found.status == status
    assert [asked.path for asked in origin.requests] == ["/callback"]


def test_websub_a_challenge_is_read_up_to_the_limit(origin: Origin) -> None:
    url = origin.answer("/callback", 200, {}, b"x" * 5000)
    with pytest.raises(TooLarge):
        fetch_one(Request("one", url, callback=True), replace(OPTIONS, limits=Limits(max_body=4096)))
