"""Reviews written by hand that several tests draw, store and serve: one with every field, one with almost none."""

from __future__ import annotations

from datetime import UTC, datetime

from feedsvc.model import (
    Also,
    Category,
    Citation,
    Credit,
    Enclosure,
    Feed,
    Image,
    Licence,
    LicenceState,
    Outlet,
    Person,
    Prose,
    Provenance,
    Rating,
    Republish,
    Review,
    Site,
    Subject,
)

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SITE = Site(title="Reviews", base_url="http://reviews.example", description="Every review, with its credits")
FEED = Feed(name="reviews", title="All reviews", description="Everything we collect", commercial=False)

CC_BY = Licence(
    state=LicenceState.IDENTIFIED,
    name="CC BY 4.0",
    url="https://creativecommons.org/licenses/by/4.0/",
    spdx="CC-BY-4.0",
)
CC_BY_SA = Licence(
    state=LicenceState.IDENTIFIED,
    name="CC BY-SA 4.0",
    url="https://creativecommons.org/licenses/by-sa/4.0/",
    spdx="CC-BY-SA-4.0",
)

FULL = Review(
    key="fullreview000001",
    source="night-lantern",
    id="tag:night-lantern.example,2026:reviews/the-salt-road",
    url="https://night-lantern.example/reviews/the-salt-road",
    title="The Salt Road & other ghosts – “a slow burn”",
    summary=Prose(html="<p>Two sisters, one <em>road</em>.</p>", text="Two sisters, one road."),
    content=Prose(
        html='<p>It starts with salt &amp; ends with <a href="https://night-lantern.example/sea">sea</a>.</p>'
        '<p><img src="https://night-lantern.example/i/still.jpg" alt="A road of salt"></p>',
        text="It starts with salt & ends with sea.",
    ),
    excerpt=Prose(html="<p>It starts with salt &amp; ends with sea.</p>", text="It starts with salt & ends with sea."),
    authors=(
        Person(name="Ines Okafor-Lind", url="https://night-lantern.example/critics/ines"),
        Person(name="Tomás Reyes"),
    ),
    contributors=(Person(name="Marta Ivory", url="https://night-lantern.example/staff/marta"),),
    outlet=Outlet(
        name="Night Lantern",
        url="https://night-lantern.example/",
        feed_url="https://night-lantern.example/feed.atom",
        feed_id="tag:night-lantern.example,2026:feed",
        feed_updated=datetime(2026, 5, 3, 9, 30, tzinfo=UTC),
        icon="https://night-lantern.example/icon.png",
        rights="© 2026 Night Lantern",
    ),
    via=Outlet(
        name="Partner Wire", url="https://wire.example/", feed_url="https://wire.example/all.atom", feed_id="urn:wire"
    ),
    cited=(
        Citation(name="Harbour Gazette", url="https://harbour-gazette.example/salt-road"),
        Citation(name="The Evening Ledger"),
        Citation(name="Coast Weekly", inferred=True),
    ),
    rights="Text © 2026 Ines Okafor-Lind & Tomás Reyes",
    rights_holder="Lantern Press",
    licence=CC_BY_SA,
    images=(
        Image(
            url="https://night-lantern.example/i/still.jpg",
            type="image/jpeg",
            width=1200,
            height=800,
            length=48213,
            alt="A road of salt",
            credits=(Credit(name="Pia Noor", role="photographer", scheme="urn:ebu"),),
            licence=CC_BY,
            rights="© Pia Noor",
            terms_url="https://night-lantern.example/image-terms",
        ),
        Image(
            url="https://night-lantern.example/i/poster.png",
            type="image/png",
            credits=(Credit(name="Courtesy of Saltworks Pictures"),),
        ),
    ),
    credits=(Credit(name="Stills courtesy of Saltworks Pictures"),),
    enclosures=(
        Enclosure(
            url="https://night-lantern.example/a/salt-road.mp3",
            type="audio/mpeg",
            length=912345,
            title="The review, read aloud",
            duration=384,
        ),
    ),
    categories=(Category(term="drama", scheme="https://night-lantern.example/genres", label="Drama"),),
    subject=Subject(
        name="The Salt Road",
        type="Movie",
        year=2025,
        identifiers=("imdb:tt0000001",),
        same_as=("https://www.imdb.com/title/tt0000001/",),
    ),
    rating=Rating(text="★★★½", value=3.5, best=5.0, worst=0.5, percent=70.0),
    verdict="A slow burn that earns its fire.",
    published=datetime(2026, 5, 1, 8, 15, tzinfo=UTC),
    updated=datetime(2026, 5, 2, 10, 0, tzinfo=UTC),
    collected=datetime(2026, 5, 3, 7, 45, tzinfo=UTC),
    revised=datetime(2026, 5, 3, 7, 45, tzinfo=UTC),
    language="en-GB",
    also=(
        Also(
            url="https://harbour-gazette.example/syndicated/salt-road",
            outlet="Harbour Gazette",
            collected=datetime(2026, 5, 3, 8, 0, tzinfo=UTC),
        ),
    ),
    provenance={
        "authors": Provenance.STATED,
        "outlet": Provenance.STATED,
        "licence": Provenance.STATED,
        "rights": Provenance.INHERITED,
        "published": Provenance.STATED,
    },
)

#: A dropped text with nothing but a headline, a text and a configured outlet.
BARE = Review(
    key="barereview000002",
    source="celebrity-storm",
    id="tag:reviews.example,2026:celebrity-storm/barereview000002",
    id_generated=True,
    title="Why “Paper Moons” <folds>",
    content=Prose(html="<p>" + "It folds. " * 60 + "</p>", text="It folds. " * 59 + "It folds."),
    excerpt=Prose(html="<p>It folds. It folds. It folds. …</p>", text="It folds. It folds. It folds. …"),
    authors=(Person(name="Celebrity Storm", url="https://celebrity-storm.example/"),),
    outlet=Outlet(name="Celebrity Storm", url="https://celebrity-storm.example/"),
    collected=datetime(2026, 5, 3, 7, 45, 0, 1, tzinfo=UTC),
    revised=datetime(2026, 5, 3, 7, 45, 0, 1, tzinfo=UTC),
    republish=Republish.AUTO,
    provenance={"authors": Provenance.CONFIGURED, "outlet": Provenance.CONFIGURED},
)
