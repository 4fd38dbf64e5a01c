"""An outlet's word against being republished: RSL terms in its feed, or a sentence of its rights; and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feedsvc.model import Fetched, OptOut, Outlet, Republish, Review, Site, Source
from feedsvc.normalise import Normaliser, entry_for
from feedsvc.normalise.optout import opt_out_in_words
from feedsvc.parsers import PARSERS

SITE = Site(title="Reviews", base_url="http://reviews.example")
SOURCE = Source(
    name="lantern",
    kind="feed",
    location="https://lantern.example/feed",
    outlet=Outlet(name="Night Lantern", url="https://lantern.example/"),
)
CC_BY = "<creativeCommons:license>https://creativecommons.org/licenses/by/4.0/</creativeCommons:license>"


def feed(item: str = "", channel: str = "", *, broken: str = "") -> bytes:
    return (
        '<rss version="2.0" xmlns:rsl="https://rslstandard.org/rsl" '
        'xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule"><channel><title>L</title>'
        f"{channel}<item><title>It folds</title><link>https://lantern.example/reviews/1</link>"
        f"<description>It folds too early.{broken}</description>{item}</item></channel></rss>"
    ).encode()


def review(body: bytes, source: Source = SOURCE) -> Review:
    parsed = PARSERS["feed"](Fetched(url=source.location, body=body))
    now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    return Normaliser(parsed.feed, source=source, document_url=source.location, site=SITE).review(parsed.items[0], now)


def rsl(*licences: str, url: str = "/reviews/1", server: str = "") -> str:
    inside = "".join(f"<rsl:license>{licence}</rsl:license>" for licence in licences)
    return f'<rsl:content url="{url}"{server}>{inside}</rsl:content>'


def permits(values: str, kind: str = "usage") -> str:
    return f'<rsl:permits type="{kind}">{values}</rsl:permits>'


def prohibits(values: str, kind: str = "usage") -> str:
    return f'<rsl:prohibits type="{kind}">{values}</rsl:prohibits>'


def payment(kind: str) -> str:
    return f'<rsl:payment type="{kind}"><rsl:standard>https://lantern.example/terms</rsl:standard></rsl:payment>'


#: RSL terms → what a commercial feed shows of a CC BY text, and one that is not.
TERMS = [
    (rsl(), "full", "full"),
    (rsl(""), "full", "full"),
    (rsl(permits("all")), "full", "full"),
    (rsl(permits("search")), "full", "full"),
    (rsl(permits("search ai-input"), ), "full", "full"),
    (rsl(permits("search,ai-index") + payment("free")), "full", "full"),
    (rsl(permits("all") + payment("attribution")), "full", "full"),
    (rsl(prohibits("ai-all")), "full", "full"),
    (rsl(prohibits("ai-train ai-input")), "full", "full"),
    (rsl(permits("all") + prohibits("ai-train")), "full", "full"),
    (rsl(permits("ai-train") + payment("training")), "full", "full"),
    (rsl(permits("ai-train") + payment("subscription"), permits("search")), "full", "full"),
    (rsl(prohibits("all")), "link", "link"),
    (rsl(prohibits("search")), "link", "link"),
    (rsl(prohibits("ai-train search")), "link", "link"),
    (rsl(permits("search") + prohibits("all")), "link", "link"),
    (rsl(payment("subscription")), "link", "link"),
    (rsl(permits("search") + payment("crawl")), "link", "link"),
    (rsl(prohibits("ai-all") + payment("purchase")), "link", "link"),
    (rsl(payment("")), "link", "link"),
    (rsl("", server=' server="https://rsl.example/api"'), "link", "link"),
    (rsl(permits("US", "geo")), "link", "link"),
    (rsl(prohibits("DE", "geo")), "link", "link"),
    (rsl(prohibits("commercial", "user")), "link", "full"),
    (rsl(permits("non-commercial", "user")), "link", "full"),
    (rsl(permits("commercial", "user")), "link", "link"),
    (rsl(permits("education government", "user")), "link", "link"),
    (rsl(prohibits("all"), permits("search")), "full", "full"),
]  # fmt: skip


@pytest.mark.parametrize("terms, commercial, otherwise", TERMS)
def test_rsl_terms_of_an_item_go_before_its_licence(terms: str, commercial: str, otherwise: str) -> None:
    stated = review(feed(terms + CC_BY))
    assert entry_for(stated, commercial=True).terms.show == commercial
    assert entry_for(stated, commercial=False).terms.show == otherwise


@pytest.mark.parametrize("terms, commercial, otherwise", TERMS)
def test_a_malformed_feed_is_honoured_alike(terms: str, commercial: str, otherwise: str) -> None:
    sound, malformed = review(feed(terms)), review(feed(terms, broken=" Salt & "))
    assert malformed.opt_out == sound.opt_out


#: Address or pattern of the channel's terms → whether they hold for /reviews/1 of lantern.example.
PATTERNS = [
    ("/", True),
    ("/reviews/", True),
    ("/reviews/*", True),
    ("/*/1$", True),
    ("https://lantern.example/reviews/1", True),
    ("https://www.lantern.example/", True),
    ("/reviews$", False),
    ("/news/", False),
    ("https://ledger.example/", False),
]


@pytest.mark.parametrize("pattern, holds", PATTERNS)
def test_terms_of_the_channel_hold_for_the_addresses_that_they_name(pattern: str, holds: bool) -> None:
    assert (review(feed(channel=rsl(prohibits("all"), url=pattern))).opt_out is not None) is holds


def test_of_several_patterns_the_longest_holds() -> None:
    channel = rsl(prohibits("all"), url="/") + rsl(permits("search"), url="/reviews/")
    assert review(feed(channel=channel)).opt_out is None


def test_an_items_own_terms_or_licence_go_before_those_of_its_feed() -> None:
    channel = rsl(prohibits("all"), url="/")
    assert review(feed(rsl(permits("search")), channel)).opt_out is None
    assert review(feed(CC_BY, channel)).opt_out is None
    assert review(feed("", channel + CC_BY)).opt_out is not None


def test_the_opt_out_says_what_the_source_says() -> None:
    stated = review(feed(rsl(prohibits("all search") + payment("crawl"))))
    assert stated.opt_out == OptOut(statement="RSL: prohibits usage all search, payment crawl")
    entry = entry_for(stated, commercial=False)
    assert (entry.review.content, entry.review.excerpt, entry.review.images) == (None, None, ())
    assert "RSL: prohibits usage all search, payment crawl" in entry.terms.reason


def test_what_is_agreed_with_the_partner_goes_before_an_opt_out() -> None:
    stated = review(feed(rsl(prohibits("all"))), replace(SOURCE, republish=Republish.EXCERPT))
    assert entry_for(stated, commercial=True).terms.show == "excerpt"


def test_an_item_whose_terms_change_counts_as_changed() -> None:
    bodies = [feed(), feed(rsl(prohibits("all"))), feed(channel=rsl(prohibits("all")))]
    read = [PARSERS["feed"](Fetched(url=SOURCE.location, body=body)) for body in bodies]
    digests = {
        Normaliser(parsed.feed, source=SOURCE, document_url=SOURCE.location, site=SITE).digest(parsed.items[0])
        for parsed in read
    }
    assert len(digests) == 3


#: Rights statement → the sentence that forbids republishing, and whether it speaks of commercial use alone.
REFUSALS = [
    ("All rights reserved. Republication or redistribution of our content, including by framing or similar means, is"
     " expressly prohibited without our prior written consent.",
     "Republication or redistribution of our content, including by framing or similar means, is expressly prohibited"
     " without our prior written consent.", False),
    ("© 2026 Night Lantern. Not for republication.", "Not for republication.", False),
    ("Do not republish.", "Do not republish.", False),
    ("No syndication without permission", "No syndication without permission", False),
    ("May not be redistributed or aggregated.", "May not be redistributed or aggregated.", False),
    ("This feed is for personal use only.", "This feed is for personal use only.", False),
    ("For personal, non-commercial use only", "For personal, non-commercial use only", False),
    ("Reproduction in whole or in part without permission is prohibited.",
     "Reproduction in whole or in part without permission is prohibited.", False),
    ("Nachdruck, auch auszugsweise, verboten.", "Nachdruck, auch auszugsweise, verboten.", False),
    ("Alle Rechte vorbehalten. Weiterverbreitung nicht gestattet.", "Weiterverbreitung nicht gestattet.", False),
    ("Reproduction même partielle interdite.", "Reproduction même partielle interdite.", False),
    ("Rediffusion interdite sans autorisation", "Rediffusion interdite sans autorisation", False),
    ("Prohibida la reproducción total o parcial.", "Prohibida la reproducción total o parcial.", False),
    ("Prohibida su redistribución", "Prohibida su redistribución", False),
    ("Commercial republication is prohibited.", "Commercial republication is prohibited.", True),
    ("Not for commercial redistribution", "Not for commercial redistribution", True),
]  # fmt: skip


@pytest.mark.parametrize("rights, statement, commercial_only", REFUSALS)
def test_a_sentence_that_forbids_republishing_is_an_opt_out(rights: str, statement: str, commercial_only: bool) -> None:
    assert opt_out_in_words(rights) == OptOut(statement=statement, commercial_only=commercial_only)
    stated = review(feed(f"<copyright>{rights}</copyright>"))
    assert entry_for(stated, commercial=True).terms.show == "link"
    assert entry_for(stated, commercial=False).terms.show == ("excerpt" if commercial_only else "link")


@pytest.mark.parametrize(
    "rights",
    [
        "",
        "© 2026 Night Lantern",
        "All rights reserved.",
        "Alle Rechte vorbehalten.",
        "Reproduction prohibited.",
        "Free to republish with attribution.",
        "Republication is welcome. Not for sale.",
        "CC BY-NC 4.0: not for commercial use.",
        "Syndicated by Partner Wire",
        "You may redistribute this text under CC BY 4.0.",
    ],
)
def test_rights_that_are_kept_are_no_opt_out(rights: str) -> None:
    assert opt_out_in_words(rights) is None


def test_a_feeds_sentence_holds_for_items_that_say_nothing_themselves() -> None:
    channel = "<copyright>Republication prohibited.</copyright>"
    assert review(feed("", channel)).opt_out == OptOut(statement="Republication prohibited.")
    assert review(feed("<copyright>© Ines Okafor</copyright>", channel)).opt_out is None
