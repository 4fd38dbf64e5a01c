"""Every kind of page for people, with full, scarce and extreme content, drawn from samples written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from feedsvc.model import (
    Completeness,
    Credit,
    Entry,
    Image,
    Lacking,
    Licence,
    Mark,
    Outlet,
    Person,
    Place,
    Prose,
    Quarantined,
    Rating,
    Source,
    SourceState,
    Subject,
    Terms,
)
from feedsvc.render.listing import Browse, Chosen, FeedCard, Filter, FilterGroup, Others, OutletRow, Paging, SearchForm
from feedsvc.render.pages import (
    LintRow,
    SourceRow,
    archive_page,
    credits_page,
    error_page,
    feed_page,
    home_page,
    lint_page,
    outlet_page,
    outlets_page,
    review_page,
    search_page,
    sources_page,
    subject_page,
)
from tests.render_entries import document
from tests.samples import BARE, CC_BY, FEED, FULL, NOW, SITE

STILL = "https://night-lantern.example/i/still.jpg"
POSTER = "https://night-lantern.example/i/poster.png"
WHOLE = Entry(
    review=FULL,
    terms=Terms(
        show="full",
        statement="Full text under CC BY-SA 4.0: name the critics, the outlet and the licence.",
        reason="the licence allows it",
        url="https://creativecommons.org/licenses/by-sa/4.0/",
    ),
    embeddable=frozenset({STILL}),
)
EXCERPT = Entry(
    review=replace(BARE, content=None),
    terms=Terms(show="excerpt", statement="Excerpt only; all rights with the outlet.", reason="nothing is stated"),
)
LINK = Entry(
    review=replace(FULL, content=None, summary=None, excerpt=None, verdict=None, rating=None, images=()),
    terms=Terms(show="link", statement="Title and credits only.", reason="by contract"),
)
GOOD = SourceState(
    name="night-lantern",
    next_check=NOW + timedelta(minutes=30),
    interval=1800,
    last_checked=NOW,
    last_success=NOW,
    last_new=NOW - timedelta(hours=2),
    reviews=12,
    feed_title="Night Lantern",
    feed_home="https://night-lantern.example/",
)
FEED_SOURCE = Source(name="night-lantern", kind="feed", location="https://night-lantern.example/feed.atom")
FOLDER_SOURCE = Source(
    name="celebrity-storm",
    kind="folder",
    location="/srv/room/incoming/celebrity-storm",
    outlet=Outlet(name="Celebrity Storm", url="https://celebrity-storm.example/"),
    licence="CC-BY-4.0",
)
REFUSED = Quarantined(
    source="celebrity-storm",
    place="poster.psd",
    reason="/srv/room/incoming/celebrity-storm/poster.psd: is no text; save the review as a text file",
    seen=NOW,
)
LINT = [
    LintRow(
        name="celebrity-storm",
        title="Celebrity Storm",
        found=Completeness(
            reviews=3,
            whole=1,
            present=dict.fromkeys(Mark, 2),
            worst=(Lacking(key=BARE.key, title=BARE.title, url=None, missing=(Mark.CRITIC, Mark.DATE)),),
        ),
        advice=('1 of 3 reviews names no critic. Please sign it with “By: NAME”, or <meta name="author">.',),
    )
]

#: A work that many wrote about, each with a scale of their own.
BALLERINA = Subject(name="Ballerina", type="Movie", year=2025, same_as=("https://works.example/ballerina",))


def voice(number: int, rating: Rating | None, critic: str, outlet: str, said: str) -> Entry:
    """One critic's review of Ballerina."""
    review = replace(
        FULL,
        key=f"voice{number:011}",
        id=f"tag:voices.example,2026:{number}",
        url=f"https://voices.example/{number}",
        title=f"“Ballerina”, {said.split('.')[0].lower()}",
        authors=(Person(name=critic),),
        outlet=Outlet(name=outlet, url="https://voices.example/"),
        subject=BALLERINA,
        rating=rating,
        verdict=said,
        images=(),
        published=NOW - timedelta(days=number, hours=3),
        language="en",
    )
    return replace(WHOLE, review=review)


VOICES = (
    voice(1, Rating(text="★★★½", value=3.5, best=5.0, worst=0.5, percent=70.0), "Ana Vela", "Night Lantern", "A lift."),
    voice(2, Rating(text="7/10", value=7, best=10, percent=70.0), "Bo Lind", "Pixel Ledger", "All pose, much poise."),
    voice(3, Rating(text="B+"), "Cleo Marsh", "The Evening Ledger", "She spins; the plot stands still."),
    voice(4, Rating(text="85%", value=85, best=100, percent=85.0), "Dov Ash", "Tide Table", "Hard steps, soft heart."),
    voice(5, Rating(text="2 out of 5 stars", value=2, best=5, percent=40.0), "Eli Roe", "Corner Screen", "It limps."),
    voice(6, None, "Fay Orr", "Celebrity Storm", "There is no third act."),
    voice(7, Rating(text="Recommended"), "Gil Amato", "Harbour Gazette", "Worth the ticket for the duel alone."),
    voice(8, Rating(text="4.25/6", value=4.25, best=6, percent=70.83), "Hana Ito", "Coast Weekly", "A fine machine."),
    voice(9, Rating(text="★★★★", value=4), "Ivo Kern", "Marginalia", "Four for the fight in the ice house."),
)
PICTURED = replace(
    VOICES[1],
    review=replace(
        VOICES[1].review,
        key="pictured00000001",
        images=(
            Image(
                url="https://voices.example/wide.jpg",
                width=4000,
                height=1600,
                alt="A dancer in the snow, before a burning house",
                credits=(Credit(name="Pia Noor", role="photographer"),),
                licence=CC_BY,
            ),
        ),
    ),
    embeddable=frozenset({"https://voices.example/wide.jpg"}),
)
#: Nothing in it can be broken at a space.
LONG = replace(
    EXCERPT,
    review=replace(
        BARE,
        key="longwords0000001",
        title="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2,
        url="https://celebrity-storm.example/" + "unbroken" * 20,
        outlet=Outlet(name="Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz" * 2),
        authors=(Person(name="W" * 120),),
        rating=Rating(text="★" * 60),
        content=None,
        excerpt=Prose(html="<p>" + "x" * 198 + "</p>", text="x" * 198),
        subject=Subject(name="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 3, type="TVSeries"),
        language="de",
    ),
)
TYPES = (("movie", "Movie"), ("tvseries", "TVSeries"), ("book", "Book"))
GROUPS = (
    FilterGroup(
        kind="outlet",
        filters=(
            Filter(label="Night Lantern", path="/feeds/reviews?q=salt", count=12, active=True),
            Filter(label="Celebrity Storm", path="/feeds/reviews?outlet=celebrity-storm&q=salt", count=1),
            Filter(label="W" * 90, path="/feeds/reviews?outlet=w&q=salt", count=1204),
        ),
        unlisted=7,
    ),
    FilterGroup(kind="critic", filters=(Filter(label="Ines Okafor-Lind", path="/feeds/reviews?critic=i", count=8),)),
    FilterGroup(kind="type", filters=(Filter(label="Movie", path="/feeds/reviews?type=movie", count=9),)),
    FilterGroup(kind="language", filters=(Filter(label="en-GB", path="/feeds/reviews?lang=en-gb", count=9),)),
    FilterGroup(kind="category", filters=()),
)
CHOSEN = (
    Chosen(kind="outlet", label="Night Lantern", path="/feeds/reviews?q=salt"),
    Chosen(kind="q", label="salt", path="/feeds/reviews?outlet=night-lantern"),
    Chosen(kind="min_rating", label="60", path="/feeds/reviews?outlet=night-lantern&q=salt"),
)
#: A feed with nothing chosen, one page of three.
PLAIN = Browse(
    form=SearchForm(action="/feeds/reviews", types=TYPES),
    total=47,
    groups=GROUPS[1:],
    plain="/feeds/reviews",
    older="/feeds/reviews?page=2",
    archive="/feeds/reviews/archive",
)
#: The same feed narrowed three times, on its second page.
NARROWED = Browse(
    form=SearchForm(
        action="/feeds/reviews",
        words="salt",
        min_rating=60,
        types=TYPES,
        type="movie",
        kept=(("outlet", "night-lantern"),),
    ),
    total=33,
    first=21,
    groups=GROUPS,
    chosen=CHOSEN,
    plain="/feeds/reviews",
    newer="/feeds/reviews?outlet=night-lantern&q=salt",
    older="/feeds/reviews?outlet=night-lantern&q=salt&page=3",
    subscribe=Place("/feeds/reviews", "outlet=night-lantern&q=salt"),
)
ASKED = SearchForm(action="/search", words="salt road", types=TYPES)
FOUND = Browse(
    form=ASKED,
    total=2,
    groups=GROUPS[1:],
    chosen=(Chosen(kind="q", label="salt road", path="/search"),),
    plain="/search",
)
NIGHT_LANTERN = OutletRow(
    name="Night Lantern",
    path="/outlets/night-lantern",
    reviews=12,
    latest=NOW,
    home="https://night-lantern.example/",
    licences=("CC BY-SA 4.0", "All rights with the outlet unless stated"),
)
ROWS = [
    NIGHT_LANTERN,
    OutletRow(name="W" * 100, path="/outlets/w", reviews=1, licences=tuple("ABCDE")),
    OutletRow(name="夜のランタン", path="/outlets/夜のランタン", reviews=3),
]


def every_page() -> dict[str, bytes]:
    """One of each kind, with full and with scarce content."""
    rows = [SourceRow(source=FEED_SOURCE, state=GOOD), SourceRow(source=FOLDER_SOURCE)]
    view = replace(document(FEED, [WHOLE, PICTURED, *VOICES, LONG]), place=Place("/feeds/reviews", "q=salt&page=2"))
    everything = [WHOLE, EXCERPT, LINK, PICTURED, *VOICES, LONG]
    licence = Licence(name="All rights reserved")
    reserved = replace(EXCERPT, review=replace(EXCERPT.review, key="reserved00000001", licence=licence))
    return {
        "home": home_page(SITE, [FeedCard(feed=FEED, count=2, latest=NOW)], [WHOLE, EXCERPT]),
        "empty home": home_page(SITE, [], []),
        "feed": feed_page(SITE, document(FEED, [WHOLE, EXCERPT, LINK]), PLAIN),
        "feed alone": feed_page(SITE, document(FEED, [WHOLE, EXCERPT, LINK])),
        "empty feed": feed_page(SITE, document(replace(FEED, commercial=True, description="", language="de"), [])),
        "narrowed feed": feed_page(SITE, view, NARROWED),
        "nothing left of a feed": feed_page(SITE, replace(view, entries=()), replace(NARROWED, total=0)),
        "full review": review_page(SITE, WHOLE, [FEED], 2, Others(entries=(VOICES[0], VOICES[5], LONG), total=9)),
        "excerpt": review_page(SITE, EXCERPT, [FEED], 0),
        "link": review_page(SITE, LINK, [], 1),
        "long words": review_page(SITE, LONG, [FEED], 0),
        "subject": subject_page(SITE, "/subjects/ballerina", BALLERINA, VOICES, VOICES, Paging(total=9)),
        "subject without spread": subject_page(
            SITE, "/subjects/the-salt-road", Subject(name="The Salt Road"), [WHOLE], [WHOLE], Paging(total=1)
        ),
        "outlets": outlets_page(SITE, "/outlets", ROWS, Paging(total=63, older="/outlets?page=2")),
        "no outlets": outlets_page(SITE, "/outlets", [], Paging(total=0)),
        "outlet": outlet_page(
            SITE,
            "/outlets/night-lantern",
            NIGHT_LANTERN,
            [WHOLE, LINK],
            [(FEED, Place("/feeds/reviews", "outlet=night-lantern"))],
            Paging(total=42, first=21, newer="/outlets/night-lantern", older="/outlets/night-lantern?page=3"),
        ),
        "bare outlet": outlet_page(
            SITE, "/outlets/x", OutletRow(name="X", path="/outlets/x", reviews=1), [EXCERPT], [], Paging(total=1)
        ),
        "search": search_page(SITE, "/search", Browse(form=SearchForm(action="/search"), total=0, groups=GROUPS), []),
        "found": search_page(SITE, "/search?q=salt+road", FOUND, [WHOLE, reserved]),
        "nothing found": search_page(SITE, "/search?q=salt+road", replace(FOUND, total=0, groups=()), []),
        "sources": sources_page(SITE, rows, [REFUSED], NOW),
        "no sources": sources_page(SITE, [], [], NOW),
        "lint": lint_page(SITE, LINT, [LintRow(name="reviews", title="All reviews", found=LINT[0].found)]),
        "no lint": lint_page(SITE, [], []),
        "credits": credits_page(SITE, FEED, everything, NOW),
        "archive": archive_page(SITE, FEED, ["2026-04-2", "2026-04-1", "2026-03-1"]),
        "no credits": credits_page(SITE, FEED, [], NOW),
        "error": error_page(SITE, 404, "Nothing stands here", "The address may be mistyped."),
    }


PAGES = every_page()
