"""An HTML page that holds one review → one item: its article, and what its head says of author, licence and date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import islice
from urllib.parse import urljoin

from lxml import etree, html

from feedsvc.errors import TooLarge, UnreadableDocument
from feedsvc.model import Credit, ImageClaim, Item, LicenceClaim, Link, Person, Text
from feedsvc.parsers.names import find_credit, read_credit, split_licence

Element = html.HtmlElement

#: Visible characters without white space; a page with fewer is a frame, a redirect or a page drawn by a script.
LEAST_TEXT = 40
#: Pictures whose credits are looked for.
MOST_IMAGES = 200
#: Characters of a caption that are searched for a credit.
LONGEST_CAPTION = 1000

#: More attributes on one element than any page has, and enough to keep libxml2 busy: it compares each with each.
_TOO_MANY_ATTRIBUTES = re.compile(r"<[A-Za-z](?:[^<>=]*=){2000}")
#: One step and no union: libxml2 looks for doubles in what several steps find, which takes time by the square.
_SHOWN = etree.XPath(
    "descendant::text()[not(parent::script or parent::style or parent::title)"
    " and not(ancestor::noscript or ancestor::template)]",
    smart_strings=False,
)
_NO_PART_OF_THE_TEXT = ("nav", "footer", "aside", "form", "script", "style", "template", "noscript", "iframe", "dialog")
#: What a <head> may hold (HTML Standard, 3.2.5.2.1).
_OF_THE_HEAD = ("title", "meta", "link", "base", "script", "style", "noscript", "template")


@dataclass(frozen=True, slots=True)
class _Page:
    """A parsed page with the address that its relative links start from, None where it names none."""

    root: Element
    article: Element
    base: str | None

    def address(self, raw: str | None) -> str | None:
        raw = (raw or "").strip()
        if not raw:
            return None
        try:
            return urljoin(self.base, raw) if self.base else raw
        except ValueError:  # an address that no rule can join, such as "http://[": kept out
            return None

    def metas(self, *names: str) -> list[str]:
        """Contents of the <meta> elements with one of these names or properties, in document order."""
        found = []
        for meta in self.root.iter("meta"):
            called = {(meta.get(key) or "").strip().lower() for key in ("name", "property", "itemprop")}
            if called & set(names) and (content := _squeezed(meta.get("content") or "")):
                found.append(content)
        return found

    def meta(self, *names: str) -> str | None:
        """The first of these names that has a content."""
        return next((value for name in names for value in self.metas(name)), None)

    def related(self, rel: str) -> Iterator[Element]:
        """Elements that link with a relation, but those of navigation and asides, which speak of other pages."""
        for element in self.root.iter("link", "a", "area"):
            if rel in (element.get("rel") or "").lower().split() and not _inside(element, "nav", "aside"):
                yield element


def open_page(text: str, name: str) -> Element:
    """A decoded page as a tree, which `read_article` takes apart; raises UnreadableDocument, TooLarge."""
    if _TOO_MANY_ATTRIBUTES.search(text):
        raise TooLarge(f"{name} has an element with more than 2,000 attributes: the page must be cleaned up")
    root = _parsed(text)
    if root is None:
        raise _empty(name)
    _clear_head(root)
    return root


def read_article(root: Element, name: str, url: str | None = None) -> tuple[Item, str | None]:
    """One item from an open page, and the site's name where the page states it (og:site_name).

    Its relative links start from `url` where it stands on the web. UnreadableDocument, naming the document, where the
    page shows less than LEAST_TEXT characters.
    """
    if len("".join(visible_text(root).split())) < LEAST_TEXT:
        raise _empty(name)
    article = _article(root)
    page = _Page(root, article, base_of(root, url))
    heading = _heading(article)
    return Item(
        title=Text(value=_title(page, heading)),
        links=_links(page),
        authors=tuple(_authors(page)),
        summary=_text(page.meta("description", "og:description")),
        rights=_text(page.meta("copyright", "dcterms.rights", "dc.rights", "rights")),
        rights_holder=page.meta("dcterms.rightsholder"),
        licences=tuple(_licences(page)),
        images=tuple(_images(page)),
        published=_published(page),
        updated=page.meta("article:modified_time", "datemodified", "og:updated_time", "dcterms.modified"),
        language=_language(article),
        content=_content(page, heading),
    ), page.meta("og:site_name")


def _empty(name: str) -> UnreadableDocument:
    return UnreadableDocument(
        f"{name} is an HTML page with hardly any text: save the page with the review's text in it"
    )


def visible_text(source: str | Element) -> str:
    """The text that a piece of HTML shows, stripped; scripts, styles and comments show none."""
    root = _parsed(source) if isinstance(source, str) else source
    if root is None:
        return ""
    shown = _SHOWN(root)
    return "".join(map(str, shown)).strip() if isinstance(shown, list) else ""


def _parsed(text: str) -> Element | None:
    # Bytes, because lxml refuses a str that carries an XML declaration; no network, no huge_tree: lxml's defaults.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but comments or white space
        return None
    return root


def _clear_head(root: Element) -> None:
    """Moves into the body what libxml2, knowing no HTML 5, took for a part of the head: <article> without <body>."""
    head = root.find("head")
    strays = [] if head is None else [child for child in head if child.tag not in _OF_THE_HEAD]
    if not strays:
        return
    body = root.find("body")
    if body is None:
        body = etree.SubElement(root, "body")
    strays[-1].tail = (strays[-1].tail or "") + (body.text or "")
    body.text = None
    body[:0] = strays


def base_of(root: Element, url: str | None = None) -> str | None:
    """What relative links start from: <base href>, else the page's own address, else the canonical one."""
    if url is not None:
        said = next(iter(_strings(root, "//base/@href")), "")
        try:
            return urljoin(url, said)
        except ValueError:  # an address that no rule can join
            return url
    for path in ("//base/@href", "//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content"):
        for href in _strings(root, path):
            if href.startswith(("http://", "https://")):
                return href
    return None


def _strings(root: Element, path: str) -> list[str]:
    found = root.xpath(path)
    return [str(value).strip() for value in found] if isinstance(found, list) else []


def _article(root: Element) -> Element:
    """The element that holds the review: the longest <article> with a heading of its own, else <main>, else <body>."""
    for path in ("//main//article[.//h1]", "//article[.//h1]", "//main", "//*[@role='main']", "//article"):
        found = root.xpath(path)
        elements = [e for e in found if isinstance(e, html.HtmlElement)] if isinstance(found, list) else []
        if own := [element for element in elements if not _inside(element, "aside", "nav", "footer")]:
            return max(own, key=lambda e: len(visible_text(e)))
    body = root.find("body")
    return root if body is None else body


def _heading(article: Element) -> Element | None:
    """The <h1> of the article; on a page without article or main, the one in the page's header names the site."""
    for heading in article.iter("h1"):
        frames = ("nav", "aside", "footer", "header") if article.tag == "body" else ("nav", "aside", "footer")
        if visible_text(heading) and not _inside(heading, *frames):
            return heading
    return None


def _title(page: _Page, heading: Element | None) -> str:
    candidates = [
        visible_text(heading) if heading is not None else "",
        next((str(title.text_content()) for title in page.root.iter("title") if not _inside(title, "svg")), ""),
        page.meta("og:title") or "",
        visible_text(page.article).lstrip().partition("\n")[0],
        visible_text(page.root).lstrip().partition("\n")[0],
    ]
    return next(squeezed for candidate in candidates if (squeezed := _squeezed(candidate)))


def _links(page: _Page) -> tuple[Link, ...]:
    canonical = next((element.get("href") for element in page.related("canonical")), None)
    href = page.address(canonical) or page.address(page.meta("og:url"))
    return (Link(href=href, type="text/html"),) if href else ()


def _authors(page: _Page) -> Iterator[Person]:
    """<meta name=author>, each, then links rel=author; one who is named in both appears once, with the address."""
    linked: dict[str, tuple[str, str | None]] = {}
    for element in page.related("author"):
        name = _squeezed(element.get("title") or "" if element.tag == "link" else visible_text(element))
        address = page.address(element.get("href"))
        if name:
            linked.setdefault(name.casefold(), (name, None if (address or "").startswith("mailto:") else address))
    for name in dict.fromkeys(page.metas("author", "dc.creator", "dcterms.creator")):
        _, url = linked.pop(name.casefold(), (name, None))
        yield Person(name=name, url=url)
    for name, url in linked.values():
        yield Person(name=name, url=url)


def _licences(page: _Page) -> Iterator[LicenceClaim]:
    """Links rel=license; one inside a figure is the figure's."""
    seen = set()
    for element in page.related("license"):
        url = page.address(element.get("href"))
        text = _squeezed(element.get("title") or "" if element.tag == "link" else visible_text(element))
        if (url or text) and url not in seen and not _inside(element, "figure"):
            seen.add(url)
            yield LicenceClaim(url=url, text=text or None)


def _published(page: _Page) -> str | None:
    """A date that the head states, else the article's <time> that is marked as such, else its first."""
    stated = page.meta("article:published_time", "datepublished", "dcterms.issued", "dcterms.date", "dc.date", "date")
    if stated:
        return stated
    times = [
        t
        for t in page.article.iter("time")
        if t.get("datetime") and not _inside(t, "aside", "nav", "footer", "blockquote")
    ]
    times.sort(key=lambda t: t.get("itemprop") != "datePublished" and t.get("pubdate") is None)
    return next((_squeezed(t.get("datetime") or "") for t in times), None)


def _language(article: Element) -> str | None:
    for element in (article, *article.iterancestors()):
        language = (
            element.get("lang") or element.get("{http://www.w3.org/XML/1998/namespace}lang") or element.get("xml:lang")
        )
        if language and language.strip():
            return language.strip()
    return None


def _images(page: _Page) -> Iterator[ImageClaim]:
    """Images with a credit or licence in their figure, and the page's og:image; each address once."""
    claims: dict[str, ImageClaim] = {}
    for image in islice(page.article.iter("img"), MOST_IMAGES):
        figure = next(image.iterancestors("figure"), None)
        claim = _figure_image(page, figure, image) if figure is not None else None
        if claim and not _inside(image, "aside", "nav"):
            claims.setdefault(claim.url, claim)
    main = page.address(page.meta("og:image", "og:image:url", "og:image:secure_url"))
    if main and main not in claims:
        width, height = _number(page.meta("og:image:width")), _number(page.meta("og:image:height"))
        claims[main] = ImageClaim(url=main, width=width, height=height, alt=page.meta("og:image:alt"))
    yield from claims.values()


def _figure_image(page: _Page, figure: Element, image: Element) -> ImageClaim | None:
    url = page.address(image.get("src"))
    caption = next((visible_text(element) for element in figure.iter("figcaption")), "")
    said, licence = split_licence(find_credit(_squeezed(caption[:LONGEST_CAPTION])) or "")
    credits = tuple(_credits(said))
    linked = [e for e in figure.iter("a") if "license" in (e.get("rel") or "").lower().split()]
    if linked:
        licence = LicenceClaim(url=page.address(linked[0].get("href")), text=_squeezed(visible_text(linked[0])) or None)
    if not url or not (credits or licence):
        return None
    return ImageClaim(
        url=url,
        width=_number(image.get("width")),
        height=_number(image.get("height")),
        alt=_squeezed(image.get("alt") or "") or None,
        credits=credits,
        licence=licence,
    )


def _credits(said: str) -> Iterable[Credit]:
    credit = read_credit(said)
    return (credit,) if credit else ()


def _number(raw: str | None) -> int | None:
    digits = re.fullmatch(r"\s*(\d{1,6})(?:px)?\s*", raw or "")
    return int(digits[1]) if digits else None


def _content(page: _Page, heading: Element | None) -> Text:
    """The article's inner HTML without its headline and without what frames it.

    A <header> of the page goes, one inside the article stays: it holds the standfirst and the first picture.
    """
    if heading is not None:
        heading.drop_tree()
    for element in list(page.article.iter(*_NO_PART_OF_THE_TEXT, "header")):
        if element.tag != "header" or page.article.tag == "body":
            element.drop_tree()
    inner = escape(page.article.text or "", quote=False)
    inner += "".join(html.tostring(child, encoding="unicode") for child in page.article)
    return Text(value=inner.strip(), type="html", base=page.base, language=_language(page.article))


def _inside(element: Element, *tags: str) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _text(value: str | None) -> Text | None:
    return Text(value=value) if value else None
