"""Claimed sources in, reviews stored and an Outcome for each out: the shell around fetch → parse → normalise → store.

This is the one place where a SourceError is caught and recorded on its source. Any other exception is a bug of ours:
it is logged with its traceback and recorded too, so that one source's bug never stops the others.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from feedsvc import __version__
from feedsvc.cadence import Cadence, next_after_failure, next_after_success, next_local_look
from feedsvc.config import Settings
from feedsvc.errors import HttpStatus, NotAFeed, SourceError, StoreError, Unattributable
from feedsvc.fetch import FetchOptions, Request, fetch_all, fetch_one, read_file, read_folder, user_agent
from feedsvc.model import FeedInfo, Fetched, Parsed, Quarantined, Source, SourceState, Unchanged, is_url
from feedsvc.normalise import item_digest, item_key, normalise, parse_date
from feedsvc.normalise.document import distinct, feed_home, feed_title
from feedsvc.parsers import PARSERS
from feedsvc.store import Claim, Collected, DocumentSeen, Store, StoredItem

log = logging.getLogger(__name__)

Answer = Fetched | Unchanged | SourceError

#: So many of a feed's newest dates show how often it publishes.
RHYTHM_SAMPLE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one look at one source brought; `error` is None when it was read.

    `withdrawn` counts new and changed reviews that stay out at somebody's request.
    `kept_out` holds place and reason of each document or item that went into quarantine.
    """

    source: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    kept_out: tuple[tuple[str, str], ...] = ()
    error: SourceError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """What collecting needs from the edge: the store, the operator's settings and a clock that gives UTC."""

    store: Store
    settings: Settings
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Items:
    """The items of a look, normalised where they are new or changed."""

    reviews: tuple[StoredItem, ...] = ()
    unchanged: int = 0
    quarantined: tuple[Quarantined, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """Everything that one look found, not yet stored; `state` carries the validators that are good from now on."""

    state: SourceState
    items: _Items = field(default_factory=_Items)
    documents: tuple[DocumentSeen, ...] = ()
    present: frozenset[str] | None = None
    feed: FeedInfo = field(default_factory=FeedInfo)
    published: tuple[datetime, ...] = ()
    max_age: float | None = None


def fetch_options(settings: Settings) -> FetchOptions:
    """How this service introduces itself and what it may reach."""
    return FetchOptions(
        user_agent=user_agent(__version__, settings.polling.contact or settings.site.base_url, 1),
        allow_private_addresses=settings.polling.allow_private_addresses,
        own_url=settings.site.base_url,
    )


def collect(
    collector: Collector, claims: Iterable[Claim], report: Callable[[Outcome], None], *, force: bool = False
) -> None:
    """Look at every claimed source once and report each Outcome as it comes; with `force`, as if for the first time."""
    sources = {source.name: source for source in collector.settings.sources}
    in_flight: dict[str, Claim] = {}

    def requests() -> Iterator[Request]:
        for claim in claims:
            source, due = sources.get(claim.name), _forgetful(claim) if force else claim
            if source is None:
                # Another process with a newer configuration made the row; it is that one's to collect.
                collector.store.release(claim)
            elif is_url(source.location):
                in_flight[claim.name] = due
                yield _request(due.state, source.location)
            else:
                report(_settled(collector, due, source, None))

    for request, answer in fetch_all(requests(), fetch_options(collector.settings)):
        report(_settled(collector, in_flight.pop(request.name), sources[request.name], answer))


def _forgetful(claim: Claim) -> Claim:
    """A claim without what is known of the last look, so that the next one is unconditional."""
    return replace(claim, state=replace(claim.state, etag=None, last_modified=None, body_hash=None))


def _request(state: SourceState, location: str) -> Request:
    """The request for a source's feed; the validators go only to the address that they came from."""
    return Request(
        name=state.name,
        url=state.feed_url or location,
        etag=state.etag,
        last_modified=state.last_modified,
        validated_url=state.validated_url,
    )


def _settled(collector: Collector, claim: Claim, source: Source, answer: Answer | None) -> Outcome:
    """One source from its answer to the store; whatever goes wrong ends here, recorded on the source."""
    try:
        if source.kind == "folder":
            look = _look_into_folder(collector, claim, source)
        else:
            look = _look_at_feed(collector, claim, source, answer or read_file(Path(source.location)))
        return _succeeded(collector, claim, source, look)
    except SourceError as error:
        return _failed(collector, claim, source, error, error.kind)
    except StoreError:
        # Not the source's fault: nothing is recorded, and its lease ends by itself.
        raise
    except Exception as bug:
        log.exception("source %s met a bug of feedsvc", source.name)
        return _failed(collector, claim, source, SourceError(f"a bug of feedsvc: {bug!r}; please report it"), "bug")


def _succeeded(collector: Collector, claim: Claim, source: Source, look: _Look) -> Outcome:
    now = collector.clock()
    next_check, interval = _next_look(collector, source, look, now)
    state = look.state
    recorded = collector.store.record_success(
        claim,
        Collected(
            now=now,
            next_check=next_check,
            interval=interval,
            etag=state.etag,
            last_modified=state.last_modified,
            validated_url=state.validated_url,
            body_hash=state.body_hash,
            feed_url=state.feed_url,
            feed_title=feed_title(look.feed) or state.feed_title,
            feed_home=feed_home(look.feed, state.validated_url or "") or state.feed_home,
            location_moved=claim.location_moved,
            reviews=look.items.reviews,
            documents=look.documents,
            present=look.present,
            quarantined=look.items.quarantined,
        ),
    )
    return Outcome(
        source=source.name,
        new=recorded.new,
        changed=recorded.changed,
        unchanged=recorded.unchanged + look.items.unchanged,
        withdrawn=recorded.withdrawn,
        kept_out=_kept_out(look),
    )


def _kept_out(look: _Look) -> tuple[tuple[str, str], ...]:
    items = [(entry.place, entry.reason) for entry in look.items.quarantined]
    return (*items, *((document.path, document.reason) for document in look.documents if document.reason is not None))


def _next_look(collector: Collector, source: Source, look: _Look, now: datetime) -> tuple[datetime, float]:
    if not is_url(source.location):
        return next_local_look(now, source.interval)
    return next_after_success(
        now=now,
        state=look.state,
        rhythm=look.feed.rhythm,
        max_age=look.max_age,
        published=look.published,
        changed=bool(look.items.reviews),
        options=_cadence(collector, source),
        name=source.name,
    )


def _cadence(collector: Collector, source: Source) -> Cadence:
    polling = collector.settings.polling
    interval = source.interval or polling.interval
    return Cadence(interval=interval, min_interval=polling.min_interval, max_interval=polling.max_interval)


def _failed(collector: Collector, claim: Claim, source: Source, error: SourceError, kind: str) -> Outcome:
    now = collector.clock()
    if is_url(source.location):
        next_check, interval, stopped = next_after_failure(
            now=now, state=claim.state, error=error, options=_cadence(collector, source), name=claim.name
        )
    else:
        (next_check, interval), stopped = next_local_look(now, source.interval), False
    collector.store.record_failure(
        claim, now=now, next_check=next_check, interval=interval, error=str(error), kind=kind, stopped=stopped
    )
    return Outcome(source=claim.name, error=error)


# ------------------------------------------------------------------------------------------------------------- a feed


def _look_at_feed(collector: Collector, claim: Claim, source: Source, answer: Answer) -> _Look:
    """What a feed's answer holds; an HTML page leads to the feed it names. Raises SourceError."""
    state = claim.state
    if state.feed_url and _is_gone(answer):
        state = replace(state, feed_url=None)
        answer = _ask(collector, source.name, source.location)
    if isinstance(answer, SourceError):
        raise answer
    if isinstance(answer, Unchanged):
        return _Look(state=state, max_age=answer.max_age)
    try:
        return _read_feed(collector, state, source, answer)
    except NotAFeed as page:
        if not page.feeds or state.feed_url:
            raise
        found = _ask(collector, source.name, page.feeds[0])
        return _read_feed(collector, replace(state, feed_url=page.feeds[0]), source, found)


def _is_gone(answer: Answer) -> bool:
    return isinstance(answer, HttpStatus) and answer.status in (404, 410)


def _ask(collector: Collector, name: str, url: str) -> Fetched:
    """An address, asked without validators; raises SourceError."""
    answer = fetch_one(Request(name=name, url=url), fetch_options(collector.settings))
    if isinstance(answer, Unchanged):
        raise HttpStatus(f"{url}: answered 304 to a request that had no validators; the server is at fault", 304)
    return answer


def _read_feed(collector: Collector, state: SourceState, source: Source, fetched: Fetched) -> _Look:
    body_hash = hashlib.sha256(fetched.body).digest()
    validated = replace(
        state,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        validated_url=fetched.url,
        body_hash=body_hash,
    )
    if body_hash == state.body_hash:
        return _Look(state=validated, max_age=fetched.max_age)
    parsed = PARSERS[source.kind](fetched)
    sample = (parse_date(item.published or item.updated) for item in islice(parsed.items, RHYTHM_SAMPLE))
    return _Look(
        state=validated,
        items=_normalised(collector, source, [(parsed, fetched.url)]),
        feed=parsed.feed,
        published=tuple(date for date in sample if date is not None),
        max_age=fetched.max_age,
    )


# ----------------------------------------------------------------------------------------------------------- a folder


def _look_into_folder(collector: Collector, claim: Claim, source: Source) -> _Look:
    """Every new or changed document of a drop folder; an unreadable one is noted with its reason and stops nothing."""
    documents: list[DocumentSeen] = []
    present: list[str] = []
    read: list[tuple[Parsed, str]] = []
    for dropped in read_folder(Path(source.location), collector.store.documents(source.name)):
        present.append(dropped.path)
        reason = str(dropped.error) if dropped.error else None
        if dropped.document is not None:
            try:
                read.append((PARSERS[source.kind](dropped.document), dropped.document.url))
            except SourceError as error:
                reason = str(error)
        elif reason is None:
            continue
        documents.append(DocumentSeen(path=dropped.path, digest=dropped.digest, reason=reason))
    items = _normalised(collector, source, read)
    return _Look(state=claim.state, items=items, documents=tuple(documents), present=frozenset(present))


# -------------------------------------------------------------------------------------------------- Items → StoredItems


def _normalised(collector: Collector, source: Source, documents: Sequence[tuple[Parsed, str]]) -> _Items:
    """The items of some documents as reviews; those whose digest is the stored one are not worked on again."""
    claims = [
        (item, parsed.feed, url, hashlib.sha256(item_key(item).encode()).digest())
        for parsed, url in documents
        for item in distinct(parsed.items)
    ]
    stored = collector.store.digests(source.name, [guid_hash for *_, guid_hash in claims])
    reviews: list[StoredItem] = []
    quarantined: list[Quarantined] = []
    settings = collector.settings
    for item, feed, url, guid_hash in claims:
        digest = item_digest(item, feed, source, settings.outlets)
        if stored.get(guid_hash) == digest:
            continue
        now = collector.clock()
        try:
            review = normalise(
                item, feed, source=source, document_url=url, site=settings.site, now=now, outlets=settings.outlets
            )
        except Unattributable as error:
            quarantined.append(Quarantined(source=source.name, place=item_key(item), reason=str(error), seen=now))
        else:
            reviews.append(StoredItem(review=review, guid_hash=guid_hash, digest=digest))
    return _Items(
        reviews=tuple(reviews),
        quarantined=tuple(quarantined),
        unchanged=len(claims) - len(reviews) - len(quarantined),
    )
