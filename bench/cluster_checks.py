"""A running cluster in; what must be true of what it collected and answers, beside what is, out."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench import feeds
from bench.checks import Stored, difference, expected, mark
from bench.origin import Answering, Counts, Origin
from bench.service import source_name
from feedsvc.store import Store

#: What every server must answer alike.
PATHS = ("/feeds/reviews.atom", "/feeds/reviews.rss", "/feeds/reviews.json", "/feeds/reviews", "/feeds/reviews/archive")
#: How many of the newest the feed shows.
SHOWN = 50
#: Of so many feeds or more, each one's newest items that can be among those: its items are hours apart.
NEWEST = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what it is about, what was wanted, what was found."""

    what: str
    wanted: str
    found: str

    @property
    def held(self) -> bool:
        return self.wanted == self.found


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, what identifies it, and its bytes."""

    status: int
    etag: str | None
    modified: str | None
    body: bytes


def answers(port: int, path: str, encoding: str = "identity") -> Reply | None:
    """What a server on loopback answers; None when it does not."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": encoding})
        answer = connection.getresponse()
        return Reply(answer.status, answer.getheader("ETag"), answer.getheader("Last-Modified"), answer.read())
    except OSError:
        return None
    finally:
        connection.close()


def newest_dates(count: int) -> list[str]:
    """When the reviews that the feed must show were published, newest first."""
    dates = []
    for number in range(count):
        about = feeds.outlet(number)
        size = feeds.size(number)
        least = size - NEWEST if count >= SHOWN else 0
        dates += [feeds.entry(about, item, 0).published for item in range(least, size)]
    return [moment.isoformat() for moment in sorted(dates, reverse=True)[:SHOWN]]


def shown_dates(body: bytes) -> list[str]:
    """Those that a JSON Feed shows, in its order."""
    return [item["date_published"].replace("Z", "+00:00") for item in json.loads(body)["items"]]


def stored(store: Store, count: int) -> Iterator[Stored]:
    """Every review, as the publishing side reads it."""
    for number in range(count):
        for review in store.reviews_of(source_name(number)):
            yield number, review.id, mark("".join(text.html for text in (review.content, review.summary) if text))


def published(ports: Sequence[int], wanted: Sequence[str], seconds: float) -> list[dict[str, Reply | None]]:
    """What each server answers at each of PATHS, once all show what is wanted and stay so, or when time is up."""
    deadline = time.monotonic() + seconds
    before: list[dict[str, Reply | None]] = []
    while True:
        found = [{path: answers(port, path) for path in PATHS} for port in ports]
        whole = all(reply and reply.status == 200 for replies in found for reply in replies.values())
        settled = whole and found == before and all(_shows(replies, wanted) for replies in found)
        if (settled and all(replies == found[0] for replies in found)) or time.monotonic() > deadline:
            return found
        before = found
        time.sleep(2)


def checks(database: str, ports: Sequence[int], origin: Origin, count: int, seconds: float) -> list[Check]:
    """Every check, when what was collected is published; `seconds`: how long to wait for that."""
    dates = newest_dates(count)
    found = published(ports, dates, seconds)
    asked = origin.answer(Answering())
    wanted = {number: expected("feedsvc", number, 0) for number in range(count)}
    with Store.open(database, create=False) as store:
        states = store.states()
        reviews = list(stored(store, count))
    return [
        Check(
            "sources read without a failure",
            _number(count),
            _number(sum(s.last_success is not None and not s.failures for s in states)),
        ),
        Check("reviews stored", _number(sum(map(len, wanted.values()))), _number(len(reviews))),
        Check("every item once, as its feed has it", "yes", difference(reviews, wanted) or "yes"),
        *_asked(asked, count),
        Check(f"the {len(dates)} newest in the feed", "yes", _yes(all(_shows(replies, dates) for replies in found))),
        *(_alike(path, ports, found) for path in PATHS),
    ]


def _asked(asked: Counts, count: int) -> Iterator[Check]:
    yield Check("feeds sent whole by the origin", _number(count), _number(asked.whole))
    yield Check(
        "other requests but for conditional ones", "0", _number(asked.requests - asked.whole - asked.not_modified)
    )


def _shows(replies: dict[str, Reply | None], dates: Sequence[str]) -> bool:
    reply = replies["/feeds/reviews.json"]
    return reply is not None and reply.status == 200 and shown_dates(reply.body) == dates


def _alike(path: str, ports: Sequence[int], found: Sequence[dict[str, Reply | None]]) -> Check:
    """Whether all servers answer with the same bytes, dates and validators: by their ETag, which is of the bytes."""
    first, *others = (replies[path] for replies in found)
    name = f"{path}: what {len(ports)} servers answer"
    if first is None or first.status != 200 or first.etag is None:
        return Check(name, "an answer", str(first and first.status))
    differing = [f"{reply.status} {reply.etag}" if reply else "nothing" for reply in others if reply != first]
    return Check(name, first.etag, ", ".join(differing) or first.etag)


def _number(number: int) -> str:
    return f"{number:,}"


def _yes(held: bool) -> str:
    return "yes" if held else "no"


def draw(found: Sequence[Check]) -> str:
    """The table."""
    rows = [("what", "wanted", "found", "held"), *((c.what, c.wanted, c.found, _yes(c.held)) for c in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, [*widths, 4], strict=True)).rstrip() for row in rows
    )
