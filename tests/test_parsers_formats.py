"""Every format of feed, from a hand-written document each to the values that it states."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    Parsed,
    Person,
    Rhythm,
    Text,
)
from feedsvc.parsers.feed import read_feed

DATA = Path(__file__).parent / "data" / "feeds"
URL = "https://outlet.example/feeds/all"


def read(name: str, url: str = URL) -> Parsed:
    return read_feed(Fetched(url=url, body=(DATA / name).read_bytes()))


def rss(inner: str, namespaces: str = "") -> Parsed:
    text = f'<rss version="2.0" {namespaces}><channel><title>T</title>{inner}</channel></rss>'
    return read_feed(Fetched(url=URL, body=text.encode()))


def unsure(value: str, base: str = URL) -> Text:
    return Text(value=value, type="unsure", base=base)


def test_rss_090_has_its_items_beside_the_channel() -> None:
    parsed = read("rss090.rdf")
    assert parsed.feed.title == unsure("Gazebo Review")
    assert [item.links for item in parsed.items] == [
        (Link(href="https://gazebo-review.example/tempest"),),
        (Link(href="https://gazebo-review.example/hamlet"),),
    ]
    assert parsed.items[0].title == unsure("A wet Tempest, gladly")


def test_rss_091_with_its_document_type_and_html_entities() -> None:
    parsed = read("rss091.xml")
    assert parsed.reader == "lxml"
    assert parsed.feed == FeedInfo(
        title=unsure("Café Critique"),
        subtitle=Text(value="Small plates, large opinions", type="html", base=URL),
        links=(Link(href="https://cafe-critique.example/"),),
        logo="https://cafe-critique.example/tasse.gif",
        language="fr",
        contributors=(Person(name="chef@cafe-critique.example (Odile Marchetti)"),),
        rights=unsure("© 2001 Café Critique"),
        updated="Sat, 06 Oct 2001 08:00:00 GMT",
        rhythm=Rhythm(skip_hours=(1, 0), skip_days=("Saturday", "Sunday")),
    )
    assert parsed.items[0].title == unsure("Le Zinc d'Or\u00a0: tout est dans la sauce")
    assert parsed.items[0].summary == Text(value="Une sauce, et quelle sauce &amp; quel plat", type="html", base=URL)


@pytest.mark.parametrize(
    ("name", "title"), [("rss092.xml", "Vinyl Attic"), ("rss093.xml", "Vinyl Cellar"), ("rss094.xml", "Vinyl Landing")]
)
def test_rss_092_to_094_have_sources_domains_and_enclosures(name: str, title: str) -> None:
    parsed = read(name)
    assert parsed.feed.title == unsure(title)
    first = parsed.items[0]
    assert first.title is None
    assert first.origin == FeedInfo(
        title=unsure("Crate Diggers"), links=(Link(href="https://crate-diggers.example/rss.xml", rel="self"),)
    )
    assert first.categories == (Category(term="waltz", scheme="https://vinyl-attic.example/shelves"),)
    assert first.enclosures == (
        Enclosure(url="https://vinyl-attic.example/lantern.mp3", type="audio/mpeg", length=12216320),
    )


def test_rss_10_keeps_every_creator_subject_and_licence() -> None:
    parsed = read("rss10.rdf")
    assert parsed.feed.id == "https://fieldglass.example/rss"
    assert parsed.feed.rhythm == Rhythm(period=302400.0)
    assert parsed.feed.licences == (LicenceClaim(url="https://creativecommons.org/licenses/by/2.0/"),)
    assert parsed.items == (
        Item(
            guid="https://fieldglass.example/blue-rooms",
            links=(Link(href="https://fieldglass.example/blue-rooms"),),
            title=unsure("Blue Rooms, and the people who sat in them"),
            summary=Text(value="Nine rooms, nine blues, one very good bench.", type="html", base=URL),
            content=Text(value="<p>Nine rooms, nine blues &amp; one very good bench.</p>", type="html", base=URL),
            authors=(Person(name="Niamh Corrigan-Osei"), Person(name="Pádraig Lumley")),
            contributors=(Person(name="Una Vale"),),
            licences=(
                LicenceClaim(url="https://creativecommons.org/licenses/by-sa/2.0/"),
                LicenceClaim(url="https://creativecommons.org/licenses/by-nc/2.0/"),
            ),
            categories=(Category(term="painting"), Category(term="colour")),
            published="2004-06-01T09:30:00+01:00",
            updated="2004-06-02T10:00:00+01:00",
        ),
    )


def test_atom_03_with_its_modes_and_without_e_mail_addresses() -> None:
    parsed = read("atom03.xml")
    assert parsed.feed.title == Text(value="Second <i>Row</i>", type="html", base=URL, language="en")
    assert parsed.feed.authors == (Person(name="Second Row", url="https://second-row.example/about"),)
    assert parsed.feed.rights == Text(value="Copyright 2004 Second Row", base=URL, language="en")
    first, second = parsed.items
    assert first.authors == (Person(name="Dagny Holm"),)
    assert (first.published, first.updated) == ("2004-03-10T19:00:00Z", "2004-03-11T20:15:00Z")
    assert first.summary == Text(value="A farce about waiting, worth the wait.", base=URL, language="en")
    assert first.content == Text(
        value="<p>A farce about waiting &amp; worth the wait.</p>", type="html", base=URL, language="en"
    )
    assert second.content == Text(value="<p>It <em>falls</em>.</p>", type="html", base=URL, language="en")


def test_atom_10_resolves_every_address_against_the_base_in_scope() -> None:
    parsed = read("atom10-bases.xml")
    base = "https://halfmoon.example/reviews/"
    assert parsed.feed.title == Text(value="Half Moon <reviews>", base=base, language="en")
    assert parsed.feed.icon == "https://halfmoon.example/moon.ico"
    assert parsed.feed.links == (
        Link(href=base),
        Link(href=base + "all.atom", rel="self"),
        Link(href="https://hub.example/", rel="hub"),
        Link(href=base + "2024.atom", rel="next-archive"),
    )
    first, second, third = parsed.items
    assert first.language == "fr"
    assert first.links == (Link(href=base + "2025/ombres.html"),)
    assert first.authors == (Person(name="Solène Aubry", url=base + "critics/aubry"),)
    assert first.title == Text(value="Les <em>Ombres</em>", type="html", base=base + "2025/", language="fr")
    assert first.content == Text(
        value='<p>Voir <a href="a.html">ici</a>\u00a0: <br>fin &lt; début.</p>',
        type="html",
        base=base + "2025/img/",
        language="fr",
    )
    assert second.title == Text(value="Rain &amp; <b>Shine</b>", type="html", base=base, language="en")
    assert second.summary == Text(value="Wet <but> bright", base=base, language="en")
    assert second.links == (Link(href=base + "2025/rain.html", type="text/html"),)
    assert third.images == (ImageClaim(url=base + "img/poster.png", type="image/png"),)


def test_cdf_is_read() -> None:
    parsed = read("channel.cdf")
    assert (parsed.reader, parsed.problems) == ("feedparser", ())
    assert parsed.feed.title == unsure("Clockwork Reel")
    assert [item.links[0].href for item in parsed.items] == [
        "https://clockwork-reel.example/lamplighter",
        "https://clockwork-reel.example/omnibus",
    ]
    assert parsed.items[0].summary == Text(value="Four reels and not one wasted wick.", type="html", base=URL)


def test_json_feed_1_with_values_of_wrong_types() -> None:
    parsed = read("jsonfeed1.json")
    assert parsed.reader == "json"
    assert parsed.feed == FeedInfo(
        id="https://thimble.example/feed.json",
        title=Text(value="Thimble"),
        links=(
            Link(href="https://thimble.example/"),
            Link(href="https://thimble.example/feed.json", rel="self"),
            Link(href="https://thimble.example/feed-2.json", rel="next"),
            Link(href="https://hub.example/", rel="hub"),
        ),
        authors=(Person(name="Thimble", url="https://thimble.example/about"),),
    )
    assert parsed.items == (
        Item(
            guid="17",
            links=(
                Link(href="https://outlet.example/reviews/17"),
                Link(href="https://spool-film.example/", rel="related"),
            ),
            content=Text(value="A short film about thread.\nIt holds."),
            authors=(Person(name="Wilf Darrow"),),
            images=(
                ImageClaim(url="https://thimble.example/17.jpg"),
                ImageClaim(url="https://thimble.example/17.png", type="image/png", length=900),
            ),
            enclosures=(Enclosure(url="https://thimble.example/17.pdf", type="application/pdf", title="Programme"),),
            categories=(Category(term="film"), Category(term="thread")),
            published="2018-05-01T00:00:00Z",
        ),
        Item(title=Text(value="5")),
    )


def test_each_image_keeps_its_own_credit_and_terms() -> None:
    first = read("rss20-media.rss").items[0]
    site = "https://outlet.example"
    cc_by = LicenceClaim(url="https://creativecommons.org/licenses/by/4.0/", text="CC BY 4.0")
    terms = "https://kiosk.example/terms"
    assert first.images == (
        ImageClaim(
            url=f"{site}/a.jpg",
            width=10,
            height=20,
            credits=(Credit(name="Group Photographer", role="photographer", scheme="urn:ebu"),),
            licence=cc_by,
            rights="© Kiosk",
            terms_url=terms,
        ),
        ImageClaim(
            url=f"{site}/b.jpg",
            type="image/jpeg",
            alt="Picture B",
            credits=(Credit(name="Own Artist", role="author"),),
            licence=LicenceClaim(url="https://creativecommons.org/licenses/by-nd/4.0/"),
            rights="© Kiosk",
            terms_url=terms,
        ),
        ImageClaim(url=f"{site}/t.gif", width=5, height=6, licence=cc_by),
    )
    assert first.credits == (Credit(name="Loose Credit", role="owner"),)
    assert first.enclosures == (Enclosure(url=f"{site}/clip.mp4", type="video/mp4", length=5000, duration=65),)
    assert first.licences == ()


MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
STILL = '<media:content url="/still.jpg" medium="image"{}'
AVATAR = "{}://2.gravatar.com/avatar/0123456789abcdef?s=96&amp;d=identicon"


def with_media(*elements: str) -> Item:
    [item] = rss(f"<item><title>Low Tide</title>{''.join(elements)}</item>", MEDIA).items
    return item


@pytest.mark.parametrize(
    ("elements", "alt", "summary"),
    [
        ((STILL.format("/>"), "<media:description>A pier.</media:description>"), "A pier.", None),
        ((STILL.format("/>"), "<media:title>Pier</media:title>"), "Pier", None),
        (
            (STILL.format("/>"), "<media:title>Pier</media:title><media:description>A pier.</media:description>"),
            "A pier.",
            None,
        ),
        (
            (STILL.format("><media:title>Pier</media:title></media:content>"), "<media:title>Low Tide</media:title>"),
            "Pier",
            None,
        ),
        (
            (STILL.format("/>"), "<description>Salt.</description><media:description>A pier.</media:description>"),
            "A pier.",
            "Salt.",
        ),
        (
            (
                STILL.format("/>"),
                f'<media:content url="{AVATAR.format("https")}" medium="image"/>',
                "<media:description>A pier.</media:description>",
            ),
            "A pier.",
            None,
        ),
        (
            (STILL.format("/>"), '<media:content url="/b.jpg"/><media:description>Salt.</media:description>'),
            None,
            "Salt.",
        ),
        (
            (f"<media:group>{STILL.format('/>')}</media:group><media:description>Salt.</media:description>",),
            None,
            "Salt.",
        ),
    ],
)
def test_what_media_rss_says_beside_the_only_image_describes_it(
    elements: tuple[str, ...], alt: str | None, summary: str | None
) -> None:
    item = with_media(*elements)
    assert item.images[0] == ImageClaim(url="https://outlet.example/still.jpg", alt=alt)
    assert (item.summary.value if item.summary else None) == summary


@pytest.mark.parametrize(
    "content", ['<media:content url="/clip.mp4" medium="video"/>', '<media:content medium="image"/>']
)
def test_what_media_rss_says_beside_a_film_or_nothing_is_the_items(content: str) -> None:
    item = with_media(content, "<media:title>Pier</media:title><media:description>Salt.</media:description>")
    assert (item.images, item.summary) == ((), unsure("Salt."))


def test_a_film_in_a_group_keeps_its_description_as_the_summary() -> None:
    group = '<media:content url="/clip.mp4" medium="video"/><media:thumbnail url="/t.jpg"/>'
    item = with_media(f"<media:group>{group}<media:description>Salt.</media:description></media:group>")
    assert (item.images, item.summary) == ((ImageClaim(url="https://outlet.example/t.jpg"),), unsure("Salt."))


@pytest.mark.parametrize("end", ["", "<a></b>"], ids=["lxml", "feedparser"])
@pytest.mark.parametrize("element", ["content", "thumbnail"])
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_the_picture_of_an_author_at_a_service_for_these_is_no_image_of_the_item(
    scheme: str, element: str, end: str
) -> None:
    avatar = f'<media:{element} url="{AVATAR.format(scheme)}" medium="image"/>'
    other = '<media:content url="https://kiosk.example/avatar/1.jpg" medium="image"/>'
    item = with_media(avatar, other, f"<description>{end}</description>")
    assert item.images == (ImageClaim(url="https://kiosk.example/avatar/1.jpg"),)


def test_itunes_elements_fill_what_rss_leaves_open() -> None:
    parsed = read("rss20-media.rss")
    assert parsed.feed.logo == "https://kiosk.example/cover.jpg"
    spoken = parsed.items[1]
    assert spoken.authors == (Person(name="Tibor Wexley"),)
    assert spoken.summary == unsure("Ten minutes on one chair.")
    assert spoken.images == (ImageClaim(url="https://kiosk.example/chair.jpg"),)
    assert spoken.enclosures == (
        Enclosure(url="https://kiosk.example/chair.mp3", type="audio/mpeg", length=9000, duration=605),
    )
    assert spoken.licences == (LicenceClaim(text="Creative Commons"),)


def test_an_rss_author_stays_as_it_stands() -> None:
    """With a top-level domain that feedparser would cut in two."""
    assert read("rss20-media.rss").items[0].authors == (Person(name="nell@kiosk.newspaper (Nell Haverstock)"),)


def test_the_lenient_reader_keeps_an_rss_author_whole() -> None:
    parsed = rss("<item><title>a</title><author>nell@kiosk.newspaper (Nell Haverstock)</author></item><b>")
    assert parsed.reader == "feedparser"
    assert parsed.items[0].authors == (Person(name="nell@kiosk.newspaper (Nell Haverstock)"),)


@pytest.mark.parametrize(
    ("guid", "expected"),
    [
        ("<guid>https://o.example/1</guid>", ("https://o.example/1", True)),
        ('<guid isPermaLink="true">https://o.example/1</guid>', ("https://o.example/1", True)),
        ('<guid isPermaLink="false">1</guid>', ("1", False)),
        ("<guid> </guid>", (None, False)),
    ],
)
def test_a_guid_is_a_permalink_unless_it_says_no(guid: str, expected: tuple[str | None, bool]) -> None:
    """RSS 2.0, guid."""
    item = rss(f"<item>{guid}</item>").items[0]
    assert (item.guid, item.guid_is_permalink) == expected


@pytest.mark.parametrize(
    "uri",
    [
        "http://purl.org/dc/elements/1.1/",
        "https://purl.org/dc/elements/1.1/",
        "http://purl.org/dc/elements/1.1",
        "http://purl.org/dc/elements/1.0/",
        "http://www.purl.org/DC/elements/1.1/",
    ],
)
def test_a_namespace_is_known_in_its_usual_spellings(uri: str) -> None:
    item = rss("<item><x:creator>Ada Quill</x:creator></item>", f'xmlns:x="{uri}"').items[0]
    assert item.authors == (Person(name="Ada Quill"),)


def test_elements_of_a_foreign_namespace_are_no_elements_of_ours() -> None:
    item = rss("<item><x:title>Wrong</x:title><x:author>Wrong</x:author></item>", 'xmlns:x="urn:x"').items[0]
    assert item == Item()


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("<x:byline>Ada Quill</x:byline>", ["Ada Quill"]),
        ("<byline>Ada Quill</byline>", ["Ada Quill"]),
        ("<x:byLine> Ada Quill </x:byLine><x:byline/>", ["Ada Quill"]),
        ("<author>T</author><x:byline>Ada Quill</x:byline>", ["Ada Quill", "T"]),
        ("<author>Sport</author><x:byline>Ada Quill</x:byline><category> SPORT</category>", ["Ada Quill", "Sport"]),
        ("<author>Kiosk</author><x:byline>Ada Quill</x:byline><x:source>Kiosk</x:source>", ["Ada Quill", "Kiosk"]),
        ("<author>Tibor Wexley</author><x:byline>Ada Quill</x:byline>", ["Tibor Wexley"]),
        ("<author>T</author><author>Tibor Wexley</author><x:byline>Ada Quill</x:byline>", ["T", "Tibor Wexley"]),
        ("<author>T</author><x:byline> </x:byline>", ["T"]),
    ],
)
def test_a_byline_names_the_author_where_nobody_else_is_named_but_a_desk(said: str, names: list[str]) -> None:
    item = rss(f"<item>{said}</item>", 'xmlns:x="urn:x"').items[0]
    assert [person.name for person in item.authors] == names


def test_a_byline_in_atom_is_read_too() -> None:
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:x="urn:x"><title>T</title><entry><id>urn:1</id>'
        "<author><name>T</name></author><x:byline>Ada Quill</x:byline></entry></feed>"
    )
    item = read_feed(Fetched(url=URL, body=text.encode())).items[0]
    assert item.authors == (Person(name="Ada Quill"), Person(name="T"))


def test_a_credit_line_is_a_credit_and_no_author() -> None:
    item = rss("<item><x:creditLine> The Wire</x:creditLine><x:creditLine/></item>", 'xmlns:x="urn:x"').items[0]
    assert item == Item(credits=(Credit(name="The Wire"),))


def test_keywords_are_labels_of_categories_each_once() -> None:
    media = 'xmlns:media="http://search.yahoo.com/mrss/"'
    said = "<category>Films</category><media:keywords>Boats , Night at sea,, Boats</media:keywords>"
    item = rss(f"<item>{said}</item>", media).items[0]
    assert item.categories == (
        Category(term="Films"),
        Category(term="", label="Boats"),
        Category(term="", label="Night at sea"),
    )


def test_a_prefix_that_is_not_declared_is_forgiven() -> None:
    parsed = rss("<item><dc:creator>Ada Quill</dc:creator></item>")
    assert parsed.items[0].authors == (Person(name="Ada Quill"),)
    assert parsed.problems == ("Namespace prefixes are used without a declaration.",)


def test_markup_that_stands_open_in_a_description_is_kept_as_html() -> None:
    item = rss("<item><description>x &lt; <b>y</b><br/>z</description></item>").items[0]
    assert item.summary == Text(value="x &lt; <b>y</b><br>z", type="html", base=URL)


def test_a_file_has_its_feeds_own_address_for_a_base() -> None:
    """A file's path is nobody's address (RFC 3986, 5.1.4: the application's choice)."""
    text = (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>'
        '<link>https://o.example/</link><atom:link rel="self" href="https://o.example/feeds/rss"/>'
        "<item><link>../reviews/1</link></item></channel></rss>"
    )
    parsed = read_feed(Fetched(url="file:///srv/feeds/o/rss.xml", body=text.encode()))
    assert parsed.items[0].links == (Link(href="https://o.example/reviews/1"),)


def test_a_file_without_an_address_leaves_links_relative() -> None:
    parsed = read_feed(
        Fetched(url="file:///srv/feeds/o/rss.xml", body=b"<rss><channel><item><link>/1</link></item></channel></rss>")
    )
    assert parsed.items[0].links == (Link(href="/1"),)


def test_a_ttl_is_minutes() -> None:
    assert rss("<ttl>90</ttl>").feed.rhythm == Rhythm(ttl=5400.0)
    assert rss("<ttl>soon</ttl>").feed.rhythm == Rhythm()


def test_a_single_entry_is_a_document_too() -> None:
    """RFC 4287, section 2."""
    text = '<entry xmlns="http://www.w3.org/2005/Atom"><id>urn:x:1</id><title>Alone</title></entry>'
    parsed = read_feed(Fetched(url=URL, body=text.encode()))
    assert [item.guid for item in parsed.items] == ["urn:x:1"]


def test_an_outlet_that_is_cited_and_has_published_the_review_too_keeps_both_addresses() -> None:
    item = rss(
        '<item><atom:link rel="related" title="Gazette" href="https://gazette.example/source"/>'
        '<atom:link rel="related" title="Gazette" href="https://gazette.example/reprint"/>'
        "<dcterms:references>Gazette</dcterms:references>"
        "<dcterms:isVersionOf>https://gazette.example/reprint</dcterms:isVersionOf></item>",
        'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dcterms="http://purl.org/dc/terms/"',
    ).items[0]
    assert item.cited == (Citation(name="Gazette", url="https://gazette.example/source"),)
    assert item.also == (AlsoClaim(url="https://gazette.example/reprint", outlet="Gazette"),)
    assert item.links == ()


def test_a_title_ends_at_ten_thousand_characters() -> None:
    title = rss(f"<item><title>{'x' * 10_001}</title></item>").items[0].title
    assert title is not None
    assert title.value == "x" * 10_000


def test_an_address_that_cannot_be_resolved_stays_as_it_stands() -> None:
    assert rss("<item><link>//[broken</link></item>").items[0].links == (Link(href="//[broken"),)
