"""The links of an answer and of its document in, the hubs that would deliver it out (W3C WebSub, 4). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from feedsvc.model import Discovery, Link
from feedsvc.normalise import urls

#: Hubs of one document that are considered; real ones name one or two.
MOST_HUBS = 5


def discover(links: Sequence[tuple[str, str]], feed_links: Sequence[Link], document_url: str) -> Discovery | None:
    """The hubs and the topic that a document names, headers before the document itself (WebSub, 4).

    None without a hub, and without a "self": only that may be subscribed to (WebSub, 5.1). https hubs come first, and
    a hub on the public web is always asked by https, however it is written, since it is sent a secret (WebSub, 8.2).
    """
    stated = [(link.rel, link.href) for link in feed_links]
    hubs = _named("hub", links, document_url) or _named("hub", stated, document_url)
    topics = _named("self", links, document_url) or _named("self", stated, document_url)
    if not hubs or not topics:
        return None
    safe = sorted(dict.fromkeys(_safe(hub) for hub in hubs), key=lambda hub: not hub.startswith("https:"))
    return Discovery(hubs=tuple(safe[:MOST_HUBS]), topic=topics[0])


def reachable(found: Discovery | None, base_url: str) -> Discovery | None:
    """The discovery with those hubs alone that can and may call us back at `base_url`; None when there is none.

    Over the web that takes https. A service on a loopback address is only reached by hubs on one: that is a trial.
    """
    if found is None:
        return None
    ours = urlsplit(base_url)
    on_web = ours.scheme == "https" and not _on_loopback(ours.hostname)
    hubs = found.hubs if on_web else tuple(hub for hub in found.hubs if _both_on_loopback(hub, ours.hostname))
    return Discovery(hubs=hubs, topic=found.topic) if hubs else None


def _named(relation: str, links: Iterable[tuple[str, str]], document_url: str) -> list[str]:
    """The addresses that bear a relation; one link may bear several, in any case (RFC 8288, 3.3)."""
    hrefs = (href for rel, href in links if relation in rel.lower().split())
    return [address for href in hrefs if (address := urls.absolute(href, document_url))]


def _safe(hub: str) -> str:
    parts = urlsplit(hub)
    if parts.scheme == "https" or _is_private(parts.hostname):
        return hub
    return parts._replace(scheme="https", netloc=parts.netloc.removesuffix(":80")).geturl()


def _is_private(host: str | None) -> bool:
    """Whether a host is by its form on a network of one's own, where https is seldom to be had."""
    try:
        return host == "localhost" or ip_address(host or "").is_private
    except ValueError:
        return False


def _on_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _both_on_loopback(hub: str, our_host: str | None) -> bool:
    return _on_loopback(our_host) and _on_loopback(urlsplit(hub).hostname)
