"""A Rendition, what is new in it and a request's headers in; 226 with the new alone out (RFC 3229, with feeds)."""

from __future__ import annotations

from werkzeug.http import http_date, parse_accept_header, parse_etags

from feedsvc.model import Rendition
from feedsvc.web.conditional import Answers, Environ, Reply, with_headers
from feedsvc.web.headers import ENCODINGS, PLAIN, tag_of

#: What the answer to one who takes deltas depends on.
VARY = "Accept-Encoding, A-IM"

#: feedparser asks for deltas whatever it is used for, and rss2email, which fetches with it, takes 226 for a failure.
REFUSES_226 = ("feedparser/", "rss2email/")
#: So many ETags of a request are looked up at most.
HELD = 8


def delta_reply(current: Answers, delta: Rendition, environ: Environ) -> Reply:
    """226: what is new, under the validator of the whole (RFC 3229, 10.4.1). No cache may give it to somebody else."""
    whole = Answers(delta).chosen(environ).whole
    coding = dict(whole.headers).get("Content-Encoding", PLAIN)
    headers = [pair for pair in whole.headers if pair[0] not in ("Accept-Ranges", "Last-Modified")]
    own = {
        "ETag": tag_of(current.rendition, coding),
        "Cache-Control": "no-store",
        "Vary": VARY,
        "IM": "feed",
    }
    if not current.dates_back(environ):
        own["Last-Modified"] = http_date(current.rendition.modified)
    return Reply("226 IM Used", with_headers(headers, *own.items()), whole.body)


def wants_delta(environ: Environ) -> bool:
    """Whether the client takes a feed with only what is new for the feed (RFC 3229, 10.5.3; "feed" as an A-IM)."""
    asked = environ.get("HTTP_A_IM")
    if not asked or environ.get("HTTP_USER_AGENT", "").startswith(REFUSES_226):
        return False
    return parse_accept_header(asked).quality("feed") > 0


def held_tags(environ: Environ) -> list[str]:
    """The ETags of the renditions that a client says it holds, in whatever encoding it got them; each once."""
    tags = parse_etags(environ.get("HTTP_IF_NONE_MATCH"))
    plain = (_plain(tag) for tag in sorted(tags.as_set(include_weak=True)))
    return list(dict.fromkeys(f'"{tag}"' for tag in plain))[:HELD]


def _plain(tag: str) -> str:
    for encoding in ENCODINGS:
        tag = tag.removesuffix(f"-{encoding}")
    return tag
