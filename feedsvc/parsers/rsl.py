"""Elements of Really Simple Licensing 1.0 in a feed → UsageTerms, for either reader (rslstandard.org/rsl).

`rsl:content` stands in an RSS item, or in the channel for the addresses that it names. feedparser drops the text of
elements with attributes, so while it reads, what these say is laid down beside it.
"""

from __future__ import annotations

from typing import Any, Protocol

from feedsvc.model import UsageTerms
from feedsvc.parsers.branch import SHORT, Branch

#: Most licences of one item or feed.
_MOST = 50
_KEY = "rsl_terms"
_ELEMENTS = frozenset({"rsl:content", "rsl:rsl"})


class _Parser(Protocol):
    """What of feedparser is used while it reads."""

    rsl_content: tuple[str | None, str | None]
    rsl_type: str

    def _get_context(self) -> dict[str, Any]: ...
    def push(self, element: str, expecting_text: int) -> None: ...
    def pop(self, element: str) -> str | None: ...


def usage_terms(place: Branch) -> tuple[UsageTerms, ...]:
    """Each licence of each rsl:content of an item or a feed, in the order of the document."""
    if _ELEMENTS.isdisjoint(place.children):
        return ()
    contents = [
        *place.all("rsl:content"),
        *(c for document in place.all("rsl:rsl") for c in document.all("rsl:content")),
    ]
    return tuple(_terms(content, licence) for content in contents for licence in content.all("rsl:license"))[:_MOST]


def _terms(content: Branch, licence: Branch) -> UsageTerms:
    payment = licence.first("rsl:payment")
    return UsageTerms(
        content=content.get("url"),
        server=content.get("server"),
        permits=_limits(licence, "rsl:permits"),
        prohibits=_limits(licence, "rsl:prohibits"),
        payment=(payment.get("type") or "") if payment else None,
    )


def _limits(licence: Branch, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((limit.get("type") or "usage", limit.text or "") for limit in licence.all(name))


def keep_terms(namespace: type[Any]) -> None:
    """Teach feedparser's elements (its class of RSS's own) to keep what RSL's say."""

    def content(parser: _Parser, attributes: dict[str, str]) -> None:
        parser.rsl_content = (attributes.get("url"), attributes.get("server"))

    def licence(parser: _Parser, attributes: dict[str, str]) -> None:
        url, server = getattr(parser, "rsl_content", (None, None))
        found: dict[str, Any] = {"content": url, "server": server, "permits": [], "prohibits": [], "payment": None}
        parser._get_context().setdefault(_KEY, []).append(found)

    def payment(parser: _Parser, attributes: dict[str, str]) -> None:
        if kept := parser._get_context().get(_KEY):
            kept[-1]["payment"] = attributes.get("type") or ""

    for name, start in (("content", content), ("license", licence), ("payment", payment)):
        setattr(namespace, f"_start_rsl_{name}", start)
        setattr(namespace, f"_end_rsl_{name}", lambda parser: None)
    for name in ("permits", "prohibits"):
        _keep_limits(namespace, name)


def _keep_limits(namespace: type[Any], name: str) -> None:
    def start(parser: _Parser, attributes: dict[str, str]) -> None:
        parser.rsl_type = attributes.get("type") or "usage"
        parser.push(f"rsl_{name}", 1)

    def end(parser: _Parser) -> None:
        text = parser.pop(f"rsl_{name}") or ""
        if kept := parser._get_context().get(_KEY):
            kept[-1][name].append((parser.rsl_type, text.strip()[:SHORT]))

    setattr(namespace, f"_start_rsl_{name}", start)
    setattr(namespace, f"_end_rsl_{name}", end)


def kept_terms(found: dict[str, Any]) -> tuple[UsageTerms, ...]:
    """What `keep_terms` laid down on one item or feed."""
    return tuple(
        UsageTerms(
            content=kept["content"] or None,
            server=kept["server"] or None,
            permits=tuple(kept["permits"]),
            prohibits=tuple(kept["prohibits"]),
            payment=kept["payment"],
        )
        for kept in found.get(_KEY, [])[:_MOST]
    )
