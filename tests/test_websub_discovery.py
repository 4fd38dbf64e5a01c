"""Where a document's hub is found, and which hubs may be asked (POLLING, "WebSub")."""

from __future__ import annotations

import pytest

from feedsvc.model import Discovery, Fetched, Link
from feedsvc.normalise.hubs import discover, reachable
from feedsvc.parsers import PARSERS

PAGE = "https://outlet.example/feed"
HEADERS = (("hub", "https://hub.example/"), ("self", "https://outlet.example/feed.atom"))
STATED = (Link(href="https://other-hub.example/", rel="hub"), Link(href="https://outlet.example/stated", rel="self"))

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>urn:t</id>
<link rel="hub" href="https://hub.example/"/><link rel="self" href="https://outlet.example/a"/></feed>"""
RSS = b"""<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>T</title>
<a:link rel="self" href="https://outlet.example/a"/><a:link rel="hub" href="https://hub.example/"/>
<item><title>x</title></item></channel></rss>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "T", "feed_url": "https://outlet.example/a",
"hubs": [{"type": "rssCloud"}, {"type": "WebSub", "url": "https://hub.example/"}], "items": []}"""


def test_polling_websub_headers_come_before_the_document() -> None:
    """The recommendation's order (WebSub, 4)."""
    expected = Discovery(hubs=("https://hub.example/",), topic="https://outlet.example/feed.atom")
    assert discover(HEADERS, STATED, PAGE) == expected


def test_polling_websub_the_document_speaks_where_headers_do_not() -> None:
    expected = Discovery(hubs=("https://other-hub.example/",), topic="https://outlet.example/stated")
    assert discover((("next", PAGE),), STATED, PAGE) == expected


@pytest.mark.parametrize("body", [ATOM, RSS, JSON])
def test_polling_websub_every_format_can_name_its_hub(body: bytes) -> None:
    """atom:link in Atom and RSS, hubs and feed_url in JSON Feed."""
    parsed = PARSERS["feed"](Fetched(url=PAGE, body=body))
    found = discover((), parsed.feed.links, PAGE)
    assert found == Discovery(hubs=("https://hub.example/",), topic="https://outlet.example/a")


@pytest.mark.parametrize(
    "links",
    [
        (),
        (("hub", "https://hub.example/"),),
        (("self", "https://outlet.example/feed.atom"),),
        (("hub", "javascript:alert(1)"), ("self", PAGE)),
        (("hub", "https://hub.example/"), ("self", "urn:outlet")),
        (("hubbub", "https://hub.example/"), ("self", PAGE)),
    ],
)
def test_polling_websub_without_a_hub_and_a_topic_there_is_nothing_to_subscribe_to(
    links: tuple[tuple[str, str], ...],
) -> None:
    assert discover(links, (), PAGE) is None


def test_polling_websub_relations_and_addresses_are_read_as_links_are() -> None:
    """Several relations in one link, in any case; relative addresses start from the document (RFC 8288, 3.3)."""
    found = discover((), (Link(href="/hub", rel="HUB nofollow"), Link(href="feed.atom", rel="Self")), PAGE)
    assert found == Discovery(hubs=("https://outlet.example/hub",), topic="https://outlet.example/feed.atom")


def test_polling_websub_hubs_are_asked_by_https_however_they_are_written() -> None:
    """They are sent a secret (WebSub, 8.2); stated https comes first, doubles are one, private networks stay."""
    links = [
        ("hub", "http://plain.example:80/h"),
        ("hub", "http://10.0.0.7/h"),
        ("hub", "https://plain.example/h"),
        ("hub", "https://safe.example/"),
        ("self", PAGE),
    ]
    found = discover(links, (), PAGE)
    assert found is not None
    assert found.hubs == ("https://plain.example/h", "https://safe.example/", "http://10.0.0.7/h")


def test_polling_websub_a_document_cannot_name_hubs_without_end() -> None:
    found = discover([*(("hub", f"https://hub.example/{n}") for n in range(1000)), ("self", PAGE)], (), PAGE)
    assert found is not None
    assert len(found.hubs) == 5


WEB, LOCAL = "https://hub.example/", "http://127.0.0.1:9/hub"


@pytest.mark.parametrize(
    ("base_url", "hubs"),
    [
        ("https://reviews.example", (WEB, LOCAL)),
        ("https://reviews.example/below", (WEB, LOCAL)),
        ("http://reviews.example", None),
        ("http://192.168.1.7:8000", None),
        ("http://127.0.0.1:8000", (LOCAL,)),
        ("http://localhost:8000", (LOCAL,)),
        ("http://[::1]:8000", (LOCAL,)),
        ("https://127.0.0.1", (LOCAL,)),
    ],
)
def test_polling_websub_callbacks_are_https_but_for_trials_on_one_machine(
    base_url: str, hubs: tuple[str, ...] | None
) -> None:
    """A hub on the web is not asked to call a loopback address, and nobody to call plain http."""
    found = reachable(Discovery(hubs=(WEB, LOCAL), topic=PAGE), base_url)
    assert (found and found.hubs) == hubs


def test_polling_websub_what_is_not_there_is_not_reachable() -> None:
    assert reachable(None, "https://reviews.example") is None
