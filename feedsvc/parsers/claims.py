"""An entry's or a feed's element → who made it, under what terms and what it cites, as stated."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from itertools import islice
from typing import TypeVar

from lxml import etree

from feedsvc.model import (
    AlsoClaim,
    Category,
    Citation,
    LicenceClaim,
    Link,
    Person,
    Text,
    is_url,
)
from feedsvc.parsers.branch import MOST, SHORT, Branch, absolute, attributes_of, text_in
from feedsvc.parsers.vocabulary import RDF

Value = TypeVar("Value", bound=Hashable)

_RELATION = re.compile(r"^https?://www\.iana\.org/assignments/(?:relation|link-relations)/", re.I)


def number(text: str | None) -> int | None:
    """A whole number that is not negative, of at most ten digits."""
    if not text:
        return None
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def short(text: Text | None, most: int = SHORT) -> Text | None:
    """A value cut at so many characters."""
    if text is None or len(text.value) <= most:
        return text
    return Text(value=text.value[:most], type=text.type, base=text.base, language=text.language)


def links(branch: Branch) -> list[Link]:
    """Every link, RSS's own and Atom's (RFC 4287, 4.2.7), in the order of the document."""
    stated = branch.children
    if "link" in stated and "atom:link" in stated:
        both = islice(branch.in_order("link", "atom:link"), MOST)
        return [link for child, name in both if (link := _link(branch, child, name))]
    name = "link" if "link" in stated else "atom:link"
    return [link for child in stated.get(name, ()) if (link := _link(branch, child, name))]


def _link(branch: Branch, element: etree._Element, name: str) -> Link | None:
    base = branch.scope_of(element).base
    said = attributes_of(element)
    href = absolute(said["href"], base) if "href" in said else None
    if not href and name == "link":
        href = absolute(text_in(element), base)
    if not href:
        return None
    if not said:
        return Link(href=href)
    return Link(
        href=href,
        rel=relation(said.get("rel")),
        type=said.get("type"),
        hreflang=said.get("hreflang"),
        title=said.get("title"),
        length=number(said.get("length")),
    )


def is_only_address(name: str | None, leads: Iterable[object]) -> bool:
    """Whether an Atom id, or an rdf:about, is all that leads to the page: it is on the web and no link is."""
    return is_url(name or "") and not any(isinstance(lead, Link) and lead.rel == "alternate" for lead in leads)


def relation(written: str | None) -> str:
    """A link's relation by its short name (RFC 4287, 4.2.7.2)."""
    if not written:
        return "alternate"
    return _RELATION.sub("", written).lower() if "/" in written else written.lower()


def people(branch: Branch, *names: str) -> tuple[Person, ...]:
    """Every person of these elements, in order: Atom's with name and address, others as they are written."""
    stated = branch.children
    found = [_person(branch, child, name) for name in names if name in stated for child in stated[name]]
    return unique([person for person in found if person]) if found else ()


def _person(branch: Branch, child: etree._Element, name: str) -> Person | None:
    if len(child):
        said, url = _described(branch.branch_of(child, name))
    else:
        said, url = None if name.startswith("atom:") else text_in(child), None
    return Person(name=said[:SHORT], url=url) if said else None


def _described(person: Branch) -> tuple[str | None, str | None]:
    """A person's name and address, without the e-mail address; an RSS author's text is left for normalise to split."""
    named = person.first_element("atom:name", "name")
    if named is None:
        return (None if person.name.startswith("atom:") else person.whole_text), None
    return text_in(named), person.url_of("atom:uri", "atom:url", "uri", "url")


def categories(branch: Branch) -> tuple[Category, ...]:
    """RSS's category and domain, Atom's term, scheme and label, Dublin Core's subject, Media RSS's two elements."""
    found: list[Category] = []
    for child in branch.elements("category", "atom:category", "dc:subject", "media:category"):
        said = attributes_of(child)
        if term := said.get("term") or (text_in(child) or "")[:SHORT]:
            scheme = said.get("scheme") or said.get("domain")
            found.append(Category(term=term, scheme=scheme, label=said.get("label")))
    # Keywords name all that a text touches on, and so stand as labels: a work is never inferred from a label.
    for words in branch.texts("media:keywords"):
        found += [Category(term="", label=label) for word in words.split(",") if (label := word.strip())]
    return unique(found)


def rights(branch: Branch) -> Text | None:
    """The verbatim statement: Atom's, Dublin Core's, RSS's or Atom 0.3's."""
    other = branch.first("dc:rights", "copyright")
    return short(branch.first_construct("atom:rights", "atom:copyright")) or short(other.as_unsure() if other else None)


#: Elements made for a licence.
LICENCES = ("creativecommons:license", "cc:license", "dcterms:license", "license")


def licences(branch: Branch, stated: Iterable[Link], *more: str) -> tuple[LicenceClaim, ...]:
    """Every licence: links with rel=license (RFC 4946), then the elements made for it; one claim for each address."""
    claims = [LicenceClaim(url=link.href, text=link.title) for link in stated if link.rel == "license"]
    for child in branch.all(*LICENCES, *more):
        claim = licence_claim(child)
        if claim and not any(claim == known or (claim.url and claim.url == known.url) for known in claims):
            claims.append(claim)
    return tuple(claims)


def licence_claim(branch: Branch) -> LicenceClaim | None:
    """A licence as an element states it: by address, in words, or both."""
    address = branch.get(f"{RDF}resource") or branch.get("href") or branch.get("url")
    text = branch.text
    if not address and text and is_url(text):
        address, text = text, None
    return LicenceClaim(url=branch.absolute(address), text=text) if address or text else None


def citations(references: Sequence[str], stated: Iterable[Link], others: tuple[AlsoClaim, ...]) -> tuple[Citation, ...]:
    """A citation for each dcterms:references; a related link of the same title or address completes it.

    A link that says where else the review stands is left out: the outlet cited may have published it too.
    """
    if not references:
        return ()
    taken = {claim.url for claim in others}
    related = [link for link in stated if link.rel == "related" and link.href not in taken]
    by_title = {link.title: link.href for link in reversed(related) if link.title}
    by_address = {link.href: link.title for link in related}
    return unique(
        Citation(name=by_address.get(said), url=said) if is_url(said) else Citation(name=said, url=by_title.get(said))
        for said in references
    )


def elsewhere(versions: Sequence[str], stated: Iterable[Link]) -> tuple[AlsoClaim, ...]:
    """A place for each dcterms:isVersionOf; a related link of the same address names the outlet."""
    if not versions:
        return ()
    titles = {link.href: link.title for link in stated if link.rel == "related"}
    return unique(
        AlsoClaim(url=said, outlet=titles.get(said)) if is_url(said) else AlsoClaim(outlet=said) for said in versions
    )


#: Relations of links that other fields hold.
HELD = frozenset({"license", "via", "enclosure", "related"})


def unmatched(stated: Iterable[Link], cited: tuple[Citation, ...], others: tuple[AlsoClaim, ...]) -> tuple[Link, ...]:
    """Links that say something which no other field holds yet."""
    told = {claim.url for claim in cited} | {claim.url for claim in others}
    return tuple(
        [
            link
            for link in stated
            if link.rel not in ("license", "via", "enclosure") and not (link.rel == "related" and link.href in told)
        ]
    )


def references(branch: Branch, name: str) -> list[str]:
    """What each element of a name refers to, by rdf:resource or in words."""
    if name not in branch.children:
        return []
    said = (child.get(f"{RDF}resource") or child.text for child in branch.all(name))
    return [value for value in said if value]


def unique(values: Iterable[Value]) -> tuple[Value, ...]:
    """Each value once, in the order of their first standing."""
    found = tuple(values)
    return tuple(dict.fromkeys(found)) if len(found) > 1 else found
