"""Single pages: what each vocabulary says in its own ways, what is repaired, what is left out, and what is refused."""

from __future__ import annotations

import gzip
import json

import pytest

from feedsvc.errors import Malformed, TooLarge, UnreadableDocument
from feedsvc.model import (
    AlsoClaim,
    Category,
    Citation,
    Credit,
    Fetched,
    Item,
    LicenceClaim,
    Limits,
    Link,
    PageLink,
    Parsed,
    Person,
    RatingClaim,
    Site,
    Subject,
    Text,
)
from feedsvc.parsers import PARSERS
from feedsvc.render.jsonld import critic_review
from tests.render_entries import FULL_ENTRY

URL = "https://gazette.example/reviews/paper-moons/"
WORDS = "<p>The river is patient, and so must be whoever sits through it.</p>"


def parsed(page: str | bytes, url: str = URL, media_type: str = "text/html") -> Parsed:
    body = page.encode() if isinstance(page, str) else page
    return PARSERS["page"](Fetched(url=url, body=body, media_type=media_type), Limits())


def read(page: str) -> Item:
    (item,) = parsed(page).items
    return item


def linked(*nodes: object, more: str = "") -> str:
    """A page with one script for each of these, and an article."""
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)
    return f"<!doctype html><title>T</title>{scripts}{more}<article><h1>Paper Moons</h1>{WORDS}</article>"


REVIEW = {"@context": "https://schema.org", "@type": "Review", "author": "Ines Okafor"}


# ------------------------------------------------------------------------------------------------------------- fields


def test_a_review_keeps_all_that_is_said_of_it() -> None:
    item = read(
        linked(
            {
                **REVIEW,
                "headline": "Why Paper Moons folds",
                "alternativeHeadline": "Not this",
                "description": "A standfirst.",
                "abstract": "Skip it.",
                "author": [
                    {"@type": "Person", "name": "Ines Okafor", "url": "/critics/ines/"},
                    {"@type": "Person", "givenName": "Tomás", "familyName": "Reyes"},
                    "https://gazette.example/critics/nobody/",
                ],
                "editor": {"name": "Bo Lindqvist"},
                "copyrightNotice": "© 2026 Harbour Gazette",
                "copyrightHolder": {"@type": "Organization", "name": "Harbour Gazette"},
                "license": {"@type": "CreativeWork", "name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
                "citation": ["The Evening Ledger", {"name": "The Quay", "url": "https://quay.example/"}],
                "keywords": "film, drama ,film",
                "articleSection": ["Reviews"],
                "creditText": "Stills courtesy of Saltworks",
                "datePublished": "2026-03-01T10:00:00Z",
                "dateModified": "2026-03-02",
                "sameAs": "https://ledger.example/paper-moons",
                "inLanguage": {"@type": "Language", "name": "English", "alternateName": "en"},
            }
        )
    )  # fmt: skip
    assert item.title == Text(value="Why Paper Moons folds", type="unsure")
    assert item.summary is not None
    assert item.summary.value == "A standfirst."
    assert item.verdict == "Skip it."
    assert item.authors == (
        Person(name="Ines Okafor", url="https://gazette.example/critics/ines/"),
        Person(name="Tomás Reyes"),
    )
    assert item.contributors == (Person(name="Bo Lindqvist"),)
    assert item.rights is not None
    assert item.rights.value == "© 2026 Harbour Gazette"
    assert item.rights_holder == "Harbour Gazette"
    assert item.licences == (LicenceClaim(url="https://creativecommons.org/licenses/by/4.0/", text="CC BY 4.0"),)
    assert item.cited == (Citation(name="The Evening Ledger"), Citation(name="The Quay", url="https://quay.example/"))
    assert item.categories == (Category(term="film"), Category(term="drama"), Category(term="Reviews"))
    assert item.credits == (Credit(name="Stills courtesy of Saltworks"),)
    assert (item.published, item.updated) == ("2026-03-01T10:00:00Z", "2026-03-02")
    assert item.also == (AlsoClaim(url="https://ledger.example/paper-moons"),)
    assert item.language == "en"
    assert item.links == (Link(href=URL, type="text/html"),)


def test_an_image_keeps_its_credits_licence_and_rights() -> None:
    image = {
        "@type": "ImageObject",
        "contentUrl": "/m/1.jpg",
        "caption": "A quay",
        "creditText": "Saltworks Pictures",
        "creator": [{"@type": "Person", "name": "Pia Noor"}, {"name": "Saltworks Pictures"}],
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "copyrightNotice": "© Pia Noor",
        "acquireLicensePage": "/licensing/",
        "width": {"@type": "QuantitativeValue", "value": 800},
        "height": "600px",
    }
    (claim,) = read(linked({**REVIEW, "image": [image, 7, "data:image/png;base64,x"]})).images
    assert claim.url == "https://gazette.example/m/1.jpg"
    assert claim.credits == (
        Credit(name="Saltworks Pictures"),
        Credit(name="Pia Noor", role="photographer", scheme="urn:ebu"),
    )
    assert claim.licence == LicenceClaim(url="https://creativecommons.org/licenses/by/4.0/")
    assert (claim.rights, claim.terms_url) == ("© Pia Noor", "https://gazette.example/licensing/")
    assert (claim.alt, claim.width, claim.height) == ("A quay", 800, 600)


def test_a_work_keeps_its_particulars() -> None:
    work = {
        "@type": ["Product", "Book"],
        "name": "Paper Moons",
        "url": "https://works.example/paper-moons",
        "copyrightYear": 2025,
        "isbn": "9780306406157",
        "gtin13": "9780306406157",
        "identifier": ["doi:10.1/x", {"@type": "PropertyValue", "propertyID": "oclc", "value": "123"}],
        "sameAs": ["https://en.wikipedia.example/Paper_Moons"],
        "workExample": {"@type": "Book", "isbn": "9780306406164"},
    }
    assert read(linked({**REVIEW, "itemReviewed": work})).subject == Subject(
        name="Paper Moons",
        type="Book",
        year=2025,
        identifiers=(
            "urn:isbn:9780306406157",
            "gtin13:9780306406157",
            "urn:isbn:9780306406164",
            "doi:10.1/x",
            "oclc:123",
        ),
        same_as=("https://en.wikipedia.example/Paper_Moons", "https://works.example/paper-moons"),
    )


@pytest.mark.parametrize(
    "stated, rating",
    [
        ({"ratingValue": 4, "bestRating": 5, "worstRating": 1}, RatingClaim(value="4", best="5", worst="1")),
        ({"ratingValue": 4.0, "bestRating": "5"}, RatingClaim(value="4", best="5")),
        ({"ratingValue": "B+"}, RatingClaim(value="B+")),
        ({"alternateName": "★★★½"}, RatingClaim(text="★★★½")),
        ([{"reviewAspect": "Sound", "ratingValue": 1}, {"ratingValue": 3}], RatingClaim(value="3")),
        ("7/10", RatingClaim(text="7/10")),
        ({"@type": "AggregateRating", "ratingValue": 4.4, "ratingCount": 900}, None),
        ({"ratingValue": 0, "bestRating": 5}, None),
        ({"ratingValue": "0", "bestRating": 10, "worstRating": 1}, None),
        ({"ratingValue": 0, "bestRating": 10, "worstRating": 0}, RatingClaim(value="0", best="10", worst="0")),
        ({"ratingValue": "", "bestRating": 5}, None),
        (True, None),
        ([], None),
    ],
)  # fmt: skip
def test_a_rating_is_the_critics_and_none_is_no_zero(stated: object, rating: RatingClaim | None) -> None:
    assert read(linked({**REVIEW, "reviewRating": stated})).rating == rating


def test_the_outlet_is_the_publisher_whose_page_it_is() -> None:
    page = parsed(linked({**REVIEW, "publisher": {"@type": "Organization", "name": "Harbour Gazette", "url": "/"}}))
    assert page.feed.title is not None
    assert page.feed.title.value == "Harbour Gazette"
    assert page.feed.links[0] == Link(href="https://gazette.example/")
    assert page.items[0].origin == page.feed


def test_a_review_that_another_page_published_keeps_its_outlet() -> None:
    ledger = {"@type": "Organization", "name": "The Evening Ledger", "url": "https://ledger.example/"}
    head = '<link rel="canonical" href="https://ledger.example/moons"><meta property="og:site_name" content="Gazette">'
    page = parsed(linked({**REVIEW, "publisher": ledger}, more=head))
    origin = page.items[0].origin
    assert origin is not None
    assert (origin.title and origin.title.value, origin.links) == (
        "The Evening Ledger",
        (Link(href="https://ledger.example/"),),
    )
    assert page.items[0].links == (Link(href="https://ledger.example/moons", type="text/html"),)


def test_what_a_script_says_goes_before_what_the_page_shows_and_the_page_fills_the_rest() -> None:
    head = '<meta name="author" content="Somebody Else"><link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
    figure = '<figure><img src="/a.jpg"><figcaption>A quay. Photo: Pia Noor</figcaption></figure>'
    item = read(linked({**REVIEW, "reviewBody": "Told."}, more=head).replace(WORDS, WORDS + figure))
    assert item.authors == (Person(name="Ines Okafor"),)
    assert item.licences == (LicenceClaim(url="https://creativecommons.org/licenses/by/4.0/"),)
    assert [(image.url, image.credits) for image in item.images] == [
        ("https://gazette.example/a.jpg", (Credit(name="Pia Noor"),))
    ]
    assert item.title == Text(value="Paper Moons")


def test_a_text_is_shown_whole_where_its_beginning_alone_is_told() -> None:
    whole = "".join(f"<p>Sentence {i} of a long and patient text.</p>" for i in range(40))
    page = linked({**REVIEW, "reviewBody": "Sentence 0 of a long and patient text. Sentence 1 of a long and…"})
    told = read(page.replace(WORDS, whole)).content
    assert told is not None
    assert told.value == whole


# ---------------------------------------------------------------------------------------------------- which reviews


def test_a_work_with_readers_reviews_gives_each_with_an_address_of_its_own() -> None:
    work = {
        "@type": "Movie",
        "name": "Paper Moons",
        "review": [
            {"@type": "UserReview", "author": "Ana", "reviewBody": "Loved it.", "reviewRating": {"ratingValue": 5}},
            {"@type": "UserReview", "@id": "#r2", "url": "#r2", "author": "Bo", "reviewBody": "Slept."},
        ],
    }  # fmt: skip
    items = parsed(linked(work)).items
    assert [(item.authors[0].name, item.subject and item.subject.name) for item in items] == [
        ("Ana", "Paper Moons"),
        ("Bo", "Paper Moons"),
    ]
    first, second = (item.links[0].href for item in items)
    assert first.startswith(f"{URL}#review-")
    assert second == f"{URL}#r2"
    assert all(item.title is None for item in items)


def test_the_pages_own_review_stands_before_those_of_its_readers() -> None:
    own = {**REVIEW, "headline": "Folds too early", "url": URL}
    readers = [{"@type": "UserReview", "author": name, "reviewBody": f"{name} was there."} for name in ("Ana", "Bo")]
    items = parsed(linked(own, readers)).items
    assert [item.authors[0].name for item in items] == ["Ines Okafor", "Ana", "Bo"]
    assert items[0].content is not None
    assert items[0].content.value == WORDS


def test_a_page_may_be_the_review_as_a_whole_and_a_link_may_name_its_critic() -> None:
    item = read(
        '<html itemscope itemtype="http://schema.org/Review"><title>T</title>'
        f'<article><h1 itemprop="name">On Paper Moons</h1>{WORDS}'
        '<p>By <a itemprop="author" href="/critics/ines/">Ines Okafor</a> on '
        '<a itemprop="itemReviewed" href="https://works.example/1">Paper Moons</a></p></article>'
    )
    assert item.title == Text(value="On Paper Moons")
    assert item.authors == (Person(name="Ines Okafor", url="https://gazette.example/critics/ines/"),)
    assert item.subject == Subject(name="Paper Moons", same_as=("https://works.example/1",))


def test_two_vocabularies_that_say_the_same_review_give_it_once() -> None:
    script = {**REVIEW, "headline": "Folds too early"}
    micro = (
        '<div itemscope itemtype="https://schema.org/Review"><span itemprop="author">Ines Okafor</span>'
        '<div itemprop="reviewRating" itemscope><meta itemprop="ratingValue" content="3"></div></div>'
    )
    item = read(linked(script).replace(WORDS, WORDS + micro))
    assert item.rating == RatingClaim(value="3")
    assert item.title is not None
    assert item.title.value == "Folds too early"


def test_the_article_of_a_review_completes_it() -> None:
    article = {
        "@type": "Article",
        "headline": "On Paper Moons",
        "author": {"@type": "Person", "name": "Ines Okafor"},
        "datePublished": "2026-03-01",
    }
    review = {"@type": "Review", "name": "Paper Moons", "reviewRating": {"ratingValue": 3}, "author": {"@id": "#ines"}}
    item = read(linked({"@graph": [article, review, {"@id": "#ines", "@type": "Person", "name": "Ines Okafor"}]}))
    assert item.title is not None
    assert item.title.value == "Paper Moons"
    assert (item.authors, item.published) == ((Person(name="Ines Okafor"),), "2026-03-01")


def test_reviews_that_others_published_keep_their_addresses_and_outlets() -> None:
    held = [
        {"@type": "Review", "author": name, "reviewBody": f"{name} saw it.", "url": f"https://{host}.example/moons",
         "publisher": {"@type": "Organization", "name": host.title()}}
        for name, host in (("Ana", "ledger"), ("Bo", "quay"))
    ]  # fmt: skip
    items = parsed(linked({"@type": "Movie", "name": "Paper Moons", "review": held})).items
    assert [(item.links[0].href, item.origin and item.origin.title) for item in items] == [
        ("https://ledger.example/moons", Text(value="Ledger")),
        ("https://quay.example/moons", Text(value="Quay")),
    ]


def test_two_critics_of_one_work_stay_two() -> None:
    two = [
        {**REVIEW, "author": name, "itemReviewed": {"@type": "Movie", "name": "Paper Moons"}} for name in ("Ana", "Bo")
    ]
    assert len(parsed(linked(*two)).items) == 2


def test_a_page_of_an_article_is_a_review_without_the_vocabulary() -> None:
    item = read(linked({"@type": "NewsArticle", "headline": "On Paper Moons", "author": {"name": "Ines Okafor"}}))
    assert item.title == Text(value="On Paper Moons", type="unsure")
    assert item.authors == (Person(name="Ines Okafor"),)
    assert item.content is not None
    bare = read(f"<title>T</title><article><h1>Paper Moons</h1>{WORDS}</article>")
    assert (bare.title, bare.subject, bare.rating) == (Text(value="Paper Moons"), None, None)


def test_an_article_around_a_list_is_a_listing_and_one_beside_a_list_is_not() -> None:
    teasers = "".join(f"<h3><a href='/reviews/{name}/'>{name}</a></h3>" for name in ("salt-road", "quay", "glass"))
    listing = parsed(f"<title>T</title><article><h1>Reviews</h1>{WORDS}{teasers}</article>")
    assert (len(listing.items), len(listing.pages)) == (0, 3)
    review = parsed(f"<title>T</title><article><h1>Paper Moons</h1>{WORDS * 30}</article>{teasers}")
    assert (len(review.items), len(review.pages)) == (1, 0)


def test_a_review_drawn_by_a_script_is_read_from_what_is_told() -> None:
    script = json.dumps({**REVIEW, "headline": "Folds", "reviewBody": "<p>It folds.</p>"})
    item = read(f'<title>T</title><script type="application/ld+json">{script}</script><div id="app"></div>')
    assert item.content is not None
    assert (item.content.value, item.content.type) == ("<p>It folds.</p>", "unsure")


def test_a_teaser_of_another_review_is_a_link() -> None:
    teaser = {**REVIEW, "url": "/reviews/salt-road/", "headline": "On Salt Road", "datePublished": "2026-03-01"}
    page = parsed(f'<title>T</title><script type="application/ld+json">{json.dumps(teaser)}</script>{WORDS}')
    assert page.items == ()
    assert page.pages == (PageLink(url="https://gazette.example/reviews/salt-road/", modified="2026-03-01"),)


def test_a_homepage_named_as_the_canonical_address_of_all_pages_is_not_believed() -> None:
    head = '<link rel="canonical" href="https://gazette.example/">'
    assert read(linked(REVIEW, more=head)).links[0].href == URL


# -------------------------------------------------------------------------------------------------- links of listings


def test_links_are_those_of_headings_and_teasers_on_the_same_site_alone() -> None:
    page = parsed(
        "<title>Reviews</title><header><h2><a href='/in-header'>x</a></h2></header><main><h1>Reviews</h1>"
        "<h2><a href='a-review'>A</a></h2><a href='/b-review?x=1#top'><h3>B</h3></a>"
        "<article><p><a href='https://www.gazette.example/c-review'>C</a> <a href='/d'>other</a></p></article>"
        "<h3><a rel='tag' href='/t'>T</a></h3><h3><a href='/tag/x/'>T</a></h3><h3><a href='/r/page/2'>2</a></h3>"
        "<h3><a href='https://other.example/e-review'>E</a></h3><h3><a href='mailto:a@b.example'>F</a></h3>"
        "<h3><a href='#g'>G</a></h3><h3><a href='/'>H</a></h3><h3><a href='http://['>I</a></h3><p><a href='/j'>J</a>"
        "</main><aside><h2><a href='/in-aside'>x</a></h2></aside>",
        url="https://gazette.example/reviews/",
    )
    assert [link.url for link in page.pages] == [
        "https://gazette.example/reviews/a-review",
        "https://gazette.example/b-review?x=1",
        "https://www.gazette.example/c-review",
    ]


def test_a_sitemap_of_a_whole_site_names_its_reviews() -> None:
    page = parsed(
        '<?xml version="1.0"?><!-- made by hand --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<url><loc> https://gazette.example/kritik/eins </loc><lastmod>2026-01-02</lastmod></url>"
        "<url><loc>https://gazette.example/imprint</loc></url><url><loc>https://other.example/kritik/zwei</loc></url>"
        "<url/></urlset>",
        media_type="application/xml",
    )
    assert page.pages == (PageLink(url="https://gazette.example/kritik/eins", modified="2026-01-02"),)
    assert page.reader == "sitemap"


def test_a_packed_sitemap_is_unpacked_and_a_bomb_is_not() -> None:
    sitemap = b"<urlset><url><loc>https://gazette.example/a</loc></url></urlset>"
    assert parsed(gzip.compress(sitemap)).pages == (PageLink(url="https://gazette.example/a"),)
    with pytest.raises(TooLarge, match="when unpacked"):
        parsed(gzip.compress(b"<urlset>" + b" " * 20_000_000))
    with pytest.raises(Malformed, match=r"^https://gazette\.example/reviews/paper-moons/: Its gzip data are damaged"):
        parsed(b"\x1f\x8b" + b"x" * 50)


# --------------------------------------------------------------------------------------------------------------- dirt


@pytest.mark.parametrize(
    "script",
    [
        '{"@type":"Review","author":"Ines Okafor",}',
        '<!-- {"@type":"Review","author":"Ines Okafor"} -->',
        '/* <![CDATA[ */ {"@type":"Review","author":"Ines Okafor"} /* ]]> */',
        '{"@type":"Review","reviewBody":"One\nline, }","author":"Ines Okafor",};',
        "{&quot;@type&quot;:&quot;Review&quot;,&quot;author&quot;:&quot;Ines Okafor&quot;}",
        '[[{"type":"http://schema.org/Review","schema:author":{"@list":["Ines Okafor"]}}]]',
        '{"@graph":{"@type":["Thing","Review"],"author":{"@value":"Ines Okafor","@language":"en"}}}',
        '{"@type":"Person","name":"Ines Okafor","@id":"_:a"},'.join(
            ["[", '{"@type":"Review","author":{"@id":"_:a"}}]']
        ),
    ],
)
def test_json_ld_is_mended_where_it_can_be(script: str) -> None:
    page = f'<title>T</title><script type="application/ld+json">{script}</script><article><h1>M</h1>{WORDS}</article>'
    assert read(page).authors == (Person(name="Ines Okafor"),)


def test_a_broken_script_harms_no_other() -> None:
    broken = '<script type="application/ld+json">{"@type": Review</script>'
    page = parsed(linked(REVIEW).replace("<script", f"{broken}<script", 1))
    assert page.items[0].authors == (Person(name="Ines Okafor"),)
    assert len(page.problems) == 1
    assert page.problems[0].startswith("A block of JSON-LD was left out: it is no JSON (")


def test_references_that_go_round_in_circles_come_to_an_end() -> None:
    graph = [
        {
            "@type": "Review",
            "@id": "#a",
            "author": {"@id": "#a"},
            "itemReviewed": {"@id": "#b"},
            "image": {"@id": "#a"},
        },
        {"@id": "#b", "@type": "Movie", "name": {"@id": "#c"}, "review": {"@id": "#a"}},
        {"@id": "#c", "name": {"@id": "#b"}},
    ]
    item = read(linked({"@graph": graph}))
    assert (item.authors, item.subject) == ((), None)


@pytest.mark.parametrize(
    "script",
    [
        "[" * 5_000 + "]" * 5_000,
        '{"@type":"Review","itemReviewed":' * 300 + "1" + "}" * 300,
        "[" + '{"@type":"Review"},' * 30_000 + "{}]",
        '{"@type":"Review","headline":[' + '"x",' * 300_000 + '"x"]}',
    ],
)
def test_hostile_json_ld_is_bounded(script: str) -> None:
    page = (
        f'<title>T</title><script type="application/ld+json">{script}</script><article><h1>Moons</h1>{WORDS}</article>'
    )
    items = parsed(page).items
    assert 1 <= len(items) <= 500


@pytest.mark.parametrize(
    "markup",
    [
        '<div itemscope itemtype="http://schema.org/Review" itemprop="review">' * 2_000,
        '<div id="a" itemscope itemref="b" itemtype="http://schema.org/Movie"></div>'
        '<div id="b" itemprop="review" itemscope itemref="a" itemtype="http://schema.org/Review"></div>',
        '<div class="h-entry e-content p-name">' * 2_000,
        '<div vocab="http://schema.org/" typeof="Review" property="review">' * 2_000,
    ],
)
def test_hostile_markup_is_bounded(markup: str) -> None:
    page = parsed(f"<title>T</title><article><h1>Paper Moons</h1>{WORDS}{markup}</article>")
    assert page.reader == "html"


@pytest.mark.parametrize(
    "body, media_type, message",
    [
        (b"", "text/html", "It is empty."),
        (b"<rss><channel><title>x</title></channel></rss>", "text/xml", 'It is a feed: set kind = "feed"'),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "application/json", "neither an HTML page nor a sitemap"),
        (b"%PDF-1.7 ...", "application/pdf", "neither an HTML page nor a sitemap"),
    ],
)
def test_what_is_no_page_is_refused_with_its_address(body: bytes, media_type: str, message: str) -> None:
    with pytest.raises(UnreadableDocument, match=message) as refused:
        parsed(body, media_type=media_type)
    assert str(refused.value).startswith(f"{URL}: ")


def test_a_page_too_large_is_refused() -> None:
    with pytest.raises(TooLarge, match="more than 300,000 tags"):
        parsed("<title>T</title>" + "<b>x</b>" * 160_000)
    with pytest.raises(TooLarge, match=r"larger than 10,485,760 bytes"):
        parsed("<title>T</title>" + "x" * 11_000_000)


# ------------------------------------------------------------------------------------- our own pages, dropped documents


def test_our_own_linked_data_come_back_whole() -> None:
    entry = FULL_ENTRY
    said = entry.review
    node = critic_review(Site(title="Reviews", base_url="https://reviews.example"), entry)
    assert said.url is not None
    script = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    (item,) = parsed(f"<title>T</title>{script}", url=said.url).items
    assert [person.name for person in item.authors] == [person.name for person in said.authors]
    assert [person.name for person in item.contributors] == [person.name for person in said.contributors]
    assert item.origin is not None
    assert item.origin.title == Text(value=said.outlet.name)
    assert item.licences == (LicenceClaim(url=said.licence.url),)
    assert item.rights is not None
    assert item.rights.value == said.rights
    assert item.rights_holder == said.rights_holder
    assert item.verdict == said.verdict
    assert item.subject is not None
    assert said.subject is not None
    assert (item.subject.name, item.subject.type, item.subject.year) == (
        said.subject.name,
        said.subject.type,
        said.subject.year,
    )
    assert set(item.subject.identifiers) | set(item.subject.same_as) == {
        *said.subject.identifiers,
        *said.subject.same_as,
    }
    assert item.rating is not None
    assert said.rating is not None
    assert item.rating.text == said.rating.text
    assert [citation.name for citation in item.cited] == [citation.name for citation in said.cited]
    assert [claim.url for claim in item.also] == [also.url for also in said.also]


def test_a_dropped_page_is_read_by_its_json_ld_too() -> None:
    script = {
        **REVIEW,
        "itemReviewed": {"@type": "Movie", "name": "Paper Moons"},
        "reviewRating": {"ratingValue": 3, "bestRating": 5},
    }
    fetched = Fetched(url="file:///drop/a.html", path="a.html", body=linked(script).encode())
    (item,) = PARSERS["folder"](fetched, Limits()).items
    assert item.guid == "a.html"
    assert item.authors == (Person(name="Ines Okafor"),)
    assert item.subject == Subject(name="Paper Moons", type="Movie")
    assert item.rating == RatingClaim(value="3", best="5")
    assert item.links == ()
