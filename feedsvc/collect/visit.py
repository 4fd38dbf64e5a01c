"""One look at one source: its claim and every answer in; requests, and the next state of the source, out. Pure."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from feedsvc.cadence import Cadence, after_failure, after_local_look, after_move, after_success, may_validate
from feedsvc.config import Settings
from feedsvc.errors import HttpStatus, SourceError
from feedsvc.fetch import Request
from feedsvc.model import Fetched, Source, SourceState, Unchanged, is_url
from feedsvc.reading import Reading
from feedsvc.store import Claim, DocumentSeen, Look

#: Answers after which the feed that a page once named is looked for again on that page.
_GONE = (404, 410)


@dataclass(slots=True)
class Visit:
    """A look under way; `state` is what holds from now on, `fetched` the document that is being read.

    `asked` is the address of the last request, `tried` those of all.
    """

    claim: Claim
    source: Source
    state: SourceState
    force: bool = False
    asked: str = ""
    tried: set[str] = field(default_factory=set)
    fetched: Fetched | None = None
    #: The digest of its body.
    digest: bytes | None = None
    #: What is to be done next, where the look goes on to pages.
    steps: Generator[Any, Any, Any] | None = None
    #: The host that it is configured at; None for what is read from a disk.
    host: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.host = urlsplit(self.source.location).hostname if self.on_the_web else None

    @property
    def on_the_web(self) -> bool:
        """Whether the source is asked over HTTP, and not read from a disk."""
        return is_url(self.source.location)

    @property
    def compares(self) -> bool:
        """Whether it is a feed of which only what differs from the last reading needs to be read."""
        return self.source.kind == "feed" and self.claim.state.last_success is not None and not self.force

    @property
    def size(self) -> int:
        """Bytes of the document that is being read."""
        return len(self.fetched.body) if self.fetched is not None else 0


def begin(claim: Claim, source: Source, *, force: bool) -> Visit:
    """A look at a source; with `force`, as if it were the first one."""
    state = claim.state
    if force:
        state = state.but(etag=None, last_modified=None, body_hash=None)
    return Visit(claim=claim, source=source, state=state, force=force)


def ask(visit: Visit, now: datetime) -> Request:
    """The request for the source's feed; the validators go only to the address that they came from."""
    state, location = visit.state, visit.source.location
    visit.asked = _address(visit, state)
    visit.tried.add(visit.asked)
    trusted = may_validate(state, now)
    return Request(
        name=state.name,
        url=visit.asked,
        etag=state.etag if trusted else None,
        last_modified=state.last_modified if trusted else None,
        validated_url=state.validated_url,
        # The whole document of a feed whose items are completed is kept.
        knows_deltas=state.knows_deltas and trusted and visit.source.follow is None,
        authorization=visit.source.authorization,
        origin=location,
    )


def elsewhere(visit: Visit, error: SourceError) -> bool:
    """Whether to ask another address after this error, which `visit` then says: a page's feed, or the page again.

    In one look none is asked twice, or a page that names a missing feed would be asked for ever.
    """
    found = getattr(error, "feeds", ())
    if found and not visit.state.feed_url:
        state = _first_at(visit.state, feed_url=found[0])
    elif visit.state.feed_url and isinstance(error, HttpStatus) and error.status in _GONE:
        state = _first_at(visit.state, feed_url=None)
    else:
        return False
    if _address(visit, state) in visit.tried:
        return False
    visit.state = state
    return True


def _address(visit: Visit, state: SourceState) -> str:
    return state.feed_url or state.location_moved or visit.source.location


def _first_at(state: SourceState, feed_url: str | None) -> SourceState:
    """The state for an address of which nothing is known yet."""
    return state.but(feed_url=feed_url, etag=None, last_modified=None, validated_url=None, body_hash=None)


def unchanged(
    visit: Visit,
    answer: Unchanged | Fetched,
    options: Cadence,
    now: datetime,
    *,
    new: bool = False,
    changed: bool = False,
) -> Look:
    """A 304, or the bytes of last time: only the time of the look is new, and the validators that came along.

    `new` and `changed`: pages that it leads to have brought something.
    """
    state = visit.state
    if isinstance(answer, Fetched):
        state = _validated(state, answer, now)
    state = _moved(visit, state, answer.moved_to, now)
    state = after_success(
        state,
        now=now,
        max_age=answer.max_age,
        retry_after=answer.retry_after,
        rhythm=None,
        dates=(),
        new=new,
        changed=changed,
        options=options,
    )
    return Look(claim=visit.claim, now=now, state=state)


def read(visit: Visit, reading: Reading, options: Cadence, now: datetime) -> Look:
    """What was read of a document, a file or a folder."""
    state, new = visit.state, reading.new > 0
    if visit.fetched is not None:
        state = _validated(state, visit.fetched, now)
        state = _moved(visit, state, visit.fetched.moved_to, now)
        state = after_success(
            state,
            now=now,
            max_age=visit.fetched.max_age,
            retry_after=visit.fetched.retry_after,
            rhythm=reading.rhythm,
            dates=reading.dates,
            new=new,
            changed=bool(reading.items),
            options=options,
        )
    else:
        state = after_local_look(state, now=now, interval=visit.source.interval, new=new)
    if not reading.same:
        state = state.but(
            body_hash=reading.body_hash,
            feed_title=reading.title or state.feed_title,
            feed_home=reading.home or state.feed_home,
            problems=reading.problems,
        )
    return Look(
        claim=visit.claim,
        now=now,
        state=state,
        reviews=reading.items,
        documents=tuple(
            DocumentSeen(path=one.path, digest=one.digest, reason=one.reason, problems=one.problems)
            for one in reading.seen
        ),
        present=reading.present,
        quarantined=reading.quarantined,
        markup=reading.markup,
    )


def failed(visit: Visit, error: SourceError, options: Cadence, now: datetime) -> Look:
    """What cannot be read: the state of before, with the error, and a later time for the next look."""
    before = visit.claim.state
    if visit.on_the_web:
        state = after_failure(before, now=now, error=error, options=options)
    else:
        state = after_local_look(before, now=now, interval=visit.source.interval, new=False, error=error)
    return Look(claim=visit.claim, now=now, state=state)


def postponed(visit: Visit, until: datetime, now: datetime) -> Look:
    """Nothing was asked, since the source's host wants to be left alone until then.

    Who looks before the time is up makes the next look no sooner than it was.
    """
    before = visit.claim.state
    return Look(claim=visit.claim, now=now, state=before.but(next_check=max(until, now, before.next_check)))


def cadence_for(settings: Settings, source: Source) -> Cadence:
    """How often a source may be looked at, as configured."""
    polling = settings.polling
    return Cadence(
        interval=source.interval or polling.interval,
        min_interval=polling.min_interval,
        max_interval=polling.max_interval,
    )


def _moved(visit: Visit, state: SourceState, moved_to: str | None, now: datetime) -> SourceState:
    """The state after a permanent redirect, or none; a feed that a page names is that page's to move."""
    return state if state.feed_url else after_move(state, asked=visit.asked, moved_to=moved_to, now=now)


def _validated(state: SourceState, fetched: Fetched, now: datetime) -> SourceState:
    """The state with the validators of a document that came whole; a delta's describe the whole document too."""
    return state.but(
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        validated_url=fetched.url,
        last_whole=state.last_whole if fetched.delta else now,
        knows_deltas=state.knows_deltas or fetched.knows_deltas,
    )
