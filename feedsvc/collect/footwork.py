"""The pages that a source leads to in; requests for those that are due, a few at one look, and what they brought, out.

One is asked for after another, as the robots.txt of its site allows and as slowly as it wants; one that fails is noted
with its reason and harms no other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from feedsvc.cadence import after_page, after_page_failure, named_again
from feedsvc.collect.steps import Ask, Steps, Tools, answered, read
from feedsvc.collect.visit import Visit
from feedsvc.errors import Disallowed, SourceError, TooLarge
from feedsvc.fetch import Postponed, Request
from feedsvc.fetch.robots import delay_of, origin_of, refusal, robots_of, robots_url
from feedsvc.model import Fetched, Item, Page, PageLink, Robots, Unchanged, is_url
from feedsvc.parsers.sameness import body_digest
from feedsvc.reading import Reading, Task, Wanted

#: Seconds that the pages of one look may wait for a Crawl-delay together; the others are left for the next.
WAITING = 120.0
#: Links are followed from what the source's own document names to what that names in turn, as from a sitemap of
#: sitemaps, and no further.
DEEPEST = 2
#: An address that is longer is no page's.
LONGEST = 2000
#: The most bytes of one page: a review with its site round it is far below.
LARGEST = 4 * 1024 * 1024


class Footwork:
    """The pages of one look."""

    def __init__(self, visit: Visit, tools: Tools) -> None:
        self.tools = tools
        self._visit, self._source = visit, visit.source
        self._waiting: deque[Page] = deque()
        self._room = self._source.pages_per_poll
        #: By address, those of which anything is new.
        self.pages: dict[str, Page] = {}
        self.readings: list[Reading] = []
        #: What pages said of a feed's items, by the items' addresses.
        self.said: dict[str, Item] = {}
        #: How many were asked for; which failed, and why.
        self.asked = 0
        self.faults: list[tuple[str, str]] = []
        #: Whether there are more to be asked for at the next look, which need not be put off for long.
        self.left = False

    def plan(self, links: Sequence[PageLink], depth: int = 1) -> None:
        """Put in line what is due: first what these links name for the first time, in their order."""
        store, name, now = self.tools.store.pages, self._source.name, self.tools.clock()
        links = [link for link in links if _is_page(link.url) and link.url != self._source.location]
        known = store.known(name, [link.url for link in links])
        fresh: list[Page] = []
        again: list[Page] = []
        for link in links:
            page = known.get(link.url)
            if page is None:
                page = Page(url=link.url, seen=now, next_check=now, modified=link.modified, depth=depth)
                self._note(fresh, page)
            elif (renewed := named_again(page, modified=link.modified, now=now)) is not page:
                self._note(again, renewed)
        due = [page for page in store.due(name, now, self._room * 4) if page.url not in self.pages]
        if self._source.follow:
            # A page whose item has left the feed completes nothing any more.
            self.pages |= {page.url: replace(page, next_check=None) for page in due if page.url not in known}
            due = [page for page in due if page.url in known]
        again = [page for page in again if page.next_check is not None and page.next_check <= now]
        in_line = {page.url for page in self._waiting}
        self._waiting.extend({page.url: page for page in (*fresh, *again, *due) if page.url not in in_line}.values())

    def _note(self, pages: list[Page], page: Page) -> None:
        if page.url not in self.pages:
            self.pages[page.url] = page
            pages.append(page)

    def go(self) -> Steps[None]:
        """Ask for what is in line, as far as one look may go; raises StoreError."""
        while self._waiting and not self.tools.leave():
            page = self._waiting.popleft()
            robots = yield from self.robots(page.url)
            if isinstance(robots, Postponed):
                break
            if reason := refusal(robots, page.url):
                self._failed(page, Disallowed(reason))
                continue
            delay = delay_of(robots)
            if self.asked >= self._most(delay):
                self._waiting.appendleft(page)
                break
            if not (yield from self._ask(page, delay)):
                return
        self.left = any(page.read is None and not page.failures for page in self._waiting)

    def _most(self, delay: float) -> int:
        return min(self._room, max(1, int(WAITING // delay))) if delay else self._room

    def robots(self, url: str) -> Steps[Robots | Postponed]:
        """What the robots.txt of a page's site says, which is asked for once a day at most."""
        findings, origin = self.tools.findings, origin_of(url)
        if found := findings.robots(origin):
            return found
        request = Request(name=self._source.name, url=robots_url(origin))
        answer = yield from answered(Ask(request, shared=True))
        if isinstance(answer, Postponed):
            return answer
        if isinstance(answer, Unchanged):
            raise TypeError(f"{request.url}: nothing was sent that could be unchanged")
        robots = robots_of(origin, answer, self.tools.clock())
        findings.note_robots(robots)
        return robots

    def _ask(self, page: Page, delay: float) -> Steps[bool]:
        """Ask for one page; False when its host wants to be left alone, or the service is about to stop."""
        answer = yield Ask(self._request(page), after=delay)
        if answer is None or isinstance(answer, Postponed):
            return False
        self.asked += 1
        if isinstance(answer, Unchanged):
            self._taken(page, answer, changed=False)
        elif isinstance(answer, Fetched):
            yield from self._answered(page, answer)
        elif isinstance(answer, SourceError):
            self._failed(page, answer)
        return True

    def _request(self, page: Page) -> Request:
        return Request(
            name=self._source.name,
            url=page.url,
            etag=page.etag,
            last_modified=page.last_modified,
            validated_url=page.validated_url,
            authorization=self._source.authorization,
            origin=self._source.location,
        )

    def _answered(self, page: Page, document: Fetched) -> Steps[None]:
        if len(document.body) > LARGEST:
            self._failed(page, TooLarge(f"{page.url}: is larger than {LARGEST:,} bytes, which no review is."))
            return
        digest = body_digest(document.body)
        known = replace(
            page,
            etag=document.etag,
            last_modified=document.last_modified,
            validated_url=document.url,
            body_hash=digest,
        )
        if digest == page.body_hash:
            self._taken(known, document, changed=False)
            return
        result = yield from read(document, lambda: self._task(page, document))
        if isinstance(result, SourceError):
            self._failed(page, result)
            return
        self._taken(known, document, changed=True)
        if result.said is not None:
            self.said[page.url] = result.said
        if not self._source.follow:
            self.readings.append(result)
            if page.depth < DEEPEST and not result.items and not result.unchanged:
                self.plan(result.pages, page.depth + 1)

    def _task(self, page: Page, document: Fetched) -> Task:
        now = self.tools.clock()
        if self._source.follow:
            return Task(source=self._source, now=now, fetched=document, wanted=Wanted.SAID, address=page.url)
        return Task(source=self._source, now=now, known=self.tools.known(self._visit), fetched=document)

    def _taken(self, page: Page, answer: Fetched | Unchanged, *, changed: bool) -> None:
        self.pages[page.url] = after_page(
            page,
            now=self.tools.clock(),
            max_age=answer.max_age,
            retry_after=answer.retry_after,
            changed=changed,
            once=self._source.follow is not None,
        )

    def _failed(self, page: Page, error: SourceError) -> None:
        self.faults.append((page.url, str(error)))
        options = self.tools.options(self._visit)
        self.pages[page.url] = after_page_failure(page, now=self.tools.clock(), error=error, options=options)


def _is_page(url: str) -> bool:
    """Whether an address is one that can be asked for and kept; whoever wrote the document may have meant anything."""
    try:
        parts = urlsplit(url)
        # Raises for what is no number, and for lone surrogates.
        return len(url.encode()) <= LONGEST and parts.port != 0 and bool(is_url(url) and parts.hostname)
    except ValueError:
        return False
