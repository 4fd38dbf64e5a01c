"""The hops so far and a Location in, the next target out, or `Refused`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin

from feedsvc.errors import Misdirected
from feedsvc.fetch.options import FetchOptions
from feedsvc.fetch.target import Target, target_for

#: Statuses whose Location is followed (RFC 9110 15.4); those of them that name a new address for good, and those that
#: keep the method and body of the request.
REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)
KEEPS_METHOD = (307, 308)


def next_target(hops: Sequence[Target], location: str, options: FetchOptions) -> Target:
    """Where a Location leads from the last of the hops.

    Raises Misdirected for a circle, more than `max_redirects` hops and https to http; Refused for every address that is
    not asked.
    """
    start, last = hops[0].url, hops[-1]
    try:
        url = urljoin(last.url, _readable(location))
    except ValueError as fault:
        raise Misdirected(f"{start}: redirects to no valid address ({fault}). Tell the outlet.") from None
    target = target_for(url, options)
    if target in hops:
        raise Misdirected(f"{start}: redirects in a circle (at {target.url}). Correct the source's location.")
    if len(hops) > options.max_redirects:
        raise Misdirected(f"{start}: more than {options.max_redirects} redirects. Use the address that it leads to.")
    if last.scheme == "https" and target.scheme == "http":
        raise Misdirected(f"{start}: redirects from https to plain http ({target.url}). Tell the outlet.")
    return target


def _readable(location: str) -> str:
    """A Location with the bytes of UTF-8 in it, as many servers send it, as text."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return location
