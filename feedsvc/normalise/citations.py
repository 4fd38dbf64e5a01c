"""An item, its text's HTML and the configured outlets in; what the text names as its sources, in order, out.

Sources that the item states come first, then those that the text marks: `cite` on a quotation (HTML, 4.4.4 and 4.5.7)
and links in <cite> inside one. A link in <cite> outside a quotation names a work that may be a source: it is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from feedsvc.model import Citation, Item, Outlet
from feedsvc.normalise import urls
from feedsvc.normalise.characters import clean, fold
from feedsvc.normalise.html import plain_words
from feedsvc.normalise.plain import text_of
from feedsvc.normalise.tokens import Tag, Token, closing_of, tokenise, write

_MOST = 200
_ARTICLE = re.compile(r"^(?:the|der|die|das|le|la|les|l['’]|el|los|las)\s*(?<=[\s'’])", re.I)


class KnownOutlets:
    """The addresses of the configured outlets by their names; read when first asked, for few items cite any."""

    def __init__(self, outlets: Iterable[Outlet] = ()) -> None:
        self._outlets = outlets

    def address_of(self, name: str) -> str | None:
        """The address of the outlet of that name; one that two outlets of different addresses share is neither's."""
        return self._addresses.get(_called(name))

    @cached_property
    def _addresses(self) -> dict[str, str]:
        found: dict[str, set[str]] = {}
        for outlet in self._outlets:
            if outlet.url:
                found.setdefault(_called(outlet.name), set()).add(outlet.url)
        return {name: next(iter(addresses)) for name, addresses in found.items() if len(addresses) == 1 and name}


_NONE = KnownOutlets()


def cited_by(
    item: Item, html: str = "", known: KnownOutlets = _NONE, *, not_these: Iterable[str | None] = ()
) -> tuple[Citation, ...]:
    """Each source once; one named without an address gets that of the configured outlet of that name.

    `not_these` are names and addresses that the text links to for another reason: the review's own, the work's.
    """
    if not item.cited and not _marks_sources(html):
        return ()
    own = {name.casefold() for name in not_these if name}
    kept: list[Citation] = []
    for citation in _stated(item):
        _add(kept, replace(citation, url=citation.url or known.address_of(citation.name or "")))
    for citation in _marked(html):
        if (citation.name or "").casefold() not in own and (citation.url or "").casefold() not in own:
            _add(kept, citation)
    return tuple(kept[:_MOST])


def known_outlets(item: Item, known: KnownOutlets) -> tuple[str | None, ...]:
    """For each source that an item names without an address: that of the configured outlet of its name."""
    return tuple(known.address_of(citation.name or "") for citation in _stated(item) if citation.url is None)


def _stated(item: Item) -> Iterator[Citation]:
    for citation in item.cited[:_MOST]:
        name, url = fold(plain_words(citation.name or ""), 300) or None, urls.absolute(clean(citation.url or ""))
        if name or url:
            yield Citation(name=name, url=url, inferred=citation.inferred)


def _called(name: str) -> str:
    """A name as it is compared: "The Evening Ledger" and "Evening Ledger" are one."""
    return _ARTICLE.sub("", fold(name)).casefold()


def _add(kept: list[Citation], citation: Citation) -> None:
    """The citation, unless it is known; what is known by name or address alone is completed by it."""
    for index, known in enumerate(kept):
        same_url = urls.same_place(known.url, citation.url)
        same_name = bool(known.name and citation.name) and _called(known.name or "") == _called(citation.name or "")
        if same_url or (same_name and (known.url is None or citation.url is None)):
            kept[index] = replace(known, name=known.name or citation.name, url=known.url or citation.url)
            return
    kept.append(citation)


# ------------------------------------------------------------------------------------------------------ in the text


def _marks_sources(html: str) -> bool:
    return "cite" in html and ("<cite" in html or ' cite="' in html)


def _marked(html: str) -> Iterator[Citation]:
    """What sanitised HTML marks as the source of a quotation, or as a work that it links to."""
    if not _marks_sources(html):
        return
    tokens = tokenise(html)
    quoted_until = 0
    for index, token in enumerate(tokens):
        if not isinstance(token, Tag) or token.closing:
            continue
        if token.name in {"blockquote", "q"}:
            end = closing_of(tokens, index)
            quoted_until = max(quoted_until, end)
            if url := token.attributes.get("cite"):
                yield Citation(name=_title(tokens[index : end + 1], url), url=url)
        elif token.name == "cite":
            yield from _linked(tokens, index, inferred=index > quoted_until)


def _title(quotation: list[Token], url: str) -> str | None:
    """What the quotation calls its source: the words of its <cite>, else of a link to the source."""
    for index, token in enumerate(quotation):
        if isinstance(token, Tag) and not token.closing and token.name == "cite":
            return _words(quotation, index)
    for index, token in enumerate(quotation):
        if isinstance(token, Tag) and not token.closing and urls.same_place(token.attributes.get("href"), url):
            return _words(quotation, index)
    return None


def _linked(tokens: list[Token], index: int, *, inferred: bool) -> Iterator[Citation]:
    """A link inside the <cite> that begins here, or right around it."""
    inside = tokens[index : closing_of(tokens, index) + 1]
    around = tokens[index - 1 : index] if index else []
    for token in (*around, *inside):
        href = token.attributes.get("href") if isinstance(token, Tag) and token.name == "a" else None
        if url := urls.absolute(href):
            yield Citation(name=_words(tokens, index), url=url, inferred=inferred)
            return


def _words(tokens: list[Token], index: int) -> str | None:
    return fold(text_of(write(tokens[index : closing_of(tokens, index) + 1])), 300).strip(" —–-") or None
