"""The samples that ship, which state every attribution field in Atom, in RSS and in JSON Feed: all of it is read."""

from __future__ import annotations

from pathlib import Path

from feedsvc.model import (
    AlsoClaim,
    Category,
    Citation,
    Credit,
    Enclosure,
    FeedInfo,
    Fetched,
    ImageClaim,
    Item,
    LicenceClaim,
    Link,
    Person,
    RatingClaim,
    Rhythm,
    Subject,
    Text,
)
from feedsvc.parsers.feed import read_feed

INCOMING = Path(__file__).parents[1] / "feeds" / "incoming"


def sample(name: str) -> tuple[FeedInfo, tuple[Item, ...]]:
    parsed = read_feed(Fetched(url=(INCOMING / name).as_uri(), body=(INCOMING / name).read_bytes()))
    assert parsed.problems == ()
    return parsed.feed, parsed.items


def test_an_atom_entry_with_every_field() -> None:
    feed, items = sample("night-lantern/reviews.atom")
    home, self_url = "https://night-lantern.example", "https://night-lantern.example/reviews.atom"

    def text(value: str) -> Text:
        return Text(value=value, base=self_url, language="en-GB")

    assert feed == FeedInfo(
        id="tag:night-lantern.example,2019:reviews",
        title=text("Night Lantern: reviews"),
        subtitle=text("Films and series, seen after dark"),
        links=(
            Link(href=self_url, rel="self", type="application/atom+xml"),
            Link(href=f"{home}/reviews", type="text/html"),
        ),
        icon=f"{home}/icon.png",
        logo=f"{home}/logo.png",
        language="en-GB",
        authors=(Person(name="Night Lantern", url=f"{home}/"),),
        rights=text("© 2026 Night Lantern and its critics. Texts under CC BY-SA 4.0; stills belong to their makers."),
        licences=(LicenceClaim(url="https://creativecommons.org/licenses/by-sa/4.0/", text="CC-BY-SA-4.0"),),
        updated="2026-03-20T09:05:00Z",
        generator="Lampwright",
        rhythm=Rhythm(period=43200.0),
    )
    item = items[0]
    assert item.content is not None
    assert item.content.base == f"{home}/reviews/"
    assert item.content.value.startswith("<p>There is a shot, eleven minutes into <em>The Salt Road</em>,")
    cc_by = "https://creativecommons.org/licenses/by/4.0/"
    assert item == Item(
        guid="tag:night-lantern.example,2026:reviews/the-salt-road",
        links=(Link(href=f"{home}/reviews/the-salt-road", type="text/html", hreflang="en-GB"),),
        title=text("The Salt Road: two sisters, one donkey and a very long memory"),
        summary=text(
            "Marit Dahl sends two estranged sisters across the salt flats with their late mother’s donkey. It is the "
            "quietest film of the year, and by the last reel the loudest."
        ),
        content=item.content,
        authors=(Person(name="Ines Okafor-Lind", url=f"{home}/critics/ines-okafor-lind"),),
        contributors=(Person(name="Marta Ivory", url=f"{home}/staff/marta-ivory"),),
        cited=(
            Citation(name="Harbour Gazette", url="https://harbour-gazette.example/film/salt-road-interview"),
            Citation(name="Brine and Bread: the old road", url="https://brine-and-bread.example/history/the-old-road"),
            Citation(name="The Evening Ledger"),
        ),
        rights=text("Text © 2026 Ines Okafor-Lind, CC BY-SA 4.0"),
        rights_holder="Ines Okafor-Lind",
        licences=(LicenceClaim(url="https://creativecommons.org/licenses/by-sa/4.0/", text="CC-BY-SA-4.0"),),
        terms="Full text under CC BY-SA 4.0: name the critic and Night Lantern, link here, share alike.",
        images=(
            ImageClaim(
                url=f"{home}/images/salt-road-still.jpg",
                type="image/jpeg",
                width=1600,
                height=1067,
                length=218734,
                alt="Two women lead a grey donkey along a white road between salt pans",
                credits=(
                    Credit(name="Pia Noor", role="photographer", scheme="urn:ebu"),
                    Credit(name="Saltworks Pictures", role="distribution company", scheme="urn:ebu"),
                ),
                licence=LicenceClaim(url=cc_by, text="CC BY 4.0"),
                rights="© 2025 Pia Noor",
                terms_url=cc_by,
            ),
            ImageClaim(
                url=f"{home}/images/salt-road-poster.png",
                type="image/png",
                width=800,
                height=1200,
                alt="The poster: the road as a single white brushstroke on blue",
                credits=(Credit(name="Courtesy of Saltworks Pictures"),),
                rights="© 2025 Saltworks Pictures, for press use only",
                terms_url="https://saltworks-pictures.example/press-terms",
            ),
        ),
        enclosures=(
            Enclosure(
                url=f"{home}/audio/the-salt-road.mp3",
                type="audio/mpeg",
                length=5120334,
                title="This review, read by its author",
            ),
        ),
        categories=(
            Category(term="Movie", scheme="http://schema.org/itemReviewed"),
            Category(term="drama", scheme=f"{home}/genres", label="Drama"),
            Category(term="festival-2026", label="Festival 2026"),
        ),
        subject=Subject(
            name="The Salt Road",
            type="Movie",
            year=2025,
            identifiers=("imdb:tt9900001", "urn:eidr:10.5240:0000-0000-0000-0000-0001-X"),
            same_as=(
                "https://saltworks-pictures.example/films/the-salt-road",
                "https://film-register.example/titles/9900001",
            ),
        ),
        rating=RatingClaim(value="3.5", best="5", worst="0.5", text="★★★½"),
        verdict="A slow burn that earns its fire.",
        published="2026-03-18T19:30:00+01:00",
        updated="2026-03-20T09:05:00Z",
        language="en-GB",
        also=(AlsoClaim(url="https://northlight-weekly.example/syndicated/salt-road", outlet="Northlight Weekly"),),
    )


def test_an_atom_entry_that_came_from_elsewhere() -> None:
    item = sample("night-lantern/reviews.atom")[1][2]
    base = "https://harbour-gazette.example/film/"
    assert item.origin == FeedInfo(
        id="https://harbour-gazette.example/feed/film",
        title=Text(value="Harbour Gazette", base=base, language="en-GB"),
        links=(
            Link(href="https://harbour-gazette.example/feed/film", rel="self", type="application/atom+xml"),
            Link(href="https://harbour-gazette.example/", type="text/html"),
        ),
        icon="https://harbour-gazette.example/anchor.png",
        rights=Text(value="© 2026 Harbour Gazette", base=base, language="en-GB"),
        updated="2026-02-01T11:45:00Z",
    )
    via = "https://partner-wire.example/stories/58812"
    assert item.via == (Link(href=via, rel="via", type="text/html", title="Partner Wire"),)
    assert item.links == (Link(href=base + "a-small-orchestra-of-kettles", type="text/html"),)
    assert item.also == (
        AlsoClaim(url="https://quayside-reader.example/arts/kettles", outlet="Quayside Reader"),
        AlsoClaim(url="https://estuary-post.example/2026/02/kettles"),
    )
    assert item.credits == (Credit(name="Copperbottom Films", role="distribution company", scheme="urn:ebu"),)
    assert item.images[0].credits == (Credit(name="Wendeline Aku", role="photographer", scheme="urn:ebu"),)


def test_atom_says_what_is_missing_by_leaving_it_out() -> None:
    items = sample("night-lantern/reviews.atom")[1]
    unsigned, german = items[4], items[3]
    assert (unsigned.authors, unsigned.rating, unsigned.licences, unsigned.origin) == ((), None, (), None)
    assert (german.language, german.rating) == ("de", RatingClaim(text="sehenswert"))


def test_an_rss_item_with_every_field() -> None:
    feed, items = sample("pixel-ledger/reviews.rss")
    home = "https://pixel-ledger.example"
    assert (feed.rhythm, feed.logo) == (
        Rhythm(ttl=7200.0, period=3600.0, skip_hours=(0, 1, 2, 3), skip_days=("Sunday",)),
        f"{home}/masthead.png",
    )
    assert feed.contributors == (Person(name="desk@pixel-ledger.example (Josephine Tarn)"),)
    assert feed.authors == ()
    item = items[0]
    assert item.content is not None
    assert item.summary is not None
    assert item.content.value.startswith("<p>Most games about lighthouses want to frighten you.")
    base = f"{home}/reviews.rss"
    assert item == Item(
        guid="pixel-ledger:review:4417",
        links=(Link(href=f"{home}/reviews/lighthouse-keepers-bicycle"),),
        title=Text(value="Lighthouse Keeper’s Bicycle is small, damp & perfect", type="unsure", base=base),
        summary=item.summary,
        content=item.content,
        authors=(Person(name="Ravindra Stowe"),),
        contributors=(Person(name="Josephine Tarn"),),
        origin=FeedInfo(
            title=Text(value="Pixel Ledger", type="unsure", base=base), links=(Link(href=base, rel="self"),)
        ),
        cited=(
            Citation(name="Spokes and Sprites", url="https://spokes-and-sprites.example/interviews/orla-fenn"),
            Citation(name="The Indie Almanack"),
        ),
        rights=Text(value="© 2026 Pixel Ledger Ltd. All rights reserved.", type="unsure", base=base),
        rights_holder="Pixel Ledger Ltd",
        terms="Headline and up to 200 characters, with the critic’s name and a link.",
        images=(
            ImageClaim(
                url=f"{home}/shots/bicycle-pier.png",
                type="image/png",
                width=1920,
                height=1080,
                length=802331,
                alt="A bicycle with a lamp leans on a pier at dusk; the sea is drawn in four blues",
                credits=(Credit(name="Orla Fenn", role="graphic designer", scheme="urn:ebu"),),
                rights="© 2026 Gullwing Games",
                terms_url="https://gullwing-games.example/press",
            ),
            ImageClaim(
                url=f"{home}/shots/bicycle-team.jpg",
                type="image/jpeg",
                width=1200,
                height=800,
                alt="The four makers of the game on a seawall, sharing chips",
                credits=(Credit(name="Kit Adeyemi", role="photographer", scheme="urn:ebu"),),
                licence=LicenceClaim(url="https://creativecommons.org/licenses/by-nc/4.0/", text="CC BY-NC 4.0"),
            ),
        ),
        categories=(
            Category(term="VideoGame", scheme="http://schema.org/itemReviewed"),
            Category(term="exploration", scheme=f"{home}/genres"),
            Category(term="cosy"),
        ),
        subject=Subject(
            name="Lighthouse Keeper’s Bicycle",
            type="VideoGame",
            year=2026,
            identifiers=("steam:9900101", "urn:gtin:00000099001014"),
            same_as=("https://gullwing-games.example/bicycle",),
        ),
        rating=RatingClaim(value="91", best="100", worst="0", text="91%"),
        verdict="Three hours long and not one of them spare.",
        published="Thu, 12 Mar 2026 17:00:00 GMT",
        updated="2026-03-13T08:20:00Z",
        language="en-GB",
    )


def test_an_rss_item_that_came_from_elsewhere() -> None:
    item = sample("pixel-ledger/reviews.rss")[1][2]
    assert item.origin is not None
    assert item.origin.links == (Link(href="https://save-point-review.example/feed.rss", rel="self"),)
    via = "https://playwire.example/items/3301"
    assert item.via == (Link(href=via, rel="via", type="text/html", title="Playwire"),)
    assert item.licences == (LicenceClaim(url="https://creativecommons.org/licenses/by-nd/4.0/", text="CC-BY-ND-4.0"),)
    assert item.cited == (Citation(url="https://loitering-society.example/manifesto"),)
    assert item.also == (
        AlsoClaim(url="https://weekend-arcade.example/reprints/quiet-quarter", outlet="Weekend Arcade"),
    )
    assert item.links == (Link(href="https://save-point-review.example/essays/the-quiet-quarter"),)


def test_rss_authors_credits_and_thumbnails() -> None:
    _, crumbs, _, gravel = sample("pixel-ledger/reviews.rss")[1]
    assert crumbs.authors == (Person(name="Ravindra Stowe"), Person(name="Mirela Vance"))
    assert crumbs.guid_is_permalink is True
    assert crumbs.credits == (Credit(name="Proving Drawer Studio", role="production company", scheme="urn:ebu"),)
    assert gravel.authors == (Person(name="mirela@pixel-ledger.example (Mirela Vance)"),)
    assert gravel.images == (
        ImageClaim(url="https://pixel-ledger.example/shots/gravel-kings-thumb.jpg", width=320, height=180),
    )


def test_a_json_feed_item_with_every_field() -> None:
    feed, items = sample("marginalia/feed.json")
    home = "https://marginalia.example"
    assert feed.rights == Text(value="© 2026 Marginalia and its critics. CC BY 4.0 unless a review says otherwise.")
    assert (feed.icon, feed.logo) == (f"{home}/favicon.png", f"{home}/icon-512.png")
    item = items[0]
    assert item.content is not None
    assert (item.content.type, item.content.base) == ("html", f"{home}/feed.json")
    cc_by = LicenceClaim(url="https://creativecommons.org/licenses/by/4.0/", text="CC BY 4.0")

    def text(value: str) -> Text:
        return Text(value=value, language="en-GB")

    assert item == Item(
        guid=f"{home}/books/the-cartographers-aunt",
        links=(Link(href=f"{home}/books/the-cartographers-aunt"),),
        title=text("The Cartographer’s Aunt draws a better map than her nephew"),
        summary=text(
            "Halloran Voss’s second novel gives the blank parts of the map to the woman who coloured them in."
        ),
        content=item.content,
        authors=(Person(name="Cosima Adler-Nwosu", url=f"{home}/critics/cosima"),),
        contributors=(Person(name="Dashiell Quay", url=f"{home}/staff/dashiell"),),
        origin=FeedInfo(
            title=Text(value="Marginalia"),
            links=(Link(href=f"{home}/"), Link(href=f"{home}/feed.json", rel="self")),
            icon=f"{home}/favicon.png",
            rights=Text(value="© 2026 Marginalia and its critics"),
        ),
        cited=(
            Citation(name="The Folded Page", url="https://the-folded-page.example/interviews/voss"),
            Citation(name="A Short History of Blue"),
        ),
        rights=Text(value="© 2026 Cosima Adler-Nwosu, CC BY 4.0"),
        rights_holder="Cosima Adler-Nwosu",
        licences=(cc_by,),
        terms="Full text under CC BY 4.0: name the critic, Marginalia and the licence.",
        images=(
            ImageClaim(
                url=f"{home}/images/cartographers-aunt-plate.jpg",
                type="image/jpeg",
                width=1500,
                height=1125,
                alt="A hand-coloured plate: an island with a small, deliberate bay",
                credits=(Credit(name="Ysolde Brandt", role="illustrator", scheme=f"{home}/roles"),),
                licence=cc_by,
                rights="© 2026 Ysolde Brandt",
            ),
            ImageClaim(
                url=f"{home}/images/cartographers-aunt-cover.jpg",
                type="image/jpeg",
                width=640,
                height=960,
                alt="The cover: a compass rose with one petal missing",
                credits=(Credit(name="Courtesy of Ferrous Books"),),
                rights="© 2026 Ferrous Books",
                terms_url="https://ferrous-books.example/press",
            ),
        ),
        enclosures=(
            Enclosure(
                url=f"{home}/audio/cartographers-aunt.mp3",
                type="audio/mpeg",
                length=2411724,
                title="Cosima Adler-Nwosu reads the first page",
                duration=151,
            ),
        ),
        categories=(Category(term="fiction"), Category(term="maps")),
        subject=Subject(
            name="The Cartographer’s Aunt",
            type="Book",
            year=2026,
            identifiers=("urn:isbn:9780000000019", "urn:isbn:9780000000026"),
            same_as=("https://ferrous-books.example/titles/the-cartographers-aunt",),
        ),
        rating=RatingClaim(value="4.5", best="5", worst="0.5", text="★★★★½"),
        verdict="A novel to read with a pencil in the hand.",
        published="2026-03-09T06:30:00Z",
        updated="2026-03-10T14:00:00Z",
        language="en-GB",
        also=(
            AlsoClaim(
                url="https://shelf-life.example/partners/cartographers-aunt",
                outlet="Shelf Life",
                collected="2026-03-11T07:00:00Z",
            ),
        ),
    )


def test_a_json_feed_item_that_came_from_elsewhere() -> None:
    item = sample("marginalia/feed.json")[1][2]
    assert item.origin is not None
    assert (item.origin.id, item.origin.title) == (
        "https://counterpoint-almanac.example/feed.json",
        Text(value="Counterpoint Almanac"),
    )
    assert item.via == (Link(href="https://paper-round.example/stories/771", rel="via", title="Paper Round"),)
    assert item.licences == (LicenceClaim(text="Creative Commons"),)
    assert item.credits == (Credit(name="Cover image courtesy of Stillwater House"),)
    assert item.content is not None
    assert item.content.type == "text"
