"""One item in, one whole review out; and what we publish read back as the same review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.model import (
    Also,
    AlsoClaim,
    Category,
    Citation,
    Credit,
    Enclosure,
    FeedInfo,
    Item,
    Licence,
    LicenceClaim,
    LicenceState,
    Link,
    Outlet,
    Person,
    Prose,
    Provenance,
    Rating,
    RatingClaim,
    Republish,
    Review,
    Site,
    Source,
    Subject,
    Text,
)
from feedsvc.normalise import Normaliser, entry_for, item_key
from feedsvc.render.credit import credit_line

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SITE = Site(title="Reviews", base_url="http://reviews.example")
STATED, INFERRED, CONFIGURED = Provenance.STATED, Provenance.INFERRED, Provenance.CONFIGURED

DROP = Source(
    name="celebrity-gale",
    kind="folder",
    location="/srv/incoming/celebrity-gale",
    outlet=Outlet(name="Celebrity Gale", url="https://celebrity-gale.example/"),
)
#: A dropped text as the document reader hands it on: no byline, no address, no rating, the file's time for a date.
DROPPED = Item(
    guid="ballerina.txt",
    title=Text(value="Why “Ballerina” Stumbles Over Its Own Shoes: The Spinoff’s Steps Fall Flat"),
    content=Text(
        value="<p>A film that spins and spins—until it is dizzy.</p><p>Coast Weekly calls it “all turns.”</p>",
        type="html",
    ),
    cited=(
        Citation(name="Celebrity Gale"),
        Citation(name="Coast Weekly"),
        Citation(name="The Harbour Gazette"),
    ),
    credits=(Credit(name="Courtesy of Lionsgate"),),
    rights_holder="Lionsgate",
    licences=(LicenceClaim(text="Creative Commons"),),
    published="2026-05-01T06:00:00Z",
    published_inferred=True,
)


def dropped(item: Item = DROPPED) -> Review:
    url = "file:///srv/incoming/celebrity-gale/ballerina.txt"
    return Normaliser(FeedInfo(), source=DROP, document_url=url, site=SITE).review(item, NOW)


def test_a_dropped_text_with_a_headline_and_trailers_is_attributed_as_its_partner_means_it() -> None:
    review = dropped()
    assert review.title == "Why “Ballerina” Stumbles Over Its Own Shoes: The Spinoff’s Steps Fall Flat"
    assert review.subject == Subject(name="Ballerina")
    assert [citation.name for citation in review.cited] == ["Celebrity Gale", "Coast Weekly", "The Harbour Gazette"]
    assert review.rights_holder == "Lionsgate"
    assert review.licence == Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons")
    assert review.outlet == DROP.outlet
    assert review.authors == (Person(name="Celebrity Gale", url="https://celebrity-gale.example/"),)
    assert review.credits == (Credit(name="Courtesy of Lionsgate"),)
    assert (review.url, review.rating, review.updated, review.via) == (None, None, None, None)
    assert review.published == datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
    assert review.provenance == {
        "id": INFERRED,
        "authors": CONFIGURED,
        "outlet": CONFIGURED,
        "rights_holder": STATED,
        "licence": STATED,
        "published": INFERRED,
        "subject": INFERRED,
        "cited": STATED,
    }


def test_its_credit_line_alone_names_holder_and_licence_where_the_reader_did_not() -> None:
    bare = replace(
        DROPPED, rights_holder=None, licences=(), credits=(Credit(name="Courtesy of Lionsgate (Creative Commons)"),)
    )
    review = dropped(bare)
    assert (review.rights_holder, review.provenance["rights_holder"]) == ("Lionsgate", INFERRED)
    assert review.licence == Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons")
    assert review.credits == (Credit(name="Courtesy of Lionsgate (Creative Commons)"),)


def test_its_id_is_minted_once_from_source_and_path_and_its_page_has_the_same_key() -> None:
    review, again = dropped(), dropped(replace(DROPPED, title=Text(value="Another headline")))
    assert review.id == f"tag:reviews.example,2026:celebrity-gale/{review.key}"
    assert review.id_generated
    assert (review.id, review.key) == (again.id, again.key)
    assert len(review.key) == 16


LANTERN = Source(name="lantern", kind="feed", location="https://lantern.example/feed", category="Film", language="en")
FEED = FeedInfo(title=Text(value="Night Lantern"), links=(Link(href="https://lantern.example/"),), language="en_gb")
RICH = Item(
    guid="tag:lantern.example,2026:1",
    links=(Link(href="/1"),),
    title=Text(value="Salt &amp; <i>Sea</i>", type="html"),
    summary=Text(value="Two sisters, one road."),
    content=Text(value='<p>It <a href="sea">starts</a> with salt.</p><script>x</script>', type="html"),
    authors=(Person(name="Ines Okafor-Lind", url="/critics/ines"),),
    enclosures=(
        Enclosure(url="/a.mp3", type="Audio/MPEG", length=5, title="Read &amp; aloud", duration=9),
        Enclosure(url="/a.mp3"),
        Enclosure(url="/a.png", type="image/png"),
        Enclosure(url="ftp://x.example/a"),
    ),
    categories=(
        Category(term="Drama, Sea", label=None),
        Category(term="drama"),
        Category(term="d-c", label="Drama, Comedy", scheme="https://x.example/g"),
        Category(term="Movie", scheme="http://schema.org/itemReviewed"),
    ),
    rating=RatingClaim(text="7/10"),
    verdict="A slow &amp; salty burn",
    published="Fri, 01 May 2026 10:15:00 +0200",
    updated="2026-04-30T00:00:00Z",
    also=(
        AlsoClaim(url="https://coast.example/1", outlet="Coast", collected="2026-05-02"),
        AlsoClaim(url="https://www.lantern.example/1/"),
        AlsoClaim(url="mailto:x@y.example"),
    ),
)


def rich(item: Item = RICH, feed: FeedInfo = FEED, source: Source = LANTERN) -> Review:
    return Normaliser(feed, source=source, document_url=source.location, site=SITE).review(item, NOW)


def test_every_field_of_an_item_becomes_what_we_promise_of_it() -> None:
    review = rich()
    assert (review.id, review.id_generated, review.url) == (RICH.guid, False, "https://lantern.example/1")
    assert review.title == "Salt & Sea"
    assert review.summary == Prose(html="<p>Two sisters, one road.</p>", text="Two sisters, one road.")
    assert review.content == Prose(
        html='<p>It <a href="https://lantern.example/sea" rel="noopener nofollow ugc">starts</a> with salt.</p>',
        text="It starts with salt.",
    )
    assert review.excerpt == Prose(html="<p>Two sisters, one road.</p>", text="Two sisters, one road.")
    assert review.authors == (Person(name="Ines Okafor-Lind"),)
    assert review.enclosures == (
        Enclosure(url="https://lantern.example/a.mp3", type="audio/mpeg", length=5, title="Read & aloud", duration=9),
    )
    assert [image.url for image in review.images] == ["https://lantern.example/a.png"]
    assert review.categories == (
        Category(term="Drama"),
        Category(term="Sea"),
        Category(term="Drama", scheme="https://x.example/g"),
        Category(term="Comedy", scheme="https://x.example/g"),
        Category(term="Film"),
    )
    assert review.rating == Rating(text="7/10", value=7, best=10, percent=70)
    assert review.verdict == "A slow & salty burn"
    assert review.published == datetime(2026, 5, 1, 8, 15, tzinfo=UTC)
    assert review.updated == datetime(2026, 4, 30, tzinfo=UTC)
    assert (review.collected, review.revised) == (NOW, NOW)
    assert review.language == "en-GB"
    assert review.also == (
        Also(url="https://coast.example/1", outlet="Coast", collected=datetime(2026, 5, 2, tzinfo=UTC)),
    )
    assert review.republish is Republish.AUTO
    assert review.provenance == {
        "id": STATED,
        "authors": STATED,
        "outlet": Provenance.INHERITED,
        "published": STATED,
        "rating": STATED,
        "language": Provenance.INHERITED,
    }


def test_a_missing_or_senseless_date_stays_missing() -> None:
    for published in (None, "", "soon", "0000-00-00 00:00:00"):
        review = rich(replace(RICH, published=published, updated=None))
        assert (review.published, review.updated) == (None, None)
        assert "published" not in review.provenance
        assert review.collected == NOW


def test_a_date_in_the_future_is_kept_and_never_pins_the_review_on_top() -> None:
    review = rich(replace(RICH, published="2031-01-01"))
    assert review.published == datetime(2031, 1, 1, tzinfo=UTC)
    assert review.position == NOW


def test_the_language_is_the_items_else_its_texts_else_its_pages_else_the_feeds_else_the_operators() -> None:
    german = Text(value="Es faltet", language="de-at")
    silent = replace(FEED, language=None)
    found = [
        rich(replace(RICH, language="fr", content=german)),
        rich(replace(RICH, content=german)),
        rich(replace(RICH, links=(Link(href="https://outlet.example/1", hreflang="DE"),))),
        rich(),
        rich(feed=silent),
        rich(feed=silent, source=replace(LANTERN, language="klingon")),
    ]
    assert [(each.language, each.provenance.get("language")) for each in found] == [
        ("fr", STATED),
        ("de-AT", STATED),
        ("de", STATED),
        ("en-GB", Provenance.INHERITED),
        ("en", CONFIGURED),
        (None, None),
    ]


def test_a_review_without_a_headline_goes_by_its_first_words() -> None:
    words = "It starts with salt, and it goes on with salt for a very long time indeed, until the sea."
    untitled = replace(RICH, title=Text(value=" \n"), content=Text(value=words), summary=None)
    review = rich(untitled)
    assert review.title == "It starts with salt, and it goes on with salt for a very long time indeed…"
    assert review.provenance["title"] is INFERRED
    nothing = rich(replace(untitled, content=None))
    assert nothing.title == "Untitled review in Night Lantern"
    assert rich(replace(untitled, content=None, subject=Subject(name="Salt"))).title == "Salt"


def test_a_title_is_text_of_at_most_ten_thousand_characters() -> None:
    assert rich(replace(RICH, title=Text(value="x" * 20_000))).title == "x" * 10_000
    assert rich(replace(RICH, title=Text(value="a\x0b\n b\ufffe"))).title == "a b"


def test_a_summary_that_repeats_the_content_is_dropped_and_a_cut_one_makes_no_excerpt() -> None:
    long = "The sea takes the road. " * 20
    content = Text(value=f"<p>{long}</p>", type="html")
    repeated = rich(replace(RICH, content=content, summary=Text(value=long.strip())))
    cut = rich(replace(RICH, content=content, summary=Text(value="The sea takes the road. The sea […]")))
    titled = rich(replace(RICH, content=content, summary=RICH.title))
    assert repeated.summary is None
    for review in (repeated, cut, titled):
        assert review.excerpt is not None
        assert review.excerpt.text == ("The sea takes the road. " * 8).strip() + " …"


def test_an_item_with_only_a_summary_keeps_it_as_one() -> None:
    review = rich(replace(RICH, content=None))
    assert (review.content, review.summary and review.summary.text) == (None, "Two sisters, one road.")


def test_relative_addresses_start_from_the_page_and_a_documents_own_folder_never_shows() -> None:
    text = Text(value='<a href="x">a</a><img src="y.png">', type="html")
    review = dropped(replace(DROPPED, content=text))
    assert review.content == Prose(html='<a rel="noopener nofollow ugc">a</a>', text="a")
    assert review.images == ()


def test_the_key_depends_on_the_source_so_that_nobody_can_take_anothers_page() -> None:
    thief = replace(LANTERN, name="thief")
    other = Normaliser(FEED, source=thief, document_url="https://t.example/", site=SITE).review(RICH, NOW)
    assert other.key != rich().key
    assert item_key(RICH) == RICH.guid


def test_what_we_publish_comes_back_as_the_same_text_without_our_line() -> None:
    licence = (LicenceClaim(text="CC BY-SA 4.0"),)
    html = (
        "<h2>Salt</h2><p>It <b>starts</b> &amp; ends.</p><ul><li>one</li></ul>"
        '<figure><img src="/still.jpg" alt="A road"><figcaption>Photo: Pia Noor</figcaption></figure>'
    )
    review = rich(replace(RICH, content=Text(value=html, type="html"), licences=licence))
    entry = entry_for(review, commercial=True)
    line = credit_line(entry, SITE)
    assert entry.review.content is not None
    published = entry.review.content.html + line.html
    again = rich(replace(RICH, content=Text(value=published, type="html"), licences=licence))
    assert again.content == replace(entry.review.content, text=again.content.text if again.content else "")
    assert again.content is not None
    assert "First published by" not in again.content.text
    plain = rich(replace(RICH, content=Text(value=f"{review.content.text if review.content else ''}\n\n{line.text}")))
    assert plain.content is not None
    assert "First published by" not in plain.content.text


def test_a_future_look_changes_only_the_times() -> None:
    later = Normaliser(FEED, source=LANTERN, document_url=LANTERN.location, site=SITE).review(
        RICH, NOW + timedelta(days=1)
    )
    assert replace(later, collected=NOW, revised=NOW) == rich()


_WILD = st.one_of(
    st.none(), st.text(max_size=40), st.sampled_from(["javascript:x", "<script>x</script>", "\x0b", "©", "\ud800"])
)


@settings(max_examples=200, deadline=None)
@given(_WILD, _WILD, _WILD, _WILD, _WILD)
def test_no_item_however_wild_breaks_us_or_lets_forbidden_characters_through(
    guid: str | None, title: str | None, words: str | None, link: str | None, date: str | None
) -> None:
    item = Item(
        guid=guid,
        links=(Link(href=link or ""),),
        title=Text(value=title or "", type="unsure"),
        summary=Text(value=words or "", type="unsure"),
        content=Text(value=f"<p title='{words}'>{words}</p>", type="html"),
        authors=(Person(name=words or "", url=link),),
        via=(Link(href=link or "", rel="via", title=title),),
        cited=(Citation(name=words, url=link),),
        rights=Text(value=words or ""),
        licences=(LicenceClaim(url=link, text=words),),
        credits=(Credit(name=words or "", role=title),),
        enclosures=(Enclosure(url=link or "", title=title),),
        categories=(Category(term=words or "", label=title),),
        subject=Subject(name=title or "", identifiers=(words or "",), same_as=(link or "",)),
        rating=RatingClaim(value=words, text=title),
        verdict=words,
        published=date,
        updated=words,
        language=words,
    )  # fmt: skip
    review = rich(item)
    assert review.title
    assert review.authors
    for name, value in _strings(asdict(review)):
        etree.Element("any").text = value  # lxml refuses what XML 1.0 does
        if name in {"url", "feed_url", "icon", "terms_url", "same_as"}:
            assert value.startswith(("http://", "https://"))
        if name == "html":
            assert "<script" not in value
            assert "javascript:" not in value.replace("&gt;", "").split(">")[0]


def _strings(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a value of plain dicts and sequences, with the name of the field it stands in."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, key)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _strings(inner, name)
