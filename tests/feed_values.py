"""A value from a published feed in, the name of what a feed validator would say of it out, or None.

The rules are those of the W3C feed validator, of the RFCs behind it, and of the RSS Advisory Board's profile; this is a
second telling of them, which shares nothing with the code that draws our feeds. The names are the validator's events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import entities
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Two-letter codes of ISO 639-1; those of three letters are taken as they come.
LANGUAGES = _words(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el"
    " en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it"
    " iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt"
    " my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl"
    " sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo"
    " za zh zu"
)
#: Schemes that may lead anywhere in a feed (the registered ones that a review could have).
SCHEMES = frozenset({"http", "https", "ftp", "mailto", "urn", "tag", "info", "news", "dav", "tel", "xmpp"})

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(//)?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+")
_IN_BRACKETS = re.compile(r"\[[0-9A-Fa-f:.]+\]")
_TAG = re.compile(r"tag:([a-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(-\d{2}(-\d{2})?)?:[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*(#\S*)?")
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:([a-z0-9()+,.:=@;$_!*'-]|%[0-9a-f]{2})+", re.I)
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_HOST = re.compile(r"(([a-z0-9-]+\.)+[a-z0-9-]+|\[[0-9a-f:.]+\])", re.I)
_MIME = re.compile(r"[^\s()<>,;:\\\"/\[\]?=]+/[^\s()<>,;:\\\"/\[\]?=]+(\s*;\s*[\w.-]+=(\"[^\"]*\"|[\w.-]+))*")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_RFC822 = re.compile(
    r"((Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d\d? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" \d\d:\d\d(:\d\d)? ([+-]\d{4}|UT|GMT|[ECMP][SD]T|Z)"
)
_EMAIL = re.compile(r"[\w.+'-]+@([\w-]+\.)+[\w-]+")
_END_TAG = re.compile(r"</(\w+)>")
_ENTITY = re.compile(r"&(#?\w+)")


def uri(value: str) -> str | None:
    """An absolute address in ASCII (RFC 3986)."""
    if not value.isascii():
        return "InvalidFullLink"
    if re.search(r"%(?![0-9A-Fa-f]{2})", value):
        return "InvalidUriChar"
    scheme = value.partition(":")[0].lower()
    if scheme == "tag":
        return None if _TAG.fullmatch(value) else "InvalidTAG"
    if scheme == "urn":
        form = _UUID if value.lower().startswith("urn:uuid:") else _URN
        return None if form.fullmatch(value) else "InvalidURN"
    if not _URI.fullmatch(_IN_BRACKETS.sub("host", value, count=1)):
        return "InvalidUriChar" if ":" in value else "InvalidFullLink"
    if scheme in {"http", "https", "ftp"} and not re.match(r"\w+://[^/]", value):
        return "InvalidFullLink"
    # The validator asks only of a scheme of letters alone whether it is registered.
    return None if scheme in SCHEMES or not scheme.isalpha() else "SchemeNotIANARegistered"


def iri(value: str) -> str | None:
    """An absolute address that may hold letters of any script (RFC 3987), as Atom takes it."""
    fault = uri(re.sub(r"[^\x00-\x7f]", "x", value))
    return "InvalidIRI" if fault in {"InvalidFullLink", "InvalidUriChar"} else fault


def http_url(value: str) -> str | None:
    """An address on the web with a whole host name, as RSS asks of an enclosure."""
    host = urlsplit(value).netloc.rpartition("@")[2]
    name = re.sub(r":\d+$", "", host)
    on_the_web = value.lower().startswith(("http://", "https://"))
    return None if on_the_web and _HOST.fullmatch(name) and uri(value) is None else "InvalidURLAttribute"


def identity(value: str) -> str | None:
    """An id: an absolute address without space around it, in the form that equal ones share (RFC 4287 4.2.6.1)."""
    if value != value.strip():
        return "UnexpectedWhitespace"
    return iri(value) or (None if _canonical(value) else "NonCanonicalURI")


def _canonical(value: str) -> bool:
    parts = urlsplit(value)
    if value.partition(":")[0] != parts.scheme:
        return False
    if parts.scheme in {"http", "https"}:
        port = {"http": ":80", "https": ":443"}[parts.scheme]
        if parts.netloc != parts.netloc.lower() or parts.netloc.endswith(port) or not parts.path:
            return False
    dots = {".", ".."} & set(parts.path.split("/"))
    needless = any(re.fullmatch(r"[\w.~-]", unquote(each), re.A) for each in re.findall(r"%[0-9A-Fa-f]{2}", value))
    return not dots and not needless and not re.search(r"%(?:[a-f][0-9a-fA-F]|[0-9A-F][a-f])", value)


def mime(value: str) -> str | None:
    """A media type (RFC 9110 8.3.1)."""
    return None if _MIME.fullmatch(value) else "InvalidMIMEType"


def language(value: str) -> str | None:
    """A language tag that begins with a language (RFC 5646)."""
    first = value.partition("-")[0].lower()
    whole = re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", value)
    return None if whole and (len(first) == 3 or first in LANGUAGES) else "InvalidLanguage"


def rfc3339(value: str, now: datetime) -> str | None:
    """A time as Atom has it (RFC 4287 3.3), neither before feeds were nor to come."""
    if not _RFC3339.fullmatch(value):
        return "InvalidRFC3339Date"
    try:
        return _plausible(datetime.fromisoformat(value), now)
    except ValueError:
        return "InvalidRFC3339Date"


def rfc822(value: str, now: datetime) -> str | None:
    """A time as RSS has it (RFC 822 with the four-digit year of RFC 2822), on the right day of the week."""
    if not _RFC822.fullmatch(value):
        return "InvalidRFC2822Date"
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return "InvalidRFC2822Date"
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    if "," in value and value[:3] != days[date(moment.year, moment.month, moment.day).weekday()]:
        return "IncorrectDOW"
    return _plausible(moment, now)


def _plausible(moment: datetime, now: datetime) -> str | None:
    return "ImplausibleDate" if moment.year < 1990 or moment > now + timedelta(minutes=10) else None


def email(value: str) -> str | None:
    """What an RSS author must be: an address, then the name in brackets."""
    if not _EMAIL.match(value):
        return "InvalidContact"
    return None if re.fullmatch(rf"{_EMAIL.pattern} \([^()]+\)", value) else "MissingRealName"


def whole_number(value: str) -> str | None:
    """Zero or more."""
    return None if re.fullmatch(r"\d+", value, re.A) else "InvalidNonNegativeInteger"


def positive(value: str) -> str | None:
    """One or more."""
    return None if re.fullmatch(r"0*[1-9]\d*", value, re.A) else "InvalidPositiveInteger"


def not_html(value: str) -> str | None:
    """Plain text, which a reader could take for markup when it holds an end tag or an entity."""
    if any(name.lower() in ELEMENTS for name in _END_TAG.findall(value)):
        return "ContainsHTML"
    named = (name for name in _ENTITY.findall(value))
    known = any(name in entities.name2codepoint or name == "apos" or not name.isalpha() for name in named)
    return "ContainsHTML" if known else None


def characters(value: str) -> str | None:
    """No control of Windows' code page, no replacement character, no UTF-8 read as Latin-1."""
    if re.search("[\x80-\x9f\ufffd]", value):
        return "BadCharacters"
    return "BadCharacters" if re.search("[\xc2\xc3][\x80-\xbf]", value) else None


# ---------------------------------------------------------------------------------------------------------------- HTML

#: What a feed's HTML may hold: elements that neither run, nor load, nor style the reader around them.
ELEMENTS = _words(
    "a abbr acronym address area article aside audio b bdi big blockquote br caption center cite code col colgroup"
    " data dd del details dfn dir div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img"
    " ins kbd label li main map mark meter nav ol p picture pre progress q rp rt ruby s samp section small source"
    " span strike strong sub summary sup table tbody td tfoot th thead time tr track tt u ul var video wbr"
)
ATTRIBUTES = _words(
    "abbr align alt border cellpadding cellspacing cite class clear cols colspan controls coords datetime decoding"
    " dir headers height href hreflang id lang loading longdesc loop max media min name open optimum poster"
    " preload referrerpolicy rel reversed rowspan scope shape sizes span src srclang srcset start summary tabindex"
    " title translate type usemap valign value width"
)
VOID = frozenset({"area", "br", "col", "hr", "img", "source", "track", "wbr"})
#: Elements that end an open paragraph, so that its end tag would be one too many (HTML, "8.1.2.4").
BLOCKS = _words(
    "address article aside blockquote dir div dl figure footer h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section"
    " table ul"
)
ADDRESSES = frozenset({"href", "src", "poster", "cite", "longdesc"})


class _Reader(HTMLParser):
    """Reads a fragment strictly: every tag is closed, in order, and known."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.faults: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.faults.append(("SecurityRisk", tag))
        if tag in BLOCKS and "p" in self.open:
            self.faults.append(("NotHtml", f"{tag} in p"))
        if tag == "a" and "a" in self.open:
            self.faults.append(("NotHtml", "a in a"))
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.faults.append(("NotHtml", f"{tag} closes itself"))

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name not in ATTRIBUTES:
            self.faults.append(("SecurityRiskAttr", f"{tag} {name}"))
        if name in ADDRESSES and not re.match(r"\w[\w+.-]*:", value):
            self.faults.append(("ContainsRelRef", value))
        elif name in ADDRESSES and urlsplit(value).scheme not in {"http", "https", "mailto"}:
            self.faults.append(("SecurityRiskAttr", value))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(("NotHtml", f"/{tag} closes nothing"))

    def handle_entityref(self, name: str) -> None:
        if f"{name};" not in entities.html5:
            self.faults.append(("NotHtml", f"&{name}"))

    def handle_comment(self, data: str) -> None:
        self.faults.append(("SecurityRisk", "comment"))

    def handle_decl(self, decl: str) -> None:
        self.faults.append(("NotHtml", decl))

    def handle_pi(self, data: str) -> None:
        self.faults.append(("SecurityRisk", data))


def html(value: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a fragment of HTML: event and what it is about."""
    reader = _Reader()
    reader.feed(value)
    reader.close()
    yield from reader.faults
    if reader.open:
        yield "NotHtml", f"{reader.open} not closed"
