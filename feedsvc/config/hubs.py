"""The settings in, the hubs that deliver our feeds out (W3C WebSub, 4): what documents and answers name. Pure."""

from __future__ import annotations

from feedsvc.config.settings import Settings

#: Where the hub stands that this service is itself.
HUB_PATH = "/hub"


def own_hub(settings: Settings) -> str | None:
    """The address of our own hub; None where `[websub] hub` is off."""
    return settings.site.url(HUB_PATH) if settings.websub.hub else None


def other_hubs(settings: Settings) -> tuple[str, ...]:
    """The hubs of others that are told of changes, each once, in the configuration's order."""
    return tuple(hub for hub in dict.fromkeys(settings.websub.hubs) if hub != own_hub(settings))


def hubs_of(settings: Settings) -> tuple[str, ...]:
    """Every hub where our public feeds can be subscribed to, our own first: it knows soonest."""
    own = own_hub(settings)
    return (own, *other_hubs(settings)) if own else other_hubs(settings)


def hub_links(settings: Settings, path: str) -> tuple[tuple[str, str], ...]:
    """Relation and address of the links that make a document at `path` a topic; none where there is no hub."""
    hubs = hubs_of(settings)
    return (("self", settings.site.url(path)), *(("hub", hub) for hub in hubs)) if hubs else ()
