"""The status of an answer in, the page that a person reads instead of what was asked for out."""

from __future__ import annotations

from feedsvc.model import Site
from feedsvc.render.pages import error_page

#: Title and message by status; any other status has the general ones.
SENTENCES = {
    400: (
        "Not understood",
        "The request names no host, more than one, or one that is not ours: open this site by its own address. "
        "Whoever runs it sets that address as base_url in the configuration.",
    ),
    401: (
        "For partners",
        "This feed is for those who were given a token: it is the password here, with any user name. Whoever runs "
        "this site gives tokens out.",
    ),
    404: ("Nothing stands here", "The address may be mistyped, or what stood here is no longer published."),
    405: ("Only for reading", "This address can be read, and nothing can be sent to it."),
    410: ("Withdrawn", "This review was withdrawn at the request of its owner."),
    503: ("Not just now", "The store does not answer. Please come back in a minute; feed readers do so by themselves."),
}
GENERAL = ("Something went wrong", "It has been noted in the log of this service. Please try again later.")


def failure_page(site: Site, status: int) -> bytes:
    """What stands there instead, with ways on."""
    return error_page(site, status, *SENTENCES.get(status, GENERAL))
