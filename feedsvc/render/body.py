"""An entry in, what may be shown of it out: content and summary, each ending with the attribution line."""

from __future__ import annotations

from dataclasses import dataclass

from feedsvc.model import Entry, Prose, Site
from feedsvc.render.credit import CreditLine, credit_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """`content` only in full; `summary` always, at the least the attribution line; `brief` is the summary without it.

    Content and summary both end with the line, because a reader shows one of them and nobody knows which.
    """

    content: Prose | None
    summary: Prose
    brief: Prose | None


def body_of(entry: Entry, site: Site) -> Body:
    """What the entry's terms let us draw of its text."""
    line = credit_line(entry, site)
    review, show = entry.review, entry.terms.show
    content = review.content if show == "full" else None
    brief = None if show == "link" else review.summary or review.excerpt
    return Body(content=_signed(content, line) if content else None, summary=_signed(brief, line), brief=brief)


def _signed(prose: Prose | None, line: CreditLine) -> Prose:
    if prose is None:
        return Prose(html=line.html, text=line.text)
    return Prose(html=prose.html + line.html, text=f"{prose.text.rstrip()}\n\n{line.text}")
