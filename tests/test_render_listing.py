"""The pages that lead from one review to others: views of a feed, works, outlets and what a search finds."""

from __future__ import annotations

from dataclasses import replace

from feedsvc.model import Person, Prose, Rating, Subject
from feedsvc.render.listing import FeedCard, Paging
from feedsvc.render.pages import (
    SourceRow,
    feed_page,
    home_page,
    lint_page,
    search_page,
    sources_page,
    subject_page,
)
from tests.gallery import BALLERINA, EXCERPT, FEED_SOURCE, FOUND, LINT, NARROWED, PAGES, PICTURED, VOICES, WHOLE
from tests.render_entries import document
from tests.samples import FEED, FULL, NOW, SITE
from tests.test_render_pages import read, words

FORMS = ("atom", "rss", "json")


# ---------------------------------------------------------------------------------------------------- narrowing a feed


def test_a_feed_page_narrows_by_plain_links() -> None:
    """Each value with its count and its address; the chosen one says so and leads back; further ones are counted."""
    [filters] = read(PAGES["narrowed feed"]).xpath("//nav[@class='filters']")
    groups = {words(group.find("h3")): group for group in filters.xpath("./div")}
    assert list(groups) == ["Outlets", "Critics", "Kinds of work", "Languages"]
    outlets = groups["Outlets"].xpath("./ul/li")
    assert [words(li) for li in outlets[:2]] == ["Remove Night Lantern × 12 reviews", "Celebrity Storm 1 review"]
    assert [li.find("a").get("href") for li in outlets[:2]] == [
        "/feeds/reviews?q=salt",
        "/feeds/reviews?outlet=celebrity-storm&q=salt",
    ]
    assert [li.find("a").get("aria-current") for li in outlets[:2]] == ["true", None]
    assert words(outlets[3]) == "and 7 more"
    assert words(groups["Kinds of work"].find("ul")) == "Film 9 reviews"
    assert words(groups["Languages"].find("ul")) == "English (GB) 9 reviews"


def test_what_is_chosen_can_be_taken_away_one_by_one() -> None:
    """Each active filter in words, with the address of the view without it, and one for them all."""
    links = read(PAGES["narrowed feed"]).xpath("//ul[@class='chosen']//a")
    assert [(words(link), link.get("href")) for link in links] == [
        ("Remove Outlet: Night Lantern ×", "/feeds/reviews?q=salt"),
        ("Remove With the words: salt ×", "/feeds/reviews?outlet=night-lantern"),
        ("Remove Rated 60 in 100 or more ×", "/feeds/reviews?outlet=night-lantern&q=salt"),
        ("Remove all", "/feeds/reviews"),
    ]
    assert read(PAGES["feed"]).xpath("//ul[@class='chosen']") == []


def test_the_form_keeps_what_it_does_not_ask() -> None:
    """A plain GET form: words, kind and rating as they are, everything else of the view hidden, each field labelled."""
    [form] = read(PAGES["narrowed feed"]).xpath("//form[@class='search']")
    assert dict(form.form_values()) == {"q": "salt", "type": "movie", "min_rating": "60", "outlet": "night-lantern"}
    fields = form.xpath(".//input[not(@type='hidden')] | .//select")
    assert [words(form.xpath(f".//label[@for='{field.get('id')}']")[0]) for field in fields] == [
        "Words",
        "Kind of work",
        "Rated at least",
    ]
    assert [words(option) for option in form.xpath(".//select[@name='type']/option")] == [
        "Any",
        "Film",
        "TV series",
        "Book",
    ]


def test_a_rating_asked_for_that_is_not_on_offer_stays_chosen() -> None:
    """An address may ask for any figure; the form shows it and does not turn it into another."""
    asked = replace(NARROWED, form=replace(NARROWED.form, min_rating=67.5))
    [form] = read(feed_page(SITE, document(FEED, [WHOLE]), asked)).xpath("//form[@class='search']")
    assert dict(form.form_values())["min_rating"] == "67.5"


def test_a_view_offers_its_own_addresses_and_pages() -> None:
    """Subscribing takes what is chosen and no page; paging is links with rel, in the page and in its head."""
    tree = read(PAGES["narrowed feed"])
    addresses = [
        f"http://reviews.example/feeds/reviews.{s}?outlet=night-lantern&q=salt" for s in ("atom", "rss", "json")
    ]
    assert [code.text for code in tree.xpath("//ul[@class='addresses']//code")] == addresses
    assert tree.xpath("//head/link[@rel='alternate']/@href") == addresses
    assert tree.xpath("//p[@class='buttons']/a/@href") == [f"feed:{addresses[0]}"]
    newer, older = "/feeds/reviews?outlet=night-lantern&q=salt", "/feeds/reviews?outlet=night-lantern&q=salt&page=3"
    assert tree.xpath("//nav[@class='paging']/a[@rel='prev']/@href") == [newer]
    assert tree.xpath("//nav[@class='paging']/a[@rel='next']/@href") == [older]
    assert tree.xpath("//head/link[@rel='prev']/@href") == [newer]
    assert tree.xpath("//head/link[@rel='next']/@href") == [older]
    assert tree.xpath("//link[@rel='canonical']/@href") == ["http://reviews.example/feeds/reviews?q=salt&page=2"]
    assert words(tree.xpath("//h2[@id='reviews-title']")[0]) == "Reviews 21–32 of 33"


def test_the_first_page_of_a_feed_leads_on_and_not_back() -> None:
    """And to the archive, which has everything."""
    tree = read(PAGES["feed"])
    assert tree.xpath("//nav[@class='paging']/a/@href") == ["/feeds/reviews?page=2"]
    assert "/feeds/reviews/archive" in tree.xpath("//section[@class='subscribe']//a/@href")
    assert tree.xpath("//meta[@name='robots']") == []


def test_a_view_with_nothing_in_it_says_so_and_leads_out() -> None:
    """What is chosen stands there to be removed; no card and no count is made up."""
    tree = read(PAGES["nothing left of a feed"])
    assert tree.xpath("//article") == []
    assert words(tree.xpath("//p[@class='nothing']")[0]).startswith("No review in this feed has all of that.")
    assert len(tree.xpath("//ul[@class='chosen']/li")) == 4


def test_a_page_of_a_feed_never_shows_more_cards_than_fit() -> None:
    """Twenty, however many the document has."""
    entries = [replace(EXCERPT, review=replace(EXCERPT.review, key=f"many{number:012}")) for number in range(60)]
    assert len(read(feed_page(SITE, document(FEED, entries))).xpath("//article")) == 20


# ------------------------------------------------------------------------------------- works, outlets and what is found


def test_a_works_page_has_every_critics_rating_in_its_own_scale() -> None:
    """Nine critics, nine outlets, eight ratings as they were given, one review without any."""
    tree = read(PAGES["subject"])
    assert words(tree.xpath("//h1")[0]) == "Ballerina (2025)"
    cards = tree.xpath("//article[contains(@class, 'card')]")
    assert [card.xpath("string(.//*[@class='score'])") for card in cards] == [
        "★★★½",
        "7/10",
        "B+",
        "85%",
        "2 out of 5 stars",
        "",
        "Recommended",
        "4.25/6",
        "★★★★",
    ]
    assert words(cards[2].xpath(".//*[@class='byline']")[0]) == "By Cleo Marsh for The Evening Ledger"


def test_the_spread_lays_only_sure_scales_and_averages_nothing() -> None:
    """Five of the nine are known on their scales: five dots, and three ratings that critics gave stand for them."""
    [spread] = read(PAGES["subject"]).xpath("//section[@class='spread']")
    dots = [(dot.get("cx"), dot.get("cy")) for dot in spread.iter("circle")]
    assert dots == [("40", "-1"), ("70", "-1"), ("70", "-5"), ("70", "-9"), ("85", "-1")]
    assert words(spread.find(".//figcaption")) == (
        "5 ratings whose scale is known, each laid from the lowest to the highest end of its own."
    )
    assert [words(stand) for stand in spread.xpath(".//dl/div")] == [
        "The lowest 2 out of 5 starsBy Eli Roe for Corner Screen",
        "In the middle 7/10By Bo Lind for Pixel Ledger",
        "The highest 85%By Dov Ash for Tide Table",
    ]


def test_fewer_than_three_sure_ratings_are_not_drawn_together() -> None:
    """Two on known scales and any number of words or letters: no drawing, and no claim about one."""
    few = (VOICES[0], VOICES[2], VOICES[3], VOICES[6], VOICES[8])
    tree = read(subject_page(SITE, "/subjects/ballerina", BALLERINA, few, few, Paging(total=5)))
    assert tree.xpath("//section[@class='spread'] | //circle") == []
    assert words(tree.xpath("//p[@class='lede']")[0]) == "5 reviews from 5 outlets."


def test_a_review_leads_to_its_work_its_outlet_and_the_others() -> None:
    """The page of the work and of the outlet, and what others wrote, with critic, outlet and rating."""
    tree = read(PAGES["full review"])
    assert tree.xpath("//header/p[@class='eyebrow']//a/@href") == ["/subjects/the-salt-road"]
    assert "/outlets/night-lantern" in tree.xpath("//section[@class='credits']//a/@href")
    first, second, _ = tree.xpath("//section[@class='others']/ul/li")
    assert words(first) == "★★★½ “Ballerina”, a lift By Ana Vela for Night Lantern"
    assert words(second) == "“Ballerina”, there is no third act By Fay Orr for Celebrity Storm"
    assert words(tree.xpath("//section[@class='others']/p[@class='more']")[0]) == "All 9 reviews of The Salt Road"
    assert read(PAGES["excerpt"]).xpath("//section[@class='others']") == []


def test_the_outlets_page_has_a_row_for_each() -> None:
    """Name with the way to its page, how many reviews, since when, under which licences."""
    rows = read(PAGES["outlets"]).xpath("//ul[@class='mastheads']/li")
    assert words(rows[0]) == (
        "Night Lantern 12 reviews, the newest of 4 May 2026 CC BY-SA 4.0, All rights with the outlet unless stated"
    )
    assert [row.find(".//a").get("href") for row in rows] == [
        "/outlets/night-lantern",
        "/outlets/w",
        "/outlets/夜のランタン",
    ]
    assert words(rows[1]).endswith("1 review A, B, C, D and others")


def test_an_outlets_page_has_its_reviews_and_the_way_to_subscribe_to_them_alone() -> None:
    """A view of a feed with this outlet chosen, on the page and announced to feed readers."""
    tree = read(PAGES["outlet"])
    expected = [f"http://reviews.example/feeds/reviews.{s}?outlet=night-lantern" for s in ("atom", "rss", "json")]
    assert tree.xpath("//ul[@class='addresses']//a/@href") == expected
    assert tree.xpath("//head/link[@rel='alternate']/@href") == expected
    assert words(tree.xpath("//h2[@id='reviews-title']")[0]) == "Reviews 21–22 of 42"
    assert tree.xpath("//p[@class='action']/a/@href") == ["https://night-lantern.example/"]


def test_a_search_says_what_it_found_or_that_it_found_nothing() -> None:
    """The form keeps the words; without a hit there are ways on and no card."""
    found, nothing, fresh = (read(PAGES[name]) for name in ("found", "nothing found", "search"))
    assert words(found.xpath("//h2[@id='found-title']")[0]) == "2 reviews"
    assert len(found.xpath("//article")) == 2
    assert found.xpath("//input[@name='q']/@value") == ["salt road"]
    assert words(nothing.xpath("//h2[@id='found-title']")[0]) == "Nothing found"
    assert nothing.xpath("//article") == []
    assert nothing.xpath("//ul[@class='ways']//a/@href") == ["/", "/outlets"]
    assert fresh.xpath("//h2[@id='found-title'] | //article | //meta[@name='robots']") == []


# --------------------------------------------------------------------------------------------------- pictures in lists


def test_a_card_shows_a_picture_with_its_credit_or_none() -> None:
    """The first that may be shown; one that may not be, a small one or one whose credit is too long is left out."""
    cards = read(PAGES["narrowed feed"]).xpath("//article[contains(@class, 'card')]")
    assert cards[1].xpath(".//img/@src") == ["https://voices.example/wide.jpg"]
    assert words(cards[1].find(".//figcaption")) == "Image: Pia Noor (photographer) · Licence: CC BY 4.0"
    [image] = PICTURED.review.images
    for other in (replace(image, width=64), replace(image, rights="All rights. " * 30)):
        entry = replace(PICTURED, review=replace(PICTURED.review, images=(other,)))
        assert read(feed_page(SITE, document(FEED, [entry]))).xpath("//img") == []
    assert read(feed_page(SITE, document(FEED, [replace(PICTURED, embeddable=frozenset())]))).xpath("//img") == []


# ----------------------------------------------------------------------------------------------------------- its weight

#: The most bytes of one page, its pictures aside.
HEAVIEST = 60 * 1024


def test_a_page_of_the_longest_reviews_keeps_below_its_weight() -> None:
    """Twenty reviews, each field as long as a source may make it, in characters of three bytes or that are escaped."""
    people = tuple(Person(name="名" * 300) for _ in range(40))
    heavy = replace(
        PICTURED,
        review=replace(
            PICTURED.review,
            title="題" * 10_000,
            url="https://o.example/" + "u" * 3000,
            authors=people,
            outlet=replace(FULL.outlet, name="&" * 5000),
            subject=Subject(name="作" * 500, type="TVSeries" * 30),
            verdict="評" * 5000,
            excerpt=Prose(html="", text="文" * 200),
            rating=Rating(text="点" * 200),
        ),
    )
    entries = [replace(heavy, review=replace(heavy.review, key=f"heavy{number:011}")) for number in range(20)]
    assert len(feed_page(SITE, document(FEED, entries), NARROWED)) <= HEAVIEST
    assert len(search_page(SITE, "/search?q=x", FOUND, entries)) <= HEAVIEST
    assert len(home_page(SITE, [FeedCard(feed=FEED, count=20)], entries[:12])) <= HEAVIEST
    assert len(subject_page(SITE, "/subjects/x", BALLERINA, entries, entries, Paging(total=20))) <= HEAVIEST


def test_a_long_list_of_sources_goes_over_pages() -> None:
    """Sixty sources on a page, eight with their advice on the page of lint; the count is of all."""
    rows = [SourceRow(source=replace(FEED_SOURCE, name=f"s{number}")) for number in range(130)]
    third = read(sources_page(SITE, rows, [], NOW, 3))
    assert [code.text for code in third.xpath("//dd/code")] == [f"s{number}" for number in range(120, 130)]
    assert words(third.xpath("//p[@class='lede']")[0]).startswith("Where the reviews come from: 130 sources, none")
    assert third.xpath("//nav[@class='paging']/a/@href") == ["/sources?page=2"]
    assert read(sources_page(SITE, rows, [], NOW, 2)).xpath("//nav[@class='paging']/a/@href") == [
        "/sources",
        "/sources?page=3",
    ]
    told = [replace(LINT[0], name=f"s{number}") for number in range(9)]
    first, second = (read(lint_page(SITE, told, LINT, number)) for number in (1, 2))
    assert [len(tree.xpath("//article[@class='telling']")) for tree in (first, second)] == [8, 1]
    assert [len(tree.xpath("//section[@aria-labelledby='feeds-title']")) for tree in (first, second)] == [1, 0]
    assert first.xpath("//head/link[@rel='next']/@href") == ["/sources/lint?page=2"]
