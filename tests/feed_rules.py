"""A published feed's bytes in, everything out that the W3C feed validator would say of them, and a few things more.

An independent reader with rules of its own: it shares nothing with the code that draws our feeds. Each fault is named
by the validator's event. What is accepted (a namespace that the validator does not know, rel=canonical)
is told too; `accepted` tells it apart.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
from lxml import etree

from tests import feed_values as values
from tests.feed_tables import (
    ATOM,
    ATTRIBUTE_RULES,
    ATTRIBUTES,
    CONSTRUCTS,
    CONTENT,
    EBU_ROLES,
    HISTORY,
    HOLDS,
    HTML_ELEMENTS,
    MANY,
    MEDIA,
    NEEDED,
    NEEDED_ATTRIBUTES,
    PLAIN,
    RELATIONS,
    RESERVED,
    SAME_MEANING,
    TEXTS,
    TIMES_822,
    TIMES_3339,
    TOMBSTONE,
    XML,
)

JSON_SCHEMA = Path(__file__).parent / "data" / "render" / "jsonfeed-1.1.schema.json"


class Fault(NamedTuple):
    """The validator's event, where it is met, and what it is about."""

    event: str
    place: str
    value: str = ""


@dataclass(frozen=True)
class Looked:
    """What a check is told besides the bytes: the address that the feed stands at, and the time."""

    address: str
    now: datetime


def faults(suffix: str, body: bytes, *, address: str, now: datetime) -> list[Fault]:
    """Everything that is wrong with the bytes of a feed (".atom", ".rss" or ".json") that stands at an address."""
    look = Looked(address, now)
    if suffix == ".json":
        return list(_json_feed(body, look))
    try:
        root = etree.fromstring(body)
    except etree.XMLSyntaxError as error:
        return [Fault("SAXError", "document", str(error))]
    rules = _atom if suffix == ".atom" else _rss
    return [*_document(body, root), *_elements(root, look), *rules(root, body, look)]


def accepted(fault: Fault) -> bool:
    """Whether a fault is on the list of those that every feed of ours may have."""
    if fault.event == "UnknownNamespace":
        return True
    return fault.event == "UnregisteredAtomLinkRel" and fault.value == "canonical"


# ------------------------------------------------------------------------------------------------------------ elements


def _space(element: etree._Element) -> str:
    name = str(element.tag)
    return name[: name.index("}") + 1] if name.startswith("{") else ""


def _place(element: etree._Element) -> str:
    parent = element.getparent()
    own = etree.QName(element).localname
    return f"{etree.QName(parent).localname}/{own}" if parent is not None else own


def _document(body: bytes, root: etree._Element) -> Iterator[Fault]:
    if not body.startswith(b"<?xml") or b"utf-8" not in body.split(b"?>")[0].lower():
        yield Fault("MissingEncoding", "document")
    known = {space.strip("{}"): prefix for space, prefix in RESERVED.items()}
    for element in root.iter(etree.Element):
        parent = element.getparent()
        declared = set(element.nsmap.items()) - set(parent.nsmap.items() if parent is not None else ())
        for prefix, space in declared:
            if prefix in known.values() and known.get(space) != prefix:
                yield Fault("ReservedPrefix", _place(element), str(prefix))
            elif space not in known:
                yield Fault("UnknownNamespace", _place(element), space)


def _elements(root: etree._Element, look: Looked) -> Iterator[Fault]:
    """Every element of a known namespace: whether it may stand there, how often, with what attributes and value."""
    for element in root.iter(etree.Element):
        space = _space(element)
        if space and space not in RESERVED:
            continue
        for text in (element.text or "", *element.attrib.values()):
            if event := values.characters(str(text)):
                yield Fault(event, _place(element), str(text))
        yield from _children(element)
        yield from _attributes(element)
        yield from _value(element, look)


def _children(element: etree._Element) -> Iterator[Fault]:
    holds = HOLDS.get(str(element.tag)) if _place(element) != "item/source" else {}
    counts = Counter(str(child.tag) for child in element.iterchildren(etree.Element))
    for child in element.iterchildren(etree.Element):
        if _space(child) and _space(child) not in RESERVED:
            continue
        if str(child.tag) not in (holds or {}):
            yield Fault("UndefinedElement", _place(child))
    for name, allowed in (holds or {}).items():
        if allowed != MANY and counts[name] > 1:
            yield Fault("DuplicateElement", f"{etree.QName(element).localname}/{etree.QName(name).localname}")
        if allowed == NEEDED and not counts[name]:
            yield Fault("MissingElement", f"{etree.QName(element).localname}/{etree.QName(name).localname}")
    if holds and (element.text or "").strip():
        yield Fault("UnexpectedText", _place(element), str(element.text))


def _attributes(element: etree._Element) -> Iterator[Fault]:
    allowed = ATTRIBUTES.get(str(element.tag), frozenset())
    for name in map(str, element.attrib):
        if name not in allowed and not name.startswith(XML):
            yield Fault("UnexpectedAttribute", _place(element), name)
    language = element.get(f"{XML}lang")
    if language is not None and (event := values.language(language)):
        yield Fault(event, f"{_place(element)}/@xml:lang", language)


# -------------------------------------------------------------------------------------------------------------- values


def _value(element: etree._Element, look: Looked) -> Iterator[Fault]:
    name, text, place = str(element.tag), element.text or "", _place(element)
    rule = TEXTS.get(name)
    if rule and (event := rule(text)):
        yield Fault(event, place, text)
    if name in TIMES_3339 and (event := values.rfc3339(text, look.now)):
        yield Fault(event, place, text)
    if name in TIMES_822 and (event := values.rfc822(text, look.now)):
        yield Fault(event, place, text)
    for attribute in NEEDED_ATTRIBUTES.get(name, ()):
        if attribute not in element.attrib and place != "entry/source":
            yield Fault("MissingAttribute", f"{place}/@{attribute}")
    for attribute, value in element.attrib.items():
        about = ATTRIBUTE_RULES.get((name, str(attribute)))
        if about and (event := about(str(value))):
            yield Fault(event, f"{place}/@{attribute}", str(value))
    yield from _special(element, text, place)


def _special(element: etree._Element, text: str, place: str) -> Iterator[Fault]:
    name = str(element.tag)
    if name in CONSTRUCTS:
        yield from _construct(element, text, place)
    if name in HTML_ELEMENTS and place != "channel/description":
        yield from (Fault(event, place, value) for event, value in values.html(text))
    if name == f"{ATOM}link":
        yield from _link(element, place)
    if name == f"{MEDIA}credit":
        yield from _credit(element, place)
    if name in {f"{ATOM}category", "category"}:
        label = element.get("label") or element.get("term") or text
        if "," in label:
            yield Fault("CategoryComma", place, label)


def _construct(element: etree._Element, text: str, place: str) -> Iterator[Fault]:
    """A text construct of Atom (RFC 4287 3.1), or its content."""
    kind = element.get("type")
    if place == "entry/content" and kind is None:
        yield Fault("MissingTypeAttr", place)
    if kind not in {None, "text", "html"}:
        yield Fault("InvalidTextType", place, kind or "")
    if kind == "html":
        yield from (Fault(event, place, value) for event, value in values.html(text))
    elif event := values.not_html(text):
        yield Fault(event, place, text)
    if not text.strip():
        yield Fault("NotBlank", place)


def _link(element: etree._Element, place: str) -> Iterator[Fault]:
    rel, kind = element.get("rel", "alternate"), element.get("type", "")
    if rel not in RELATIONS and values.uri(rel) is not None:
        yield Fault("UnregisteredAtomLinkRel", place, rel)
    if rel in HISTORY and place in {"entry/link", "item/link"}:
        yield Fault("FeedHistoryRelInEntry", place, rel)
    if rel == "self" and kind and kind not in {"application/atom+xml", "application/rss+xml"}:
        yield Fault("SelfNotAtom", place, kind)
    if len(element) or (element.text or "").strip():
        yield Fault("AtomLinkNotEmpty", place)


def _credit(element: etree._Element, place: str) -> Iterator[Fault]:
    role, scheme = element.get("role"), element.get("scheme", "urn:ebu")
    if role and (role != role.lower() or (scheme == "urn:ebu" and role not in EBU_ROLES)):
        yield Fault("InvalidCreditRole", place, role)
    if not (element.text or "").strip():
        yield Fault("NotBlank", place)


# ------------------------------------------------------------------------------------------------------ whole documents


def _repeated(found: list[str], event: str, place: str) -> Iterator[Fault]:
    yield from (Fault(event, place, value) for value, count in Counter(found).items() if count > 1)


def _texts(element: etree._Element, path: str) -> list[str]:
    return [each.text or "" for each in element.iterfind(path)]


def _self(links: list[etree._Element], missing: str, look: Looked) -> Iterator[Fault]:
    own = [link.get("href", "") for link in links if link.get("rel") == "self"]
    if not own:
        yield Fault(missing, "link")
    elif look.address not in own:
        yield Fault("SelfDoesntMatchLocation", "link", own[0])


def _alternates(element: etree._Element) -> Iterator[Fault]:
    links = [link for link in element.iterfind(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
    kinds = [f"{link.get('type', '')} {link.get('hreflang', '')}" for link in links]
    yield from _repeated(kinds, "DuplicateAtomLink", _place(element))


def _atom(root: etree._Element, _: bytes, look: Looked) -> Iterator[Fault]:
    if root.tag != f"{ATOM}feed":
        yield Fault("UndefinedElement", str(root.tag))
    yield from _self(root.findall(f"{ATOM}link"), "MissingSelf", look)
    yield from _alternates(root)
    yield from _repeated(_texts(root, f"{ATOM}entry/{ATOM}id"), "DuplicateEntries", "entry/id")
    yield from _repeated(_texts(root, f"{ATOM}entry/{ATOM}updated"), "DuplicateUpdated", "entry/updated")
    order = [str(child.tag) for child in root.iterchildren(etree.Element)]
    first = order.index(f"{ATOM}entry") if f"{ATOM}entry" in order else len(order)
    for name in order[first:]:
        if name.startswith(ATOM) and name != f"{ATOM}entry":
            yield Fault("MisplacedMetadata", f"feed/{name.removeprefix(ATOM)}")
    # A prefix for Atom in an Atom document confuses careless readers.
    if any(space == ATOM.strip("{}") and prefix for each in root.iter() for prefix, space in each.nsmap.items()):
        yield Fault("AvoidNamespacePrefix", "feed")
    for entry in root.iterfind(f"{ATOM}entry"):
        yield from _entry(entry, root)
    for gone in root.iterfind(f"{TOMBSTONE}deleted-entry"):
        yield from _tombstone(gone, look)


def _entry(entry: etree._Element, root: etree._Element) -> Iterator[Fault]:
    authors = [entry.find(f"{ATOM}author"), entry.find(f"{ATOM}source/{ATOM}author"), root.find(f"{ATOM}author")]
    if all(author is None for author in authors):
        yield Fault("MissingElement", "entry/author")
    yield from _alternates(entry)
    if entry.find(f"{ATOM}content") is None:
        if entry.find(f"{ATOM}summary") is None:
            yield Fault("MissingTextualContent", "entry")
        if not any(link.get("rel", "alternate") == "alternate" for link in entry.iterfind(f"{ATOM}link")):
            yield Fault("MissingContentOrAlternate", "entry")


def _tombstone(gone: etree._Element, look: Looked) -> Iterator[Fault]:
    """RFC 6721 3: which entry is gone, and since when."""
    if event := values.iri(gone.get("ref", "")):
        yield Fault(event, "deleted-entry/@ref", gone.get("ref", ""))
    if event := values.rfc3339(gone.get("when", ""), look.now):
        yield Fault(event, "deleted-entry/@when", gone.get("when", ""))


def _rss(root: etree._Element, body: bytes, look: Looked) -> Iterator[Fault]:
    if root.tag != "rss" or root.get("version") != "2.0":
        yield Fault("InvalidRSSVersion", str(root.tag), root.get("version", ""))
    for channel in root.iterfind("channel"):
        yield from _self(channel.findall(f"{ATOM}link"), "MissingAtomSelfLink", look)
        order = [str(child.tag) for child in channel.iterchildren(etree.Element)]
        if "item" in order and any(name != "item" for name in order[order.index("item") :]):
            yield Fault("MisplacedItem", "channel/item")
        yield from _repeated(_texts(channel, "item/guid"), "DuplicateValue", "item/guid")
        for name in ("title", "description"):
            yield from (Fault("ContainsHTML", f"channel/{name}") for text in _texts(channel, name) if "</" in text)
        for item in channel.iterfind("item"):
            yield from _item(item)
    yield from _character_data(root, body)


def _item(item: etree._Element) -> Iterator[Fault]:
    names = [str(child.tag) for child in item.iterchildren(etree.Element)]
    if not {"title", "description"} & set(names):
        yield Fault("ItemMustContainTitleOrDescription", "item")
    if "guid" not in names:
        yield Fault("MissingGuid", "item")
    if f"{CONTENT}encoded" in names and "description" not in names[: names.index(f"{CONTENT}encoded")]:
        yield Fault("NeedDescriptionBeforeContent", "item")
    for one, other in SAME_MEANING:
        if one in names and other in names:
            yield Fault("DuplicateItemSemantics", f"item/{one}")
    for guid in item.iterfind("guid"):
        text = guid.text or ""
        if guid.get("isPermaLink", "true") == "true":
            if values.http_url(text):
                yield Fault("InvalidHttpGUID", "item/guid", text)
        elif len(text) < 9 and text.isdigit():
            yield Fault("NotSufficientlyUnique", "item/guid", text)


def _character_data(root: etree._Element, body: bytes) -> Iterator[Fault]:
    lines = body.split(b"\n")
    for element in root.iter(*PLAIN):
        if re.search(r"&#[x0-9]|<[/a-zA-Z]", element.text or "") and b"&#x" not in lines[(element.sourceline or 1) - 1]:
            yield Fault("CharacterData", _place(element), element.text or "")


# ----------------------------------------------------------------------------------------------------------- JSON Feed


def _json_feed(body: bytes, look: Looked) -> Iterator[Fault]:
    """JSON Feed 1.1: its schema, and what a schema cannot say."""
    try:
        feed = json.loads(body)
    except ValueError as error:
        yield Fault("JSONError", "document", str(error))
        return
    schema = json.loads(JSON_SCHEMA.read_text(encoding="utf-8"))
    wrong = [*jsonschema.Draft202012Validator(schema).iter_errors(feed)]
    yield from (Fault("Schema", error.json_path, error.message) for error in wrong)
    if wrong:
        return
    if feed.get("feed_url") != look.address:
        yield Fault("SelfDoesntMatchLocation", "feed_url", str(feed.get("feed_url")))
    if "language" in feed and (event := values.language(feed["language"])):
        yield Fault(event, "language", feed["language"])
    yield from _repeated([item["id"] for item in feed["items"]], "DuplicateValue", "items/id")
    for item in feed["items"]:
        yield from _json_item(item, look)


def _json_item(item: dict[str, Any], look: Looked) -> Iterator[Fault]:
    if not item["id"].strip():
        yield Fault("NotBlank", "items/id")
    for name in ("date_published", "date_modified"):
        if name in item and (event := values.rfc3339(item[name], look.now)):
            yield Fault(event, f"items/{name}", item[name])
    files = item.get("attachments", [])
    urls = [item[name] for name in ("url", "external_url", "image", "banner_image") if name in item]
    urls += [person["url"] for person in item.get("authors", []) if "url" in person]
    for url in [*urls, *(file["url"] for file in files)]:
        if values.iri(url):
            yield Fault("InvalidIRI", "items", url)
    for file in files:
        if event := values.mime(file["mime_type"]):
            yield Fault(event, "items/attachments", file["mime_type"])
    if "language" in item and (event := values.language(item["language"])):
        yield Fault(event, "items/language", item["language"])
    yield from (Fault(event, "items/content_html", value) for event, value in values.html(item.get("content_html", "")))
    yield from (Fault("CategoryComma", "items/tags", tag) for tag in item.get("tags", []) if "," in tag)
