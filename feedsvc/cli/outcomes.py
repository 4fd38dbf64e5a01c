"""Outcomes of looks in, lines and values that say what they brought out: one by one, and all together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from feedsvc.collect import Outcome

#: So many sources of a kind of failure are named in the summary; each has a line of its own before it.
NAMED = 3
#: What a kind of failure means and what to do; "http-4" and "http-5" stand for all others of their class.
ADVICE = {
    "dns": "the host name has no address: check its spelling, and this machine's DNS",
    "refused": "nothing answers there: tried again by itself; if it stays so, ask the outlet for its address",
    "timeout": "no answer in time: tried again by itself; [limits] says how long we wait",
    "reset": "the connection broke off: tried again by itself",
    "truncated": "the document stops in the middle: tried again by itself; if it stays so, tell the outlet",
    "tls": "the certificate cannot be trusted: tell the outlet, or update this machine's ca-certificates",
    "protocol": "the answer is no valid HTTP: tell the outlet",
    "encoding": "the document does not decompress: tell the outlet",
    "address": "the address is no valid one: correct location",
    "unreachable": "the transfer failed: tried again by itself",
    "forbidden": "our own rules forbid it: correct location, or see allow_private_addresses and allowed_ports",
    "redirects": "it sends us in a circle, or too far: correct location to where it leads, or tell the outlet",
    "robots": "the outlet's robots.txt asks programs to stay away: ask the outlet to allow feedsvc, or use its feed",
    "http-401": "the outlet asks who we are: set authorization_env",
    "http-403": "the outlet refuses us: write to it, or set authorization_env",
    "http-404": "nothing stands there any more: ask the outlet for the new address",
    "http-410": "gone for good, so it is not looked at again: take it out, or `feedsvc collect NAME` to try once more",
    "http-429": "the outlet finds us too frequent: we wait as long as it asks; raise interval if it stays so",
    "http-4": "the outlet refuses the request: check location",
    "http-5": "the outlet's server is in trouble: tried again by itself",
    "too-large": "beyond a limit: see [limits], or ask the outlet for a shorter feed",
    "not-a-feed": "something else stands there: correct location; `feedsvc show` says what it is",
    "malformed": "no reader can make sense of it: look at what stands there, and tell the outlet",
    "unreadable": "a file that is missing, or no text, page or feed: look at it, or correct location",
    "bug": "a mistake of feedsvc: please report it with the traceback from the log",
}
OTHER = "see the line of each"
#: The kinds of failure as a person may name them: any status stands for itself.
KINDS = (*(kind for kind in ADVICE if not kind.startswith("http-")), "http-404 and the like")


def is_kind(said: str) -> bool:
    """Whether a source can fail in a way that goes by this name."""
    return said in ADVICE or re.fullmatch(r"http-[1-5]\d\d", said) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """All failures of one kind, and the names of the first sources that met it."""

    kind: str
    count: int
    sources: tuple[str, ...]
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What looking at many sources brought, in numbers; `kept_out` counts documents and items in quarantine."""

    sources: int
    read: int
    new: int
    changed: int
    unchanged: int
    withdrawn: int
    kept_out: int
    #: Pages that were asked for, and those that failed.
    pages: int
    page_faults: int
    #: Not asked, since their hosts want to be left alone for a while.
    postponed: int
    failed: int
    failures: tuple[Failures, ...]


def summary(outcomes: Sequence[Outcome]) -> Summary:
    """All outcomes together; the most frequent kind of failure first."""
    by_kind: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.error:
            by_kind.setdefault(outcome.error.kind, []).append(outcome.source)
    failed = sum(map(len, by_kind.values()))
    postponed = sum(outcome.postponed is not None for outcome in outcomes)
    return Summary(
        sources=len(outcomes),
        read=len(outcomes) - failed - postponed,
        new=sum(outcome.new for outcome in outcomes),
        changed=sum(outcome.changed for outcome in outcomes),
        unchanged=sum(outcome.unchanged for outcome in outcomes),
        withdrawn=sum(outcome.withdrawn for outcome in outcomes),
        kept_out=sum(len(outcome.kept_out) for outcome in outcomes),
        pages=sum(outcome.pages for outcome in outcomes),
        page_faults=sum(len(outcome.page_faults) for outcome in outcomes),
        postponed=postponed,
        failed=failed,
        failures=tuple(
            Failures(kind=kind, count=len(names), sources=tuple(sorted(names)[:NAMED]), advice=advice(kind))
            for kind, names in sorted(by_kind.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        ),
    )


def advice(kind: str) -> str:
    """What a kind of failure means, and what to do."""
    return ADVICE.get(kind) or ADVICE.get(kind[: len("http-4")], OTHER)


def outcome_lines(outcome: Outcome) -> list[str]:
    """What one look brought; every document kept out is named with its reason."""
    if outcome.error:
        return [f"{outcome.source}: failed: {outcome.error}"]
    if outcome.postponed:
        return [
            f"{outcome.source}: not asked: its host wants to be left alone until {outcome.postponed:%d %b %H:%M} UTC"
        ]
    kept_out = [f"{outcome.source}: kept out: {place}: {reason}" for place, reason in outcome.kept_out]
    faults = [f"{outcome.source}: page failed: {reason}" for _, reason in outcome.page_faults]
    asked = f"; {outcome.pages:,} page{'' if outcome.pages == 1 else 's'} asked for" if outcome.pages else ""
    return [f"{outcome.source}: {_counts(outcome)}{asked}", *faults, *kept_out]


def _counts(counted: Outcome | Summary) -> str:
    counts = f"{counted.new:,} new, {counted.changed:,} changed, {counted.unchanged:,} unchanged"
    return counts + (f", {counted.withdrawn:,} withdrawn" if counted.withdrawn else "")


def summary_lines(found: Summary) -> Iterator[str]:
    """The numbers, and a table of what failed: columns of plain text, so that they can be cut and sorted."""
    yield f"{found.read:,} of {found.sources:,} sources read: {_counts(found)}"
    if found.kept_out:
        yield f"{found.kept_out:,} documents and items kept out: `feedsvc sources` says which and why"
    if found.page_faults:
        yield f"{found.page_faults:,} pages failed, of {found.pages:,} asked for: `feedsvc sources` says which and why"
    if found.postponed:
        yield f"{found.postponed:,} not asked, since their hosts want to be left alone for a while (Retry-After)"
    if found.failures:
        yield ""
        yield from _columns(
            ("failed", "sources", "such as", "what it means, what to do"),
            ((one.kind, f"{one.count:,}", _names(one), one.advice) for one in found.failures),
        )


def _names(failures: Failures) -> str:
    return ", ".join(failures.sources) + (", …" if failures.count > len(failures.sources) else "")


def _columns(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    table = [head, *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(head))]
    for kind, count, names, said in table:
        yield f"{kind.ljust(widths[0])}  {count.rjust(widths[1])}  {names.ljust(widths[2])}  {said}"


def outcome_json(outcome: Outcome) -> dict[str, object]:
    """What one look at one source brought, for programs."""
    return {
        "source": outcome.source,
        "new": outcome.new,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
        "withdrawn": outcome.withdrawn,
        "pages": outcome.pages,
        "page_faults": [{"url": url, "reason": reason} for url, reason in outcome.page_faults],
        "quarantined": [{"place": place, "reason": reason} for place, reason in outcome.kept_out],
        "postponed": outcome.postponed.isoformat() if outcome.postponed else None,
        "error": str(outcome.error) if outcome.error else None,
        "error_kind": outcome.error.kind if outcome.error else None,
    }
