"""A review in, lines for a person out: everything that is known of it, and what a feed would show."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import datetime

from feedsvc.model import Credit, Licence, Provenance, Review, Terms

WORDS = {
    Provenance.STATED: "",
    Provenance.INHERITED: " (from the feed)",
    Provenance.PAGE: " (from its page)",
    Provenance.CONFIGURED: " (from the configuration)",
    Provenance.INFERRED: " (inferred)",
}
#: Text is folded to this width, so that a review can be read beside its source.
WIDTH = 100
#: Room for a label; "rights holder:" is the longest.
LABEL = 15


def review_lines(review: Review, terms: Terms) -> list[str]:
    """One review with everything that is known of it, a field a line, and what a feed would show of it."""
    lines = [*_folded(review.title, WIDTH), "=" * min(len(review.title), WIDTH)]
    for label, value in (*_fields(review), ("published as", f"{terms.show}: {terms.reason}")):
        first, *more = _folded(value, WIDTH - LABEL) or [""]
        lines += [f"{label + ':' if label else '':<{LABEL}}{first}", *(" " * LABEL + line for line in more)]
    text = review.content or review.summary
    return [*lines, "", *_text_lines(text.text)] if text and text.text else lines


def _text_lines(text: str) -> Iterator[str]:
    """A text's own lines, each folded: a list stays a list, and code keeps its indentation."""
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        mark = "  " if line.lstrip().startswith("- ") else ""
        yield from _folded(line, WIDTH, indent + mark) or [""]


def _folded(line: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most that many characters; no address or other long word is ever broken."""
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _fields(review: Review) -> Iterator[tuple[str, str]]:
    def words(field: str) -> str:
        how = review.inferred_from.get(field)
        return f" (inferred from {how})" if how else WORDS[review.provenance.get(field, Provenance.STATED)]

    yield "id", review.id + (" (minted here)" if review.id_generated else "")
    yield "link", review.url or "none: its page here"
    yield "critic", ", ".join(_with_url(p.name, p.url) for p in review.authors) + words("authors")
    if review.contributors:
        yield "with", ", ".join(_with_url(p.name, p.url) for p in review.contributors)
    yield "outlet", _with_url(review.outlet.name, review.outlet.url or review.outlet.feed_url) + words("outlet")
    if review.via:
        yield "via", _with_url(review.via.name, review.via.url or review.via.feed_url)
    for cited in review.cited:
        yield "cites", _with_url(cited.name or "", cited.url) + (" (inferred)" if cited.inferred else "")
    yield "licence", _licence(review.licence) + words("licence")
    if review.rights:
        yield "rights", review.rights + words("rights")
    if review.rights_holder:
        yield "rights holder", review.rights_holder + words("rights_holder")
    if review.subject:
        kind = ", ".join(str(part) for part in (review.subject.type, review.subject.year) if part)
        yield "subject", review.subject.name + (f" ({kind})" if kind else "") + words("subject")
        for identifier in (*review.subject.identifiers, *review.subject.same_as):
            yield "", identifier
    if review.rating:
        percent = f" = {review.rating.percent:g} of 100" if review.rating.percent is not None else ""
        yield "rating", review.rating.text + percent + words("rating")
    if review.verdict:
        yield "verdict", review.verdict
    yield "published", _time(review.published) + words("published")
    if review.updated:
        yield "updated", _time(review.updated)
    if review.language:
        yield "language", review.language + words("language")
    for image in review.images:
        size = f"{image.width or '?'} × {image.height or '?'}; " if image.width or image.height else ""
        credit = "; ".join(_credit(c) for c in image.credits) or "no credit"
        yield "image", f"{image.url} ({size}{credit}; licence: {_licence(image.licence)})"
    for unbound in review.credits:
        yield "credit", _credit(unbound)
    for enclosure in review.enclosures:
        yield "attached", f"{enclosure.url} ({enclosure.type or 'type not stated'})"
    if review.categories:
        yield "categories", ", ".join(category.label or category.term for category in review.categories)
    for also in review.also:
        yield "also at", _with_url(also.outlet or "", also.url)


def _with_url(name: str, url: str | None) -> str:
    return f"{name} <{url}>" if name and url else name or url or ""


def _credit(credit: Credit) -> str:
    return f"{credit.name} ({credit.role})" if credit.role else credit.name


def _licence(licence: Licence) -> str:
    named = licence.spdx or licence.name
    return f"{named} <{licence.url}>" if named and licence.url and licence.spdx else named_state(licence)


def named_state(licence: Licence) -> str:
    """The licence's name with its state where it is not identified."""
    return " ".join(part for part in (licence.name, f"({licence.state})" if licence.name else licence.state) if part)


def _time(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%d %H:%M UTC") if instant else "not stated"
