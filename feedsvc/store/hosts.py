"""The addresses that a source may be asked at in, the first that counts first; the host of it out. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from feedsvc.model import is_url


def host_of(feed_url: str | None, location_moved: str | None, location: str) -> str | None:
    """The host's name in small letters; None for a file, and for an address that names none."""
    address = feed_url or location_moved or location
    if not is_url(address):
        return None
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
