"""A look at a source that leads to pages, step by step: answers and readings in; requests, documents to be read, and at
last the whole Look, out.

It is a generator, so that hundreds of them can be under way on the collector's threads: whatever it yields is done by
the round, and what came of it is sent back. All that was learnt is written with the source, in one transaction.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from feedsvc.cadence import sooner
from feedsvc.collect import visit as visits
from feedsvc.collect.footwork import Footwork
from feedsvc.collect.steps import Ask, Ended, Steps, Tools, answered, read
from feedsvc.collect.visit import Visit
from feedsvc.errors import Disallowed, NotAFeed, SourceError
from feedsvc.fetch import Postponed
from feedsvc.fetch.robots import refusal
from feedsvc.model import Fetched, Unchanged
from feedsvc.parsers.sameness import body_digest
from feedsvc.reading import Reading, Task, Wanted


def walk(visit: Visit, tools: Tools) -> Steps[Ended]:
    """One look at a source that leads to pages; raises StoreError."""
    if visit.source.kind == "page":
        robots = yield from Footwork(visit, tools).robots(visit.source.location)
        if isinstance(robots, Postponed):
            return _put_off(visit, tools, robots)
        if reason := refusal(robots, visit.source.location):
            return _failed(visit, tools, Disallowed(reason))
    while True:
        answer = yield from answered(Ask(visits.ask(visit, tools.clock())))
        if isinstance(answer, Postponed):
            return _put_off(visit, tools, answer)
        found = answer if isinstance(answer, SourceError) else (yield from _opened(visit, tools, answer))
        if not isinstance(found, SourceError) and not isinstance(answer, SourceError):
            go_on = _completed if visit.source.follow else _collected
            return (yield from go_on(visit, tools, answer, found))
        if isinstance(found, SourceError) and (visit.source.kind == "page" or not visits.elsewhere(visit, found)):
            return _failed(visit, tools, found)
        visit.fetched = None


def _opened(visit: Visit, tools: Tools, answer: Fetched | Unchanged) -> Steps[Reading | SourceError | None]:
    """What the source's own document holds; None when it is that of last time.

    Of a feed whose items are completed, at first only which pages they have.
    """
    if not isinstance(answer, Fetched) or (digest := body_digest(answer.body)) == visit.state.body_hash:
        return None
    visit.fetched, visit.digest = answer, digest
    wanted = Wanted.LINKS if visit.source.follow else Wanted.ITEMS
    return (yield from read(answer, lambda: _task(visit, tools, answer, wanted)))


def _task(visit: Visit, tools: Tools, document: Fetched, wanted: Wanted) -> Task:
    known = tools.known(visit) if wanted is Wanted.ITEMS else {}
    digest = visit.digest if document is visit.fetched else None
    return Task(source=visit.source, now=tools.clock(), known=known, fetched=document, digest=digest, wanted=wanted)


# --------------------------------------------------------------------------------------------------- what it came to


def _collected(visit: Visit, tools: Tools, answer: Fetched | Unchanged, found: Reading | None) -> Steps[Ended]:
    """A page source: what its own document holds, and what those of its pages hold that are due."""
    if found is not None and not (found.pages or found.items or found.unchanged or found.quarantined):
        return _failed(visit, tools, _nothing_there(answer.url))
    pages = Footwork(visit, tools)
    pages.plan(found.pages if found else ())
    yield from pages.go()
    return _ended(visit, pages, answer, _together(found, pages.readings))


def _completed(visit: Visit, tools: Tools, answer: Fetched | Unchanged, found: Reading | None) -> Steps[Ended]:
    """A feed: its items with what their pages add.

    While pages are due a feed that has not changed is read as it was: what it said last is kept for that.
    """
    pages, document = Footwork(visit, tools), visit.fetched
    if document is None:
        due = tools.store.pages.due(visit.source.name, tools.clock(), 1)
        before = tools.store.pages.feed(visit.source.name) if due else None
        if before is None:
            return _ended(visit, pages, answer, None)
        links = yield from read(before, lambda: _task(visit, tools, before, Wanted.LINKS))
        document, found = before, links if isinstance(links, Reading) else None
    pages.plan(found.pages if found else ())
    yield from pages.go()
    if visit.fetched is None and not pages.said:
        return _ended(visit, pages, answer, None)

    def items() -> Task:
        said = tools.store.pages.said(visit.source.name) | pages.said
        return replace(_task(visit, tools, document, Wanted.ITEMS), pages=said)

    result = yield from read(document, items)
    if isinstance(result, SourceError):
        return _failed(visit, tools, result)
    return _ended(visit, pages, answer, result)


def _together(found: Reading | None, others: list[Reading]) -> Reading | None:
    """One reading of several documents; None when none was read. What it says of the source is the first one's."""
    if found is None and not others:
        return None
    every = [*([found] if found else ()), *others]
    return replace(
        found or Reading(),
        items=tuple(item for one in every for item in one.items),
        new=sum(one.new for one in every),
        unchanged=sum(one.unchanged for one in every),
        quarantined=tuple(entry for one in every for entry in one.quarantined),
    )


def _ended(visit: Visit, pages: Footwork, answer: Fetched | Unchanged, reading: Reading | None) -> Ended:
    tools, now = pages.tools, pages.tools.clock()
    options = tools.options(visit)
    if visit.fetched is not None and reading is not None:
        look = visits.read(visit, reading, options, now)
    else:
        found = reading or Reading()
        look = visits.unchanged(visit, answer, options, now, new=found.new > 0, changed=bool(found.items))
        look = replace(look, reviews=found.items, quarantined=found.quarantined)
    state = look.state
    if pages.left:
        state = sooner(state, now=now, max_age=answer.max_age, retry_after=answer.retry_after, options=options)
    return Ended(
        look=replace(
            look,
            state=state,
            pages=tuple(pages.pages.values()),
            said=pages.said,
            feed=visit.fetched if visit.source.follow else None,
        ),
        reading=reading,
        pages=pages.asked,
        page_faults=tuple(pages.faults),
    )


def _nothing_there(url: str) -> SourceError:
    return NotAFeed(
        f"{url}: holds no review, and leads to no page that looks like one. Name a review, the page that lists the "
        "reviews, or the site's sitemap.",
        found="a page without reviews",
    )


def _failed(visit: Visit, tools: Tools, error: SourceError) -> Ended:
    return Ended(look=visits.failed(visit, error, tools.options(visit), tools.clock()), error=error)


def _put_off(visit: Visit, tools: Tools, postponed: Postponed) -> Ended:
    """Nothing was asked: the host wants to be left alone."""
    until = datetime.fromtimestamp(postponed.until, UTC)
    return Ended(look=visits.postponed(visit, until, tools.clock()), postponed=until)
