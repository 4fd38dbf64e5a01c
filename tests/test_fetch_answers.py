"""Link headers, deltas, credentials, forms: what is read from an answer, and what is sent to whom (POLLING 3, 4)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import HttpStatus, Refused, Unreachable
from feedsvc.fetch import FetchOptions, Request, fetch_one, post_form
from feedsvc.fetch.headers import head_of
from feedsvc.fetch.links import links_of
from feedsvc.model import Fetched, Unchanged
from tests.fetching import FEED, OPTIONS, get, limited
from tests.origin import Answer, Asked, Origin

SECRET = "Bearer s3cret"


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


# ---------------------------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize(
    "header, links",
    [
        ("", []),
        ('<https://hub.example/>; rel="hub"', [("hub", "https://hub.example/")]),
        ("<https://hub.example/>;rel=hub", [("hub", "https://hub.example/")]),
        (
            '<self.xml>; rel="self", </hub>; rel=hub',
            [("self", "http://a.example/x/self.xml"), ("hub", "http://a.example/hub")],
        ),
        (
            '</a,b;c>; title="x, y; z \\" <q>"; REL="Self HUB"',
            [("self", "http://a.example/a,b;c"), ("hub", "http://a.example/a,b;c")],
        ),
        ("<?p=2>; rel=next; rel=last", [("next", "http://a.example/x/feed?p=2")]),
        ('<//hub.example>; rel="hub"; crossorigin', [("hub", "http://hub.example")]),
        ('</other>; rel=hub; anchor="http://b.example/"', []),
        ('</this>; rel=hub; anchor="/x/feed"', [("hub", "http://a.example/this")]),
        ("</none>; title=x", []),
        ("<>; rel=self", [("self", "http://a.example/x/feed")]),
        ("</a>; rel=hub nonsense, </b>; rel=hub", [("hub", "http://a.example/a")]),
        ("no link at all", []),
        ("<unclosed; rel=hub", []),
        ("<http://[bad>; rel=hub, </b>; rel=hub", [("hub", "http://a.example/b")]),
        ('</a>; rel="hub', []),
    ],
)
def test_link_headers_become_relations_with_absolute_addresses(header: str, links: list[tuple[str, str]]) -> None:
    """RFC 8288: quoted or not, several relations, several links, the first of a parameter, no other's links."""
    head = head_of([b"HTTP/1.1 200 OK\r\n", f"Link: {header}\r\n".encode("latin-1"), b"\r\n"])
    assert list(links_of(head, "http://a.example/x/feed")) == links


@given(st.text(st.sampled_from('<>;,="\\\\ arelhub/'), max_size=60))
def test_no_link_header_breaks_the_reader(header: str) -> None:
    """Whatever stands there, each relation is one word and each address complete."""
    head = head_of([b"HTTP/1.1 200 OK\r\n", f"Link: {header}\r\n".encode("latin-1"), b"\r\n"])
    for relation, url in links_of(head, "http://a.example/"):
        assert len(relation.split()) == 1
        assert url.startswith("http://a")


def test_websub_links_come_with_the_document_from_where_it_really_came(origin: Origin) -> None:
    """Several Link fields, relative to the address behind the redirect; those of the redirect itself are not it."""
    origin.answer("/feed", 302, {"Location": "/new/feed", "Link": "<https://evil.example/>; rel=hub"})
    headers = (("Link", '<https://hub.example/>; rel="hub"'), ("Link", '<feed>; rel="self"'))
    origin.answer("/new/feed", 200, headers, FEED)
    found = get(origin.url + "/feed")
    assert found.links == (("hub", "https://hub.example/"), ("self", origin.url + "/new/feed"))


# --------------------------------------------------------------------------------------------------------------- deltas


def test_polling_04_new_entries_alone_are_asked_for_where_a_server_knows_how(origin: Origin) -> None:
    """A-IM: feed goes along with validators to a server that has shown it, and 226 is told as a part of the feed."""
    origin.answer("/feed", 226, {"IM": "feed", "ETag": '"2"'}, FEED)
    request = Request("outlet", origin.url + "/feed", '"1"', knows_deltas=True)
    found = fetch_one(request, OPTIONS)
    assert found == Fetched(url=origin.url + "/feed", body=FEED, etag='"2"', delta=True, knows_deltas=True)
    assert origin.requests[0].headers["a-im"] == "feed"
    assert origin.requests[0].headers["if-none-match"] == '"1"'


def test_polling_04_new_entries_alone_are_asked_for_nowhere_else(origin: Origin) -> None:
    """Neither of a server that has not shown it, nor without validators, nor of the place a redirect comes from."""
    origin.answer("/feed", 200, {"Vary": "Accept-Encoding, A-IM"}, FEED)
    origin.answer("/moved", 302, {"Location": "/feed"})
    assert fetch_one(Request("outlet", origin.url + "/feed", '"1"'), OPTIONS) == Fetched(
        url=origin.url + "/feed", body=FEED, knows_deltas=True
    )
    fetch_one(Request("outlet", origin.url + "/feed", knows_deltas=True), OPTIONS)
    assert not any("a-im" in asked.headers for asked in origin.requests)
    request = Request("outlet", origin.url + "/moved", '"1"', validated_url=origin.url + "/feed", knows_deltas=True)
    fetch_one(request, OPTIONS)
    assert ["a-im" in asked.headers for asked in origin.requests[2:]] == [False, True]


@pytest.mark.parametrize(
    "headers, knows",
    [({}, False), ({"IM": "feed"}, True), ({"Vary": "A-IM"}, True), ({"Vary": "*"}, False), ({"IM": "vcdiff"}, False)],
)
def test_polling_04_a_server_shows_that_it_knows_deltas(origin: Origin, headers: dict[str, str], knows: bool) -> None:
    """By naming the manipulation, or by saying that its answer depends on A-IM."""
    origin.answer("/feed", 200, headers, FEED)
    assert get(origin.url + "/feed").knows_deltas is knows


def test_polling_04_a_part_that_nobody_asked_for_is_no_document(origin: Origin) -> None:
    """226 without A-IM, and a 226 made in a way that we did not name."""
    origin.answer("/feed", 226, {"IM": "feed"}, FEED)
    with pytest.raises(HttpStatus, match="226"):
        fetch_one(Request("outlet", origin.url + "/feed", '"1"'), OPTIONS)
    origin.answer("/feed", 226, {"IM": "feed, vcdiff"}, FEED)
    with pytest.raises(Unreachable, match="vcdiff") as fault:
        fetch_one(Request("outlet", origin.url + "/feed", '"1"', knows_deltas=True), OPTIONS)
    assert fault.value.kind == "encoding"


def test_polling_07_retry_after_counts_on_every_answer(origin: Origin) -> None:
    """On a 200, a 304, an error, and on a redirect that leads to one of them; the longest holds."""
    origin.answer("/moved", 302, {"Location": "/feed", "Retry-After": "7200"})
    origin.answer("/feed", 200, {"Retry-After": "60"}, FEED)
    assert get(origin.url + "/moved").retry_after == 7200.0
    assert get(origin.url + "/feed").retry_after == 60.0
    origin.answer("/feed", 200, {"Retry-After": "9999999"}, FEED)
    assert get(origin.url + "/feed").retry_after == 7 * 86400.0
    origin.answer("/feed", 304, {"Retry-After": "90"})
    assert fetch_one(Request("outlet", origin.url + "/feed", '"1"'), OPTIONS) == Unchanged(
        url=origin.url + "/feed", retry_after=90.0
    )
    origin.answer("/feed", 404, {"Retry-After": "30"})
    with pytest.raises(HttpStatus) as told:
        get(origin.url + "/moved")
    assert told.value.retry_after == 7200.0


# ---------------------------------------------------------------------------------------------------------- credentials


def test_polling_03_credentials_go_to_the_sources_own_origin(origin: Origin) -> None:
    """To the configured address and other paths there; the feed that a page led to may be such a path."""
    origin.answer("/feed", 302, {"Location": "/today"})
    origin.answer("/today", body=FEED)
    fetch_one(Request("outlet", origin.url + "/feed", authorization=SECRET), OPTIONS)
    fetch_one(Request("outlet", origin.url + "/today", authorization=SECRET, origin=origin.url + "/page"), OPTIONS)
    assert [asked.headers.get("authorization") for asked in origin.requests] == [SECRET] * 3


def test_polling_03_credentials_never_cross_to_another_origin(origin: Origin) -> None:
    """Another host, port or scheme gets none; nor does the own one when somebody else has led back to it."""
    with Origin("127.0.0.2") as other, Origin() as port, Origin(tls=True) as scheme:
        for place in (other, port, scheme):
            place.answer("/feed", body=FEED)
            origin.answer("/feed", 302, {"Location": place.url + "/feed"})
            fetch_one(Request("outlet", origin.url + "/feed", authorization=SECRET), OPTIONS)
            assert "authorization" in origin.requests[-1].headers
            assert "authorization" not in place.requests[-1].headers
        other.answer("/back", 302, {"Location": origin.url + "/today"})
        origin.answer("/today", body=FEED)
        origin.answer("/feed", 302, {"Location": other.url + "/back"})
        fetch_one(Request("outlet", origin.url + "/feed", authorization=SECRET), OPTIONS)
        assert "authorization" not in origin.requests[-1].headers
        request = Request("outlet", other.url + "/feed", authorization=SECRET, origin=origin.url + "/page")
        fetch_one(request, OPTIONS)
        assert "authorization" not in other.requests[-1].headers


def test_polling_03_credentials_stand_in_no_message() -> None:
    """Neither in how a request is shown nor in what is refused."""
    request = Request("outlet", "ftp://outlet.example/", authorization=SECRET)
    assert "s3cret" not in repr(request)
    with pytest.raises(Refused, match="line break") as refusal:
        fetch_one(Request("outlet", "http://127.0.0.1/", authorization=SECRET + "\r\nX: y"), OPTIONS)
    assert "s3cret" not in str(refusal.value)


def test_polling_03_no_cookie_and_no_referrer_cross_a_redirect(origin: Origin) -> None:
    """A cookie that is set on the way is not sent on, and the next hop is not told where we come from."""
    origin.answer("/feed", 302, {"Location": "/today", "Set-Cookie": "id=1; Path=/"})
    origin.answer("/today", 200, {"Set-Cookie": "id=2; Path=/"}, FEED)
    for _ in range(2):
        get(origin.url + "/feed")
    assert len(origin.requests) == 4
    assert not any({"cookie", "referer"} & set(asked.headers) for asked in origin.requests)


# ---------------------------------------------------------------------------------------------------------------- forms


def test_a_form_is_posted_and_the_status_comes_back(origin: Origin) -> None:
    """What a hub answers: 202, or 4xx with a reason; the fields arrive as they were, once."""
    url = origin.answer("/hub?x=1", 202, {}, b"thank you" * 100_000)
    assert post_form(url, {"hub.mode": "subscribe", "hub.topic": "http://a.example/ä b&c"}, OPTIONS) == 202
    (asked,) = origin.requests
    assert asked.method == "POST"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(asked.body.decode()) == {"hub.mode": ["subscribe"], "hub.topic": ["http://a.example/ä b&c"]}
    origin.answer("/hub?x=1", 404)
    assert post_form(url, {"hub.mode": "subscribe"}, OPTIONS) == 404
    origin.answer("/hub?x=1", 200, {}, FEED)
    assert post_form(url, {}, OPTIONS) == 200


@pytest.mark.parametrize("status, posted", [(307, 2), (308, 2), (301, 1), (302, 1), (303, 1)])
def test_a_form_is_redirected_where_its_method_is_kept(origin: Origin, status: int, posted: int) -> None:
    """There it is posted again, to another server too (W3C WebSub 5.1.2); else the redirect is the answer."""
    with Origin("127.0.0.2") as other:
        for server in (origin, other):
            server.answer("/new", body=lambda asked: Answer(202 if asked.body == b"a=b" else 400))
        for server in (origin, other):
            origin.answer("/hub", status, {"Location": server.url + "/new"})
            assert post_form(origin.url + "/hub", {"a": "b"}, OPTIONS) == (202 if posted == 2 else status)
        assert [asked.path for asked in other.requests] == ["/new"] * (posted - 1)
        assert [asked.method for asked in (*origin.requests, *other.requests)] == ["POST"] * (2 * posted)


def test_a_form_has_the_same_guard_and_limits(origin: Origin) -> None:
    """Forbidden addresses and slow hubs are refused as for any request."""
    with pytest.raises(Refused, match="a loopback address"):
        post_form("http://127.0.0.1/hub", {}, FetchOptions(user_agent="test"))

    def never(_: Asked) -> Answer:
        done.wait(20)
        return Answer()

    done = threading.Event()
    url = origin.answer("/hub", body=never)
    with pytest.raises(Unreachable, match="no whole answer"):
        post_form(url, {"a": "b"}, limited(total_timeout=0.2))
    done.set()
