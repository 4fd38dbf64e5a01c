"""Published addresses in, their renditions out: the feeds, the pages and what they link to."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, request

from feedsvc.model import Gone, Moved, Refused, Rendition, Site
from feedsvc.web.conditional import Answers, Reply
from feedsvc.web.deltas import VARY, delta_reply, held_tags, wants_delta
from feedsvc.web.headers import FRESH
from feedsvc.web.published import Published

#: Every address that may be published. A feed's name with a suffix (".atom", ".rss", ".json") is that feed itself.
ADDRESSES = (
    "/",
    "/feeds/<name>",
    "/feeds/<name>/credits",
    "/feeds/<name>/credits.json",
    "/feeds/<name>/archive",
    "/feeds/<name>/archive/<part>",
    "/feeds.opml",
    "/sources",
    "/sources/lint",
    "/sources.opml",
    "/reviews/<key>",
    "/outlets",
    "/outlets/<slug>",
    "/subjects/<slug>",
    "/search",
    "/style.css",
    "/favicon.svg",
)
#: Parameters of an address at most.
PARAMETERS = 100
#: The next request may be a better one.
NEVER_KEPT = {"Cache-Control": "no-store"}


def subscribers(site: Site, published: Published) -> Blueprint:
    """The part of the site that anybody may read; every view is one look-up by address."""
    blueprint = Blueprint("subscribers", __name__)

    def view(**_: str) -> Response:
        query = parameters()
        # A work's address may lead to another one without any parameters, too.
        asked = bool(query) or request.path.startswith("/subjects/")
        found = published.view(request.path, query) if asked else published.rendition(request.path)
        return answer(site, published, found)

    for address in ADDRESSES:
        blueprint.add_url_rule(address, endpoint=_endpoint(address), view_func=view, methods=["GET"])
    return blueprint


def answer(site: Site, published: Published, found: Rendition | Gone | Moved | Refused | None) -> Response:
    """The answer to this request for what was found at its address."""
    if found is None:
        abort(404)
    if found is Gone.GONE:
        abort(410)
    if isinstance(found, Moved):
        return _moved(site, found)
    if isinstance(found, Refused):
        return Response(f"{found.message}\n", 400, NEVER_KEPT, content_type="text/plain; charset=utf-8")
    if wants_delta(request.environ):
        return _with_delta(published, found)
    return _response(Answers(found).unusual_reply(request.environ))


def parameters() -> list[tuple[str, str]]:
    """The parameters of the address, in their order; too many of them are refused."""
    said = request.query_string.decode("utf-8", "replace")
    try:
        return parse_qsl(said, keep_blank_values=True, max_num_fields=PARAMETERS)
    except ValueError:
        abort(400)


def _with_delta(published: Published, found: Rendition) -> Response:
    """The same for one who takes only what is new."""
    answers = Answers(found, vary=VARY)
    reply = answers.unusual_reply(request.environ)
    if reply.status.startswith("200"):
        for tag in held_tags(request.environ):
            if (delta := published.delta(found.path, tag)) is not None:
                return _response(delta_reply(answers, delta, request.environ))
    return _response(reply)


def _response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, reply.headers)


def _moved(site: Site, moved: Moved) -> Response:
    headers = {"Location": site.url(moved.location), "Cache-Control": FRESH}
    return Response(f"{site.url(moved.location)}\n", 301, headers, content_type="text/plain; charset=utf-8")


def _endpoint(address: str) -> str:
    """A name without the dots that Flask keeps for blueprints."""
    return address.strip("/").replace(".", "_").replace("/", "_").translate({ord(c): None for c in "<>"}) or "home"
