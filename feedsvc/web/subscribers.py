"""Published addresses in, their renditions out: the feeds, the pages and what they link to."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from feedsvc.model import Gone
from feedsvc.web.conditional import answer
from feedsvc.web.published import Published

#: Every address that may be published. A feed's name with a suffix (".atom", ".rss", ".json") is that feed itself.
ADDRESSES = (
    "/",
    "/feeds/<name>",
    "/feeds/<name>/credits",
    "/feeds/<name>/credits.json",
    "/feeds.opml",
    "/sources",
    "/sources/lint",
    "/sources.opml",
    "/reviews/<key>",
    "/style.css",
    "/favicon.svg",
)


def subscribers(published: Published) -> Blueprint:
    """The part of the site that anybody may read; every view is one look-up by path."""
    blueprint = Blueprint("subscribers", __name__)

    def view(**_: str) -> Response:
        rendition = published.rendition(request.path)
        if rendition is None:
            abort(404)
        if rendition is Gone.GONE:
            abort(410)
        return answer(rendition, request)

    for address in ADDRESSES:
        blueprint.add_url_rule(address, endpoint=_endpoint(address), view_func=view, methods=["GET"])
    return blueprint


def _endpoint(address: str) -> str:
    """A name without the dots that Flask keeps for blueprints."""
    return address.strip("/").replace(".", "_").replace("/", "_").translate({ord(c): None for c in "<>"}) or "home"
