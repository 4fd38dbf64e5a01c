"""The bytes of an OPML file in, its subscriptions out (OPML 2.0, "subscription lists"), each with its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from feedsvc.errors import Malformed


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed of a subscription list as it stands there; `category` is the outline that it stands in.

    `url` may be anything, and is empty for an outline that holds nothing and has no address.
    """

    title: str
    url: str
    line: int
    category: str | None = None


def read_opml(body: bytes, place: str) -> tuple[Subscription, ...]:
    """Every subscription of an OPML file in order; raises Malformed, which names `place`, when it is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Malformed(f"{place}: is not well-formed XML, so no OPML: {error}") from None
    outlines = root.find("body")
    if root.tag != "opml" or outlines is None:
        raise Malformed(f"{place}: is not OPML: it needs an <opml> element with a <body>")
    return tuple(_subscriptions(outlines))


def _subscriptions(body: etree._Element) -> Iterator[Subscription]:
    for outline in body.iter("outline"):
        url = _url(outline)
        if url or outline.find("outline") is None:
            yield Subscription(
                title=_title(outline), url=url, line=int(outline.sourceline or 0), category=_category(outline)
            )


def _url(outline: etree._Element) -> str:
    # Lists written by hand spell it xmlurl or xmlURL; all are understood.
    return next((str(value).strip() for key, value in outline.items() if str(key).lower() == "xmlurl"), "")


def _title(outline: etree._Element) -> str:
    return (outline.get("title") or outline.get("text") or "").strip()


def _category(outline: etree._Element) -> str | None:
    """What the outline states itself, else the title of the nearest one around it that is no feed."""
    stated = (outline.get("category") or "").strip("/ ").split(",")[0].strip()
    folders = (_title(around) for around in outline.iterancestors("outline") if not _url(around))
    return stated or next(filter(None, folders), None)
