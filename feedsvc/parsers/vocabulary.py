"""Element names in any spelling of their namespace → the one short name the readers know them by ("dc:creator")."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

#: What lxml says that a tag may be; of an element that was read it is a str.
Tag = str | bytes | bytearray | etree.QName

#: Prefix → every address that its namespace has gone by, without scheme, "www.", letter case and closing "/" or "#".
_ADDRESSES: dict[str, tuple[str, ...]] = {
    "": (
        "purl.org/rss/1.0",
        "my.netscape.com/rdf/simple/0.9",
        "channel.netscape.com/rdf/simple/0.9",
        "my.netscape.com/publish/formats/rss-0.91.dtd",
        "backend.userland.com/rss",
        "backend.userland.com/rss2",
        "backend.userland.com/rss091",
        "blogs.law.harvard.edu/tech/rss",
        "cyber.law.harvard.edu/rss/rss.html",
        "purl.org/net/rss1.1",
    ),
    "atom": ("w3.org/2005/atom", "purl.org/atom/ns"),
    "rdf": ("w3.org/1999/02/22-rdf-syntax-ns",),
    "xhtml": ("w3.org/1999/xhtml",),
    "dc": ("purl.org/dc/elements/1.1", "purl.org/dc/elements/1.0", "purl.org/dc"),
    "dcterms": ("purl.org/dc/terms",),
    "content": ("purl.org/rss/1.0/modules/content",),
    "sy": ("purl.org/rss/1.0/modules/syndication", "purl.org/rss/1.0/modules/sy"),
    "media": ("search.yahoo.com/mrss", "video.search.yahoo.com/mrss", "tools.search.yahoo.com/mrss"),
    "itunes": ("itunes.com/dtds/podcast-1.0.dtd", "itunes.com/dtds/podcast-1.0"),
    "cc": ("creativecommons.org/ns", "web.resource.org/cc"),
    "creativecommons": (
        "backend.userland.com/creativecommonsrssmodule",
        "cyber.law.harvard.edu/rss/creativecommonsrssmodule.html",
    ),
    "schema": ("schema.org",),
    "rsl": ("rslstandard.org/rsl",),
    "letterboxd": ("letterboxd.com",),
    "tmdb": ("themoviedb.org",),
    "rvw": ("purl.org/net/rvw/0.1", "purl.org/net/rvw/0.2", "purl.org/net/rvw"),
    "g": ("base.google.com/ns/1.0", "base.google.com/ns-metadata/1.0"),
    "admin": ("webns.net/mvcb",),
    "feedburner": ("rssnamespace.org/feedburner/ext/1.0",),
}
_PREFIX = {address: prefix for prefix, addresses in _ADDRESSES.items() for address in addresses}

#: Elements whose names say what they are: IPTC's, and those of agencies that declare a namespace of their own for them.
_IN_ANY_NAMESPACE = frozenset({"byline", "creditline"})

#: Prefixes that feeds use without declaring them, with the namespace that is then meant.
USUAL_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "cc": "http://creativecommons.org/ns#",
    "creativecommons": "http://backend.userland.com/creativeCommonsRssModule",
    "schema": "http://schema.org/",
    "rsl": "https://rslstandard.org/rsl",
    "letterboxd": "https://letterboxd.com",
    "tmdb": "https://themoviedb.org",
    "rvw": "http://purl.org/NET/RVW/0.2/",
    "g": "http://base.google.com/ns/1.0",
}

#: Longest address of a namespace that is looked at, in characters; most tags of one document that are remembered.
_LONGEST, _MOST = 200, 10_000

XML = "{http://www.w3.org/XML/1998/namespace}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XHTML = "http://www.w3.org/1999/xhtml"


class Names(dict[Tag, str]):
    """lxml's tag → short name, found once per document. Names of foreign namespaces are "", which no reader asks for,
    but for those that say themselves what they are.

    `root` is the root element's tag: a feed's own elements stand in its namespace, whatever that is called.
    """

    def __init__(self, root: Tag) -> None:
        super().__init__()
        uri, local = _split(str(root))
        self._own = None if _prefix(uri) == "rdf" else uri
        self._own_prefix = "atom" if local in ("feed", "entry") else ""

    def __missing__(self, tag: Tag) -> str:
        uri, local = _split(str(tag))
        prefix = self._own_prefix if uri == self._own else _prefix(uri)
        if local in _IN_ANY_NAMESPACE:
            prefix = ""
        name = "" if prefix is None else f"{prefix}:{local}" if prefix else local
        if len(self) < _MOST:
            self[tag] = name
        return name


def _split(tag: str) -> tuple[str, str]:
    uri, _, local = tag.removeprefix("{").rpartition("}")
    return uri, local.lower()


def _prefix(uri: str) -> str | None:
    return "" if not uri else _known(uri) if len(uri) <= _LONGEST else None


@lru_cache(maxsize=256)
def _known(uri: str) -> str | None:
    address = uri.strip().lower().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/#")
    return _PREFIX.get(address)
