"""Two processes that serve one PostgreSQL database, beside one that collects: they agree on every byte and header."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree

from tests.databases import postgresql_url
from tests.house import FEEDS, PATH, House
from tests.service import wait_until

#: It starts a server of its own, whatever the run is on.
pytestmark = pytest.mark.postgresql

ATOM = {"a": "http://www.w3.org/2005/Atom"}
#: What tells a client whether it has the newest form.
TOLD = ("etag", "last-modified", "content-encoding", "content-type", "link", "cache-control", "vary")
PATHS = (
    "/",
    "/feeds/all",
    "/feeds/all.atom",
    "/feeds/all.rss",
    "/feeds/all.json",
    "/feeds/all.atom?limit=3",
    "/feeds.opml",
    "/sources",
    "/style.css",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One that collects and serves, and one that serves."""
    folder = tmp_path_factory.mktemp("fleet")
    with House(folder, postgresql_url(folder)) as made:
        yield made


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_both_say_the_same_of_every_address(house: House, path: str, coding: str) -> None:
    def told() -> list[tuple[int, bytes, list[str | None]]]:
        answers = [house.ask(service, path, Accept_Encoding=coding) for service in house.services]
        return [(one.status, one.body, [one.headers.get(name) for name in TOLD]) for one in answers]

    if path == "/sources":
        # When each was looked at last changes between two requests, and is the same a moment later.
        wait_until(lambda: len({repr(one) for one in told()}) == 1, "the same sources of both")
    else:
        first, second = told()
        assert first == second
    assert {status for status, *_ in told()} == {200}


def test_what_one_gave_out_is_known_to_the_other(house: House) -> None:
    """A client behind a balancer comes back to either."""
    first, second = house.services
    given = house.ask(first, PATH)
    for headers in ({"If_None_Match": given.headers["etag"]}, {"If_Modified_Since": given.headers["last-modified"]}):
        assert house.ask(second, PATH, **headers).status == 304


def test_a_change_reaches_both(house: House) -> None:
    """Read by somebody else's parser, whole, with the same entries in the same order."""
    for _ in range(3):
        house.grow()
        house.wait_collected()
    wait_until(lambda: len({reply.body for reply in house.served()}) == 1, "the same bytes")
    titles = etree.fromstring(house.served()[0].body).xpath("//a:entry/a:title/text()", namespaces=ATOM)
    assert len(titles) == len(set(titles)) == FEEDS * house.feeds.size
