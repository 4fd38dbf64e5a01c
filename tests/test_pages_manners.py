"""How a look goes from page to page: driven by hand, answer by answer, so that every wish for a pause is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.cadence import Cadence
from feedsvc.collect.errands import Errands
from feedsvc.collect.findings import Findings
from feedsvc.collect.steps import Ask, Ended, Result, Tools
from feedsvc.collect.visit import begin
from feedsvc.collect.walk import walk
from feedsvc.fetch import Answer, Postponed, Request
from feedsvc.model import Fetched
from feedsvc.reading import Setup, read
from tests.collecting import LEASE, Bench
from tests.origin import Origin
from tests.page_sites import LISTING, paths, site

SITE = "https://gazette.example"
CADENCE = Cadence()


@contextmanager
def house(folder: Path, more: str = "") -> Iterator[Bench]:
    """A service with a page source; nothing of it is asked over HTTP here."""
    with Origin() as origin:
        bench = Bench(folder, origin, SITE + LISTING)
        bench.configure('kind = "feed"', f'kind = "page"\n{more}')
        yield bench
        bench.store.close()


def answers(n: int, robots: str) -> Callable[[Request], Answer]:
    """A site of so many review pages."""
    pages: Mapping[str, tuple[str, bytes]] = site("jsonld", n, SITE) | {"/robots.txt": ("text/plain", robots.encode())}

    def answer(request: Request) -> Answer:
        media_type, body = pages[request.url.removeprefix(SITE)]
        return Fetched(url=request.url, body=body, media_type=media_type, charset="utf-8")

    return answer


def look(
    bench: Bench, answer: Callable[[Request], Answer | None], leave: Callable[[], bool] = lambda: False
) -> tuple[list[tuple[str, float]], Ended]:
    """One whole look: path and pause of each request, and what it came to, which is recorded."""
    bench.clock.now += timedelta(hours=1)
    [claim] = bench.store.claim_named(["outlet"], bench.clock.now, LEASE)
    findings = Findings(bench.collector)
    tools = Tools(
        store=bench.store,
        findings=findings,
        clock=bench.clock,
        known=lambda visit: bench.store.known_digests(visit.claim.name, 1000),
        leave=leave,
        options=lambda visit: CADENCE,
    )
    asked: list[tuple[str, float]] = []
    source = bench.settings.source("outlet")
    assert source is not None
    steps = walk(begin(claim, source, force=False), tools)
    result: Result = None
    while True:
        try:
            step = steps.send(result)
        except StopIteration as end:
            ended: Ended = end.value
            bench.store.record([ended.look])
            findings.keep({})
            return asked, ended
        if isinstance(step, Ask):
            asked.append((step.request.url.removeprefix(SITE), step.after))
            result = answer(step.request)
        else:
            result = read(step.task(), Setup(site=bench.settings.site))


def test_polling_pages_between_pages_stands_the_pause_that_robots_txt_asks_for(tmp_path: Path) -> None:
    """Before each page, the first too, since the listing was asked for just now."""
    with house(tmp_path) as bench:
        asked, ended = look(bench, answers(4, "User-agent: *\nCrawl-delay: 7"))

    assert asked == [("/robots.txt", 0.0), (LISTING, 0.0), *((path, 7.0) for path in paths(4))]
    assert ended.pages == 4


@pytest.mark.parametrize(("delay", "pages"), [(0.5, 10), (15, 8), (40, 3), (60, 2), (3600, 2)])
def test_polling_pages_a_long_pause_makes_fewer_pages_a_look(tmp_path: Path, delay: float, pages: int) -> None:
    """Nobody waits longer than two minutes; what is left comes soon, and nothing is forgotten."""
    with house(tmp_path) as bench:
        answer = answers(12, f"User-agent: *\nCrawl-delay: {delay}")
        asked, _ = look(bench, answer)
        assert [path for path, _ in asked[2:]] == paths(12)[:pages]
        assert {after for _, after in asked[2:]} == {min(delay, 60.0)}
        assert bench.state.next_check - bench.clock.now < timedelta(minutes=17)
        asked, _ = look(bench, answer)
        assert [path for path, _ in asked[1:]] == paths(12)[pages : 2 * pages]


def test_polling_pages_so_many_pages_a_look_as_configured(tmp_path: Path) -> None:
    with house(tmp_path, "pages_per_poll = 3") as bench:
        for part in range(4):
            asked, _ = look(bench, answers(12, ""))
            assert [path for path, _ in asked if path in paths(12)] == paths(12)[3 * part : 3 * part + 3]


def test_polling_pages_a_host_that_wants_to_be_left_alone_is(tmp_path: Path) -> None:
    """What was read before is stored; the others come when its time is up."""
    with house(tmp_path) as bench:
        answer = answers(5, "")
        until = (bench.clock.now + timedelta(hours=3)).timestamp()

        def closing(request: Request) -> Answer:
            return Postponed(until) if request.url == SITE + paths(5)[2] else answer(request)

        asked, ended = look(bench, closing)
        assert (len(asked), ended.pages, ended.page_faults) == (5, 2, ())
        assert len(bench.store.newest(["outlet"], 10)) == 2
        asked, _ = look(bench, answer)
        assert [path for path, _ in asked[1:]] == paths(5)[2:]


def test_polling_pages_a_closed_host_is_not_even_asked_for_its_robots_txt_twice(tmp_path: Path) -> None:
    with house(tmp_path) as bench:
        until = bench.clock.now + timedelta(hours=3)
        asked, ended = look(bench, lambda request: Postponed(until.timestamp()))

        assert [path for path, _ in asked] == ["/robots.txt"]
        assert ended.postponed == until
        assert bench.state.next_check == until


def test_polling_pages_whoever_is_about_to_stop_waits_for_no_pause(tmp_path: Path) -> None:
    """What was read is kept, and no further page is asked for."""
    with house(tmp_path) as bench:
        answer = answers(5, "User-agent: *\nCrawl-delay: 9")

        def stopping(request: Request) -> Answer | None:
            return None if request.url == SITE + paths(5)[3] else answer(request)

        asked, ended = look(bench, stopping)
        assert (len(asked), ended.pages, ended.page_faults) == (6, 3, ())
        assert len(bench.store.newest(["outlet"], 10)) == 3
        asked, _ = look(bench, answer, leave=lambda: True)
        assert [path for path, _ in asked] == [LISTING]


def test_polling_pages_the_same_address_is_asked_for_once_in_a_look(tmp_path: Path) -> None:
    """However often, and wherever, it is named."""
    urls = "".join(f"<url><loc>{SITE}{path}</loc></url>" for path in (*paths(3), *paths(3)))
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    maps = "".join(f"<sitemap><loc>{SITE}/map-{n}.xml</loc></sitemap>" for n in (1, 2, 1))
    documents = {
        LISTING: f"<sitemapindex {space}>{maps}</sitemapindex>",
        "/map-1.xml": f"<urlset {space}>{urls}</urlset>",
        "/map-2.xml": f"<urlset {space}>{urls}</urlset>",
    }
    answer = answers(3, "")

    def mapped(request: Request) -> Answer:
        body = documents.get(request.url.removeprefix(SITE))
        if body is None:
            return answer(request)
        return Fetched(url=request.url, body=f"<?xml version='1.0'?>{body}".encode(), media_type="application/xml")

    with house(tmp_path) as bench:
        asked, _ = look(bench, mapped)

    assert [path for path, _ in asked] == ["/robots.txt", LISTING, "/map-1.xml", "/map-2.xml", *paths(3)]


def test_requests_are_sent_at_their_time_and_shared_ones_once(tmp_path: Path) -> None:
    """Nothing is sent twice, and what waits can be given up."""
    sent: list[Request] = []
    errands = Errands(sent.append)
    with house(tmp_path) as bench:
        [claim] = bench.store.claim_named(["outlet"], bench.clock.now, LEASE)
        [source] = bench.settings.sources
        first, second, third = (begin(claim, source, force=False) for _ in range(3))
    robots, page = Request("outlet", f"{SITE}/robots.txt"), Request("outlet", f"{SITE}/a")
    errands.ask(first, Ask(robots, shared=True))
    errands.ask(second, Ask(robots, shared=True))
    errands.ask(third, Ask(page, after=3600.0))
    errands.send_due()

    assert sent == [robots]
    assert (len(errands), errands.patience(0.5)) == (1, 0.5)
    assert [waiting is second for waiting in errands.answered(robots)] == [True]
    assert errands.answered(robots) == []
    assert [waiting is third for waiting in errands.recall()] == [True]
    assert (len(errands), sent) == (0, [robots])
    errands.ask(first, Ask(robots, shared=True))
    errands.ask(first, Ask(page, after=1e-9))
    errands.send_due()
    assert sent == [robots, robots, page]
