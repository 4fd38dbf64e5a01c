"""What may stand where in a feed, how often, and what each value must be: the facts, by element and by attribute.

From RFC 4287, RFC 5005, the RSS 2.0 specification, Media RSS 1.5.1 and what the W3C feed validator knows of Dublin
Core; an element of these namespaces that is not named here is an error for the validator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests import feed_values as values

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
DCTERMS = "{http://purl.org/dc/terms/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
AG = "{http://purl.org/rss/1.0/modules/aggregation/}"
CC = "{http://backend.userland.com/creativeCommonsRssModule}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
FH = "{http://purl.org/syndication/history/1.0}"
SY = "{http://purl.org/rss/1.0/modules/syndication/}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}"
XML = "{http://www.w3.org/XML/1998/namespace}"

#: Namespace → the prefix that is reserved for it. Elements of these are checked; any other namespace is unknown.
RESERVED = {
    ATOM: "atom",
    DC: "dc",
    DCTERMS: "dcterms",
    MEDIA: "media",
    AG: "ag",
    CC: "creativeCommons",
    CONTENT: "content",
    FH: "fh",
    SY: "sy",
}

MANY, ONCE, NEEDED = "many", "once", "needed"
Children = Mapping[str, str]


def _named(space: str, names: str, count: str) -> dict[str, str]:
    return {f"{space}{name}": count for name in names.split()}


#: What may stand in a feed, an entry, a channel, an item and a media:content alike.
EVERYWHERE: Children = {
    **_named(DC, "title description type format source language rights", ONCE),
    **_named(DC, "publisher contributor identifier relation coverage", MANY),
    **_named(DCTERMS, "abstract tableOfContents created issued modified dateAccepted dateCopyrighted extent", ONCE),
    **_named(DCTERMS, "alternative isVersionOf hasVersion isReplacedBy replaces isRequiredBy requires isPartOf", MANY),
    **_named(DCTERMS, "hasPart isReferencedBy references isFormatOf hasFormat conformsTo audience provenance", MANY),
    **_named(DCTERMS, "accessRights license rightsHolder bibliographicCitation valid available spatial temporal", MANY),
}
MEDIA_ELEMENTS: Children = {
    **_named(MEDIA, "copyright description title", ONCE),
    **_named(MEDIA, "category credit keywords hash player rating restriction text thumbnail", MANY),
}
ITEM_EXTENSIONS: Children = {
    **EVERYWHERE,
    **MEDIA_ELEMENTS,
    **_named(MEDIA, "content group", MANY),
    **_named(AG, "source sourceURL timestamp", ONCE),
    **_named(DC, "creator subject", MANY),
    **_named(DC, "date", ONCE),
    **_named(CC, "license", MANY),
}
FEED_EXTENSIONS: Children = {
    **EVERYWHERE,
    **MEDIA_ELEMENTS,
    **_named(DC, "creator subject", MANY),
    **_named(DC, "date", ONCE),
    **_named(CC, "license", MANY),
    **_named(FH, "archive complete", ONCE),
    **_named(SY, "updatePeriod updateFrequency updateBase", ONCE),
}
ATOM_SOURCE: Children = {
    **_named(ATOM, "id title updated", NEEDED),
    **_named(ATOM, "author category contributor link", MANY),
    **_named(ATOM, "generator icon logo rights subtitle", ONCE),
    **FEED_EXTENSIONS,
}
PERSON: Children = {**_named(ATOM, "name", NEEDED), **_named(ATOM, "uri email", ONCE)}

#: Element (with its parent where that matters) → what may stand in it. An element of a known namespace that is not
#: here holds text alone.
HOLDS: Mapping[str, Children] = {
    f"{ATOM}feed": {**ATOM_SOURCE, **_named(ATOM, "entry", MANY)},
    f"{ATOM}source": ATOM_SOURCE,
    f"{ATOM}entry": {
        **_named(ATOM, "id title updated", NEEDED),
        **_named(ATOM, "author category contributor link", MANY),
        **_named(ATOM, "content published rights source summary", ONCE),
        **ITEM_EXTENSIONS,
    },
    f"{ATOM}author": PERSON,
    f"{ATOM}contributor": PERSON,
    f"{MEDIA}content": {**EVERYWHERE, **MEDIA_ELEMENTS},
    f"{MEDIA}group": {**EVERYWHERE, **MEDIA_ELEMENTS, **_named(MEDIA, "content", MANY)},
    "rss": _named("", "channel", NEEDED),
    "image": {**_named("", "url title link", NEEDED), **_named("", "width height description", ONCE)},
    "channel": {
        **_named("", "title link description", NEEDED),
        **_named("", "language copyright managingEditor webMaster pubDate lastBuildDate generator docs cloud", ONCE),
        **_named("", "ttl image rating textInput skipHours skipDays", ONCE),
        **_named("", "category item", MANY),
        **_named(ATOM, "link author category contributor", MANY),
        **_named(ATOM, "id icon logo title subtitle rights updated generator", ONCE),
        **FEED_EXTENSIONS,
    },
    "item": {
        **_named("", "title link description author comments guid pubDate source enclosure", ONCE),
        **_named("", "category", MANY),
        **_named(CONTENT, "encoded", ONCE),
        **_named(ATOM, "link contributor", MANY),
        **_named(ATOM, "id title summary author content published updated", ONCE),
        **ITEM_EXTENSIONS,
    },
}
#: Element → its attributes; none but xml:… where it is not here.
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    name: frozenset(attributes.split())
    for name, attributes in {
        f"{ATOM}link": "href rel type hreflang title length",
        f"{ATOM}category": "term scheme label",
        f"{ATOM}generator": "uri version",
        **{f"{ATOM}{name}": "type" for name in ("title", "subtitle", "rights", "summary")},
        f"{ATOM}content": "type src",
        f"{MEDIA}content": (
            "url fileSize type medium isDefault expression bitrate framerate samplingrate channels duration height"
            " width lang"
        ),
        f"{MEDIA}credit": "role scheme",
        f"{MEDIA}copyright": "url",
        f"{MEDIA}description": "type",
        f"{MEDIA}title": "type",
        f"{MEDIA}thumbnail": "url height width time",
        "rss": "version",
        "guid": "isPermaLink",
        "source": "url",
        "enclosure": "url length type",
        "category": "domain",
    }.items()
}


Rule = Callable[[str], str | None]


def _not_blank(value: str) -> str | None:
    return None if value.strip() else "NotBlank"


#: Element → what its text must be.
TEXTS: Mapping[str, Rule] = {
    f"{ATOM}id": values.identity,
    f"{ATOM}icon": values.iri,
    f"{ATOM}logo": values.iri,
    f"{ATOM}uri": values.iri,
    f"{ATOM}name": lambda value: _not_blank(value) or values.not_html(value),
    f"{ATOM}generator": _not_blank,
    f"{DC}language": values.language,
    f"{DC}rights": values.not_html,
    f"{CC}license": values.uri,
    f"{MEDIA}copyright": values.not_html,
    "link": values.uri,
    "comments": values.uri,
    "docs": values.uri,
    "language": values.language,
    "copyright": values.not_html,
    "category": lambda value: _not_blank(value) or values.not_html(value),
    "author": values.email,
    "managingEditor": values.email,
    "webMaster": values.email,
    "ttl": values.positive,
    f"{SY}updateFrequency": values.positive,
    f"{SY}updatePeriod": lambda value: (
        None if value in {"hourly", "daily", "weekly", "monthly", "yearly"} else "InvalidUpdatePeriod"
    ),
    "url": values.uri,
    "title": lambda value: _not_blank(value) or values.not_html(value),
    "source": values.not_html,
}
#: Element and attribute → what it must be.
ATTRIBUTE_RULES: Mapping[tuple[str, str], Rule] = {
    (f"{ATOM}link", "href"): values.iri,
    (f"{ATOM}link", "type"): values.mime,
    (f"{ATOM}link", "hreflang"): values.language,
    (f"{ATOM}link", "length"): values.whole_number,
    (f"{ATOM}link", "title"): lambda value: values.not_html(value) if value else "AttrNotBlank",
    (f"{ATOM}category", "scheme"): values.uri,
    (f"{ATOM}category", "label"): values.not_html,
    (f"{ATOM}generator", "uri"): values.iri,
    (f"{MEDIA}content", "url"): values.uri,
    (f"{MEDIA}content", "type"): lambda value: "InvalidMIMEAttribute" if values.mime(value) else None,
    (f"{MEDIA}content", "fileSize"): values.positive,
    (f"{MEDIA}content", "width"): values.positive,
    (f"{MEDIA}content", "height"): values.positive,
    (f"{MEDIA}content", "medium"): lambda value: (
        None if value in {"image", "audio", "video", "document", "executable"} else "InvalidMediaMedium"
    ),
    (f"{MEDIA}copyright", "url"): values.uri,
    (f"{MEDIA}thumbnail", "url"): values.uri,
    (f"{MEDIA}credit", "scheme"): lambda value: None if value == "urn:ebu" else values.uri(value),
    (f"{MEDIA}description", "type"): lambda value: None if value in {"plain", "html"} else "InvalidMediaTextType",
    ("source", "url"): values.uri,
    ("enclosure", "url"): values.http_url,
    ("enclosure", "type"): lambda value: "InvalidMIMEAttribute" if values.mime(value) else None,
    ("enclosure", "length"): lambda value: None if value.isdecimal() else "InvalidIntegerAttribute",
    ("guid", "isPermaLink"): lambda value: None if value in {"true", "false"} else "InvalidBooleanAttribute",
}
#: Element → the attributes that it must have.
NEEDED_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    f"{ATOM}link": ("href",),
    f"{ATOM}category": ("term",),
    f"{MEDIA}thumbnail": ("url",),
    "source": ("url",),
    "enclosure": ("url", "length", "type"),
    "rss": ("version",),
}
TIMES_3339 = frozenset({f"{ATOM}updated", f"{ATOM}published", f"{AG}timestamp", f"{DC}date"})
TIMES_822 = frozenset({"pubDate", "lastBuildDate"})
CONSTRUCTS = frozenset(f"{ATOM}{name}" for name in ("title", "subtitle", "rights", "summary", "content"))
HTML_ELEMENTS = frozenset({"description", f"{CONTENT}encoded"})
#: Link relations that a validator knows (IANA's registry as it has it).
RELATIONS = frozenset(
    (
        "alternate",
        "current",
        "describedby",
        "edit",
        "edit-media",
        "enclosure",
        "first",
        "hub",
        "last",
        "license",
        "next",
        "next-archive",
        "payment",
        "prev-archive",
        "previous",
        "related",
        "replies",
        "search",
        "self",
        "service",
        "up",
        "via",
    )
)
HISTORY = frozenset({"current", "first", "last", "next", "next-archive", "prev-archive", "previous"})
#: Roles of the European Broadcasting Union that a review's pictures may have; another role needs a scheme of its own.
EBU_ROLES = frozenset(
    (
        "actor",
        "art director",
        "artist",
        "author",
        "camera operator",
        "costume designer",
        "director",
        "director of photography",
        "distribution company",
        "editor",
        "graphic designer",
        "illustrator",
        "manufacturer",
        "photographer",
        "producer",
        "production company",
        "publishing company",
        "reporter",
    )
)


#: Of these two, an item says the same thing only once.
SAME_MEANING = (
    ("author", f"{DC}creator"),
    ("pubDate", f"{DC}date"),
    ("pubDate", f"{ATOM}published"),
    ("source", f"{DC}source"),
    ("category", f"{DC}subject"),
    ("guid", f"{ATOM}id"),
)


#: Plain text in RSS, which a reader that takes it for HTML must still find whole (RSS Advisory Board, best practices).
PLAIN = frozenset(
    {"title", "category", "source", "copyright", f"{DC}rights", f"{MEDIA}copyright", f"{MEDIA}description"}
)
