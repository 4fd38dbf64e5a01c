"""The element of an RSS channel, an Atom feed or an atom:source → FeedInfo, every value as it stands."""

from __future__ import annotations

from feedsvc.model import FeedInfo, Rhythm, Text
from feedsvc.parsers import claims
from feedsvc.parsers.branch import Branch
from feedsvc.parsers.rsl import usage_terms
from feedsvc.parsers.vocabulary import RDF

#: Seconds in each period of the syndication module (RSS 1.0); a month is 30 days.
_PERIODS = {"hourly": 3_600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0, "yearly": 31_536_000.0}


def read_feed_info(feed: Branch) -> FeedInfo:
    """What a document says of itself. RSS's managing editor is a contributor: an editor has not written the reviews."""
    links = claims.links(feed)
    described = feed.first("description")
    return FeedInfo(
        id=feed.text_of("atom:id") or feed.get(f"{RDF}about"),
        title=_title(feed),
        subtitle=feed.first_construct("atom:subtitle", "atom:tagline") or (described.as_html() if described else None),
        links=tuple(link for link in links if link.rel != "license"),
        icon=feed.url_of("atom:icon"),
        logo=_logo(feed),
        language=feed.text_of("language", "dc:language") or feed.own_language,
        authors=claims.people(feed, "atom:author", "dc:creator") or claims.people(feed, "itunes:author"),
        contributors=claims.people(feed, "atom:contributor", "dc:contributor", "managingeditor"),
        categories=claims.categories(feed),
        rights=claims.rights(feed),
        rights_holder=feed.text_of("dcterms:rightsholder"),
        licences=claims.licences(feed, links),
        usage=usage_terms(feed),
        updated=feed.text_of(
            "atom:updated", "atom:modified", "lastbuilddate", "pubdate", "dcterms:modified", "dc:date"
        ),
        generator=_generator(feed),
        rhythm=_rhythm(feed),
    )


def _title(feed: Branch) -> Text | None:
    title = feed.first_construct("atom:title") or feed.unsure_of("title", "dc:title")
    return claims.short(title, feed.ground.limits.max_title)


def _logo(feed: Branch) -> str | None:
    """Atom's logo, RSS's image, iTunes' image."""
    image, itunes = feed.first("image"), feed.first("itunes:image")
    return (
        feed.url_of("atom:logo") or (image.url_of("url") if image else None) or (itunes.url("href") if itunes else None)
    )


def _generator(feed: Branch) -> str | None:
    made_by = feed.first("atom:generator", "generator")
    agent = feed.first("admin:generatoragent")
    if made_by and (name := made_by.text or made_by.get("uri")):
        return name
    return agent.get(f"{RDF}resource") if agent else None


def _rhythm(feed: Branch) -> Rhythm:
    ttl = claims.number(feed.text_of("ttl"))
    hours = [claims.number(hour) for block in feed.all("skiphours") for hour in block.texts("hour")]
    days = (day.capitalize() for block in feed.all("skipdays") for day in block.texts("day"))
    return Rhythm(
        ttl=ttl * 60.0 if ttl else None,
        period=period(feed.text_of("sy:updateperiod"), claims.number(feed.text_of("sy:updatefrequency"))),
        # RSS 0.91 counted the hours from 1 to 24.
        skip_hours=claims.unique(hour % 24 for hour in hours if hour is not None and hour <= 24),
        skip_days=claims.unique(days),
    )


def period(named: str | None, frequency: int | None) -> float | None:
    """Seconds between two updates: so many times in a period, daily unless said (RSS 1.0, syndication module)."""
    if not named and not frequency:
        return None
    seconds = _PERIODS.get((named or "daily").lower())
    return seconds / (frequency or 1) if seconds else None
