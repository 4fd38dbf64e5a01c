"""A review's HTML in, the same HTML set for our own page out: captions under images, headings below the page's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from lxml import html as lxml_html
from lxml.etree import ParserError
from lxml.html import HtmlElement

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def set_prose(html: str, embeddable: Iterable[str], caption: Callable[[str], str | None]) -> str:
    """Sanitised HTML with only the embeddable images drawn, each with the caption (HTML) that `caption(url)` gives.

    An image that may not be drawn becomes a link to it. Headings start at the second level, without a gap.
    """
    try:
        root = lxml_html.fragment_fromstring(html, create_parent="div")
    except ParserError:
        return ""
    allowed = frozenset(embeddable)
    for image in list(root.iter("img")):
        if image.get("src") in allowed:
            _caption(image, caption(image.get("src", "")))
        else:
            _link(image)
    _level(root)
    return _inner(root)


def drawn(html: str) -> frozenset[str]:
    """The addresses of the images that a piece of HTML draws."""
    try:
        root = lxml_html.fragment_fromstring(html, create_parent="div")
    except ParserError:
        return frozenset()
    return frozenset(image.get("src", "") for image in root.iter("img"))


def _caption(image: HtmlElement, words: str | None) -> None:
    """A paragraph or link that is nothing but the image becomes a figure; inside running text the credit is small."""
    if not words:
        return
    block = image.getparent()
    if block is not None and block.tag == "p" and len(block) == 1 and not (block.text or image.tail or "").strip():
        block.tag = "figure"
        block.append(lxml_html.fragment_fromstring(f"<figcaption>{words}</figcaption>"))
        return
    small = lxml_html.fragment_fromstring(f"<small>{words}</small>")
    small.tail, image.tail = image.tail, " "
    image.addnext(small)


def _link(image: HtmlElement) -> None:
    """A link in the image's place; inside a link, where no other may stand, the image's words alone."""
    words = f"Image: {image.get('alt')}" if image.get("alt") else "Image"
    inside = any(parent.tag == "a" for parent in image.iterancestors())
    image.tag, source = ("span" if inside else "a"), image.get("src")
    image.attrib.clear()
    if source and not inside:
        image.set("href", source)
        image.set("rel", "noopener nofollow ugc")
    image.text = words


def _level(root: HtmlElement) -> None:
    """Headings keep their order of rank and lose its gaps: the highest becomes h2, the page's title being h1."""
    ranks = sorted({heading.tag for heading in root.iter(*HEADINGS)})
    for heading in root.iter(*HEADINGS):
        heading.tag = HEADINGS[min(ranks.index(heading.tag) + 1, 5)]


def _inner(root: HtmlElement) -> str:
    parts = [escape(root.text or "", quote=False)]
    parts += [lxml_html.tostring(child, encoding="unicode") for child in root]
    return "".join(parts)
