"""HTML pages with one review: title, article, people, licences and pictures, from the page's head and its text."""

from __future__ import annotations

import pytest

from feedsvc.errors import TooLarge
from feedsvc.model import Credit, Fetched, ImageClaim, Item, LicenceClaim, Link, Parsed, Person, Text
from feedsvc.parsers.document import read_document

WORDS = "<p>The river is patient, and so must be whoever sits through it.</p>"


def parsed(page: str) -> Parsed:
    return read_document(Fetched(url="file:///drop/a.html", path="a.html", body=page.encode()))


def read(page: str) -> Item:
    (item,) = parsed(page).items
    return item


def html(item: Item) -> str:
    assert item.content is not None
    return item.content.value


@pytest.mark.parametrize(
    "page, title",
    [
        (f"<title>T | Site</title><body><h1>Site</h1><article><h1>The  Ferry</h1>{WORDS}</article>", "The Ferry"),
        (f"<title>T | Site</title><main><h1>The Ferry</h1>{WORDS}</main>", "The Ferry"),
        (f"<title>The Ferry</title><header><h1>Site</h1></header>{WORDS}", "The Ferry"),
        (f"<title>T | Site</title><h1>The Ferry</h1>{WORDS}", "The Ferry"),
        (f"<title> </title><meta property='og:title' content='The Ferry'>{WORDS}", "The Ferry"),
        (f"<p>The Ferry\n{WORDS}", "The Ferry"),
        (f"<title>The Ferry</title><svg><title>Logo</title></svg>{WORDS}", "The Ferry"),
    ],
)
def test_the_title_is_the_articles_heading_or_the_pages(page: str, title: str) -> None:
    assert read(page).title == Text(value=title)


def test_the_text_is_the_article_without_what_frames_it() -> None:
    item = read(
        "<body><header>Site</header><nav>Menu</nav><main><h1>T</h1>Loose &lt; words."
        f"{WORDS}<aside>More</aside><script>x()</script><form><input></form><footer>Foot</footer></main><footer>End</footer>"
    )
    assert html(item) == f"Loose &lt; words.{WORDS}"


def test_a_page_without_an_article_loses_its_header_and_footer() -> None:
    item = read(f"<body><header><p>Site</p></header><h1>T</h1>{WORDS}<footer>End</footer></body>")
    assert html(item) == WORDS


def test_a_page_without_a_body_or_an_article_gives_its_sections() -> None:
    """libxml2 takes the section for a part of the head, and the paragraph after it for the body."""
    item = read(f"<title>The Ferry</title><meta name=robots content=all><section>{WORDS}</section>")
    assert html(item) == f"<section>{WORDS}</section>"
    item = read(f"<title>The Ferry</title><section>{WORDS}</section>On <em>foot</em>.<p>End.</p>")
    assert html(item) == f"<section>{WORDS}</section>On <em>foot</em>.<p>End.</p>"


def test_the_longest_article_with_a_heading_is_the_review() -> None:
    item = read(f"<article><h1>Teaser</h1><p>Short.</p></article><article><h1>Ferry</h1>{WORDS}</article>")
    assert item.title == Text(value="Ferry")
    assert html(item) == WORDS


def test_every_author_is_named_once_in_order_and_no_mail_address_is_kept() -> None:
    item = read(
        '<base href="https://c.example/x/">'
        '<meta name="author" content="Ana Lind"><meta name="author" content="Bo Reyes">'
        f'<article>{WORDS}<a rel="author" href="bo">bo reyes</a> <a rel="author" href="mailto:c@c.example">Cy Moor</a>'
        "</article>"
    )
    assert item.authors == (
        Person(name="Ana Lind"),
        Person(name="Bo Reyes", url="https://c.example/x/bo"),
        Person(name="Cy Moor"),
    )


def test_an_author_or_licence_of_another_page_is_not_this_ones() -> None:
    item = read(
        f"<article>{WORDS}</article><aside><a rel='author' href='/a'>Ana</a><a rel='license' href='/l'>L</a></aside>"
    )
    assert (item.authors, item.licences) == ((), ())


@pytest.mark.parametrize(
    "head, link, base",
    [
        ('<link rel="canonical" href="https://c.example/a">', "https://c.example/a", "https://c.example/a"),
        ('<meta property="og:url" content="https://c.example/b">', "https://c.example/b", "https://c.example/b"),
        ('<base href="https://c.example/d/"><link rel="canonical" href="e">', "https://c.example/d/e", "https://c.example/d/"),
        (
            '<link rel="canonical" href="https://c.example/a"><meta property="og:url" content="https://c.example/b">',
            "https://c.example/a",
            "https://c.example/a",
        ),
        ('<link rel="canonical" href="/a">', "/a", None),
    ],
)  # fmt: skip
def test_the_page_says_where_it_stands(head: str, link: str, base: str | None) -> None:
    """A relative address without any base stays as it was written."""
    item = read(f"<head>{head}</head>{WORDS}")
    assert item.links == (Link(href=link, type="text/html"),)
    assert item.content is not None
    assert item.content.base == base


def test_an_address_that_cannot_be_joined_is_left_out() -> None:
    item = read(f'<base href="https://c.example/"><link rel="canonical" href="http://[bad">{WORDS}')
    assert item.links == ()


def test_the_licence_of_a_figure_is_not_the_texts() -> None:
    item = read(
        f"<article>{WORDS}<figure><img src='https://c.example/i.jpg'><figcaption>A boat, "
        "<a rel='license' href='https://l.example/by'>CC BY</a></figcaption></figure></article>"
    )
    assert item.licences == ()
    assert item.images == (
        ImageClaim(url="https://c.example/i.jpg", licence=LicenceClaim(url="https://l.example/by", text="CC BY")),
    )


@pytest.mark.parametrize(
    "caption, credit, licence",
    [
        ("Photo: Pia Noor", Credit(name="Pia Noor"), None),
        ("Foto: Pia Noor/dpa", Credit(name="Pia Noor/dpa"), None),
        ("Image credit: Saltworks", Credit(name="Saltworks"), None),
        ("A boat. Bild: Pia Noor", Credit(name="Pia Noor"), None),
        ("A boat (Photo by Pia Noor)", Credit(name="Pia Noor", role="photographer", scheme="urn:ebu"), None),
        ("A boat at noon, © 2025 Saltworks", Credit(name="© 2025 Saltworks"), None),
        ("Photo: Pia Noor (CC BY 4.0)", Credit(name="Pia Noor"), LicenceClaim(text="CC BY 4.0")),
        ("Courtesy of Saltworks", Credit(name="Courtesy of Saltworks"), None),
    ],
)
def test_a_caption_that_reads_like_a_credit_is_the_pictures_credit(
    caption: str, credit: Credit, licence: LicenceClaim | None
) -> None:
    page = f"<article>{WORDS}<figure><img src='https://c.example/i.jpg'><figcaption>{caption}</figcaption></figure></article>"
    assert read(page).images == (ImageClaim(url="https://c.example/i.jpg", credits=(credit,), licence=licence),)


@pytest.mark.parametrize("caption", ["A boat at noon", "The photo that started it all", "An image: what is it?"])
def test_a_caption_that_only_describes_is_no_credit(caption: str) -> None:
    page = f"<article>{WORDS}<figure><img src='https://c.example/i.jpg'><figcaption>{caption}</figcaption></figure></article>"
    assert read(page).images == ()


@pytest.mark.parametrize(
    "markup, published",
    [
        ('<meta property="article:published_time" content="2026-03-01T10:00Z"><time datetime="2025">2025</time>',
         "2026-03-01T10:00Z"),
        ('<meta name="date" content="2026-03-02">', "2026-03-02"),
        ('<time datetime="1999">1999</time> <time itemprop="datePublished" datetime="2026-03-03">3 March</time>',
         "2026-03-03"),
        ('<aside><time datetime="1999">1999</time></aside><time datetime="2026-03-04">4 March</time>', "2026-03-04"),
    ],
)  # fmt: skip
def test_the_date_is_the_one_the_page_states(markup: str, published: str) -> None:
    item = read(f"<body>{markup}{WORDS}</body>")
    assert (item.published, item.published_inferred) == (published, False)


def test_the_language_is_that_of_the_article() -> None:
    assert read(f'<html lang="en"><article lang="fr">{WORDS}</article>').language == "fr"
    assert read(f'<html lang="en"><article>{WORDS}</article>').language == "en"
    assert read(f"<article>{WORDS}</article>").language is None


def test_the_description_is_the_summary_and_the_site_is_the_documents_title() -> None:
    page = parsed(f'<meta name="description" content="A river."><meta property="og:site_name" content="Corner">{WORDS}')
    assert page.items[0].summary == Text(value="A river.")
    assert page.feed.title == Text(value="Corner")


def test_an_element_with_thousands_of_attributes_is_refused() -> None:
    with pytest.raises(TooLarge, match=r"^a\.html has an element with more than 2,000 attributes"):
        read("<p " + " ".join(f"a{number}=1" for number in range(2001)) + f">{WORDS}")


def test_a_text_nested_beyond_measure_is_read_or_refused_but_never_breaks_the_reader() -> None:
    item = read("<div>" * 200 + WORDS + "</div>" * 200)
    assert "patient" in html(item)
