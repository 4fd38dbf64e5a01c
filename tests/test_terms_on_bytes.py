"""For any review and any feed: nothing beyond its terms in the published bytes, and its attribution in all of them.

Each word of a text is written once, so every word found in the bytes tells where it came from. What may be shown is
decided here a second time, by hand, from the table of terms; the bytes are read with lxml and json.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree, html

from feedsvc.config import Settings
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
    OptOut,
    Outlet,
    Person,
    Prose,
    Provenance,
    Rating,
    Rendition,
    Republish,
    Review,
    Subject,
    View,
)
from feedsvc.model.stored import stored_item
from feedsvc.normalise import entry_for
from feedsvc.normalise.excerpt import excerpt
from feedsvc.publish import Publisher, export, index
from feedsvc.render import FORMATS
from feedsvc.render.listing import Browse, Chosen, FeedCard, OutletRow, Paging, SearchForm
from feedsvc.render.pages import feed_page, home_page, outlet_page, review_page, search_page, subject_page
from feedsvc.store import Look, Store
from tests.databases import database_url, settings_of
from tests.exported import plain_files
from tests.render_entries import NS, document
from tests.samples import NOW, SITE

CC = "https://creativecommons.org/licenses"
UNSPECIFIED = "http://purl.org/atompub/license#unspecified"
#: The longest excerpt (characters).
LONGEST = 200


@dataclass(frozen=True)
class Class_:
    """A class of licence, and by hand: what "auto" shows in a commercial feed and in one that is not."""

    licence: Licence
    commercial: str
    otherwise: str
    #: An image under it: may it be shown in a commercial feed, in one that is not?
    image: tuple[bool, bool]


def named(name: str, url: str, spdx: str) -> Licence:
    """A licence that is known."""
    return Licence(state=LicenceState.IDENTIFIED, name=name, url=url, spdx=spdx)


CLASSES = {
    "cc0": Class_(
        named("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"), "full", "full", (True, True)
    ),
    "public domain": Class_(
        named("Public Domain Mark 1.0", "https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        "full",
        "full",
        (True, True),
    ),
    "by": Class_(named("CC BY 4.0", f"{CC}/by/4.0/", "CC-BY-4.0"), "full", "full", (True, True)),
    "by-sa": Class_(named("CC BY-SA 4.0", f"{CC}/by-sa/4.0/", "CC-BY-SA-4.0"), "full", "full", (True, True)),
    "by-nc": Class_(named("CC BY-NC 4.0", f"{CC}/by-nc/4.0/", "CC-BY-NC-4.0"), "excerpt", "full", (False, True)),
    "by-nc-sa": Class_(
        named("CC BY-NC-SA 4.0", f"{CC}/by-nc-sa/4.0/", "CC-BY-NC-SA-4.0"), "excerpt", "full", (False, True)
    ),
    "by-nd": Class_(named("CC BY-ND 4.0", f"{CC}/by-nd/4.0/", "CC-BY-ND-4.0"), "full", "full", (True, True)),
    "by-nc-nd": Class_(
        named("CC BY-NC-ND 4.0", f"{CC}/by-nc-nd/4.0/", "CC-BY-NC-ND-4.0"), "link", "full", (False, True)
    ),
    "another": Class_(
        named("MIT License", "https://opensource.org/license/mit", "MIT"), "excerpt", "excerpt", (False, False)
    ),
    "unspecified": Class_(
        Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons"), "excerpt", "excerpt", (False, False)
    ),
    "unspecified, unnamed": Class_(Licence(state=LicenceState.UNSPECIFIED), "excerpt", "excerpt", (False, False)),
    "unknown": Class_(Licence(), "excerpt", "excerpt", (False, False)),
    "all rights reserved": Class_(Licence(name="All rights reserved"), "excerpt", "excerpt", (False, False)),
}
NO_DERIVATIVES = frozenset({"by-nd", "by-nc-nd"})


def class_of(licence: Licence) -> str:
    """The name of a licence's class."""
    return next(name for name, each in CLASSES.items() if each.licence == licence)


def shown(review: Review, commercial: bool) -> str:
    """What may be published of a review: the agreement, else the outlet's word against it, else its licence."""
    if review.republish is not Republish.AUTO:
        return review.republish.value
    if review.opt_out and (commercial or not review.opt_out.commercial_only):
        return "link"
    name = class_of(review.licence)
    show = CLASSES[name].commercial if commercial else CLASSES[name].otherwise
    drawn_in_it = set(re.findall(r'<img [^>]*src="([^"]+)"', review.content.html if review.content else ""))
    # A text that may not be changed, with an image that may not be shown, cannot be shown as it is.
    altered = name in NO_DERIVATIVES and not drawn_in_it <= _showable_images(review, commercial)
    return "link" if altered else show


def showable(review: Review, commercial: bool) -> set[str]:
    """The images that may be drawn: by their own licence, or where all was agreed on and the image claims nothing."""
    return set() if shown(review, commercial) == "link" else _showable_images(review, commercial)


def _showable_images(review: Review, commercial: bool) -> set[str]:
    return {image.url for image in review.images if _showable(image, review.republish, commercial)}


def _showable(image: Image, republish: Republish, commercial: bool) -> bool:
    name = class_of(image.licence)
    if name == "unknown":
        return republish is Republish.FULL and not image.rights and not image.terms_url
    return CLASSES[name].image[0 if commercial else 1]


# ----------------------------------------------------------------------------------------------------------- any review


def words(letter: str, count: int, start: int = 0) -> list[str]:
    """That many words which stand nowhere else: zqc000, zqc001, …"""
    return [f"zq{letter}{number:03}" for number in range(start, start + count)]


def prose_of(paragraphs: Sequence[str], images: Sequence[Image] = ()) -> Prose:
    """Paragraphs, an image behind each of the first, as the sanitiser leaves them."""
    parts = [f"<p>{text}</p>" for text in paragraphs]
    for number, image in enumerate(images):
        drawn = f'<img alt="{image.alt or ""}" src="{image.url}">'
        inside = f'<a href="https://o.example/big" rel="noopener nofollow ugc">{drawn}</a>' if number % 2 else drawn
        parts.insert(min(2 * number + 1, len(parts)), f"<p>{inside}</p>")
    return Prose(html="".join(parts), text="\n\n".join(paragraphs))


@st.composite
def an_image(draw: st.DrawFn, number: int) -> Image:
    """An image with a credit and a licence of its own."""
    return Image(
        url=f"https://o.example/zqimage{number}.jpg",
        type=draw(st.sampled_from([None, "image/jpeg"])),
        width=draw(st.sampled_from([None, 800])),
        height=600,
        alt=draw(st.sampled_from([None, f"zqalt{number}"])),
        credits=draw(st.sampled_from([(), (Credit(name=f"zqphotographer{number}", role="photographer"),)])),
        licence=CLASSES[draw(st.sampled_from(sorted(CLASSES)))].licence,
        rights=draw(st.sampled_from([None, f"© zqimagerights{number}"])),
        terms_url=draw(st.sampled_from([None, f"https://o.example/zqterms{number}"])),
    )


@st.composite
def a_text(draw: st.DrawFn, letter: str, longest: int) -> list[str]:
    """Paragraphs of words that stand nowhere else."""
    sizes = draw(st.lists(st.integers(1, longest), min_size=1, max_size=4))
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    return [" ".join(words(letter, size, start)) for size, start in zip(sizes, starts, strict=True)]


@st.composite
def a_review(draw: st.DrawFn) -> Review:
    """Any review that normalise may make, its excerpt made of its text or of its summary."""
    images = tuple(draw(an_image(number)) for number in range(draw(st.integers(0, 3))))
    stray = Image(url="https://o.example/zqstray.jpg", alt="zqaltstray")
    paragraphs = draw(st.none() | a_text("c", 40))
    summary = draw(st.none() | a_text("s", 40))
    content = prose_of(paragraphs, [*images, *([stray] if draw(st.booleans()) else [])]) if paragraphs else None
    brief = prose_of(summary) if summary else None
    source = brief if brief and (content is None or draw(st.booleans())) else content
    url = draw(st.sampled_from([None, "https://o.example/reviews/zqurl"]))
    published = draw(st.sampled_from([None, datetime(2026, 5, 1, tzinfo=UTC)]))
    return Review(
        key="anyreview0000001",
        source="night-lantern",
        id="tag:o.example,2026:zqid",
        url=url,
        title="zqtitle",
        summary=brief,
        content=content,
        excerpt=excerpt(source.text) if source else None,
        authors=draw(
            st.sampled_from(
                [
                    (),
                    (Person(name="zqcritic", url="https://o.example/zqcritic"),),
                    (Person(name="zqcritic"), Person(name="zqsecond")),
                ]
            )
        ),
        contributors=draw(st.sampled_from([(), (Person(name="zqeditor"),)])),
        outlet=Outlet(
            name="zqoutlet",
            url=draw(st.sampled_from([None, "https://o.example/"])),
            feed_url=draw(st.sampled_from([None, "https://o.example/feed"])),
            rights=draw(st.sampled_from([None, "© zqoutletrights"])),
        ),
        via=draw(st.sampled_from([None, Outlet(name="zqvia", url="https://wire.example/")])),
        cited=draw(st.sampled_from([(), (Citation(name="zqcited", url="https://c.example/"),)])),
        rights=draw(st.sampled_from([None, "© zqrights", "zqrights " * 40])),
        rights_holder=draw(st.sampled_from([None, "zqholder"])),
        licence=CLASSES[draw(st.sampled_from(sorted(CLASSES)))].licence,
        opt_out=draw(
            st.sampled_from([None, None, OptOut(statement="zqno"), OptOut(statement="zqno", commercial_only=True)])
        ),
        images=images,
        credits=draw(st.sampled_from([(), (Credit(name="zqunbound"),)])),
        enclosures=draw(st.sampled_from([(), (Enclosure(url="https://o.example/a.mp3", title="zqsound"),)])),
        categories=draw(st.sampled_from([(), (Category(term="zqcategory"),)])),
        subject=draw(st.sampled_from([None, Subject(name="zqwork", type="Movie")])),
        rating=draw(st.sampled_from([None, Rating(text="zqrating", value=7, best=10, worst=0, percent=70)])),
        verdict=draw(st.none() | st.integers(1, 30).map(lambda count: " ".join(words("v", count)))),
        published=published,
        updated=draw(st.sampled_from([None, datetime(2026, 5, 2, tzinfo=UTC)])),
        collected=NOW,
        revised=NOW,
        language=draw(st.sampled_from([None, "en"])),
        also=draw(st.sampled_from([(), (Also(url="https://also.example/", outlet="zqalso"),)])),
        republish=draw(st.sampled_from(list(Republish))),
        provenance={"authors": Provenance.STATED},
    )


# ------------------------------------------------------------------------------------------------- what the bytes show


@dataclass
class Seen:
    """What a reader of one published form is told of the review."""

    raw: bytes
    names: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    licences: list[str] = field(default_factory=list)
    #: Images that the form draws, offers for download or names as the item's picture.
    embedded: set[str] = field(default_factory=set)
    #: The attribution that a person can read; more than once where it is told more than once.
    visible: list[str] = field(default_factory=list)

    def words(self, letter: str) -> set[str]:
        """The words of one text that stand anywhere in the bytes, in markup, attributes and scripts too."""
        return set(re.findall(rf"zq{letter}\d{{3}}", self.raw.decode()))


def texts(element: etree._Element, path: str) -> list[str]:
    """Every string that an XPath finds."""
    found = element.xpath(path, namespaces=NS)
    assert isinstance(found, list)
    return [str(each) for each in found]


def see_html(fragment: str, seen: Seen) -> None:
    """Read the HTML of an item: the images it draws and the line it ends with."""
    root = html.fragment_fromstring(fragment, create_parent="div")
    seen.embedded |= set(root.xpath("//img/@src | //@srcset | //@poster"))
    seen.visible += [line.text_content() for line in root.find_class("feedsvc-attribution")]
    seen.links += [str(href) for href in root.xpath("//*[@class='feedsvc-attribution']//a/@href")]


def see_atom(body: bytes) -> Seen:
    """An Atom document with one entry."""
    [entry] = etree.fromstring(body).findall("a:entry", NS)
    seen = Seen(
        raw=body,
        names=texts(entry, "a:author/a:name/text() | a:source/a:title/text()"),
        links=texts(entry, "a:link[@rel='alternate']/@href"),
        licences=texts(entry, "a:link[@rel='license']/@href"),
        embedded=set(texts(entry, "a:link[@rel='enclosure']/@href | .//media:thumbnail/@url")),
    )
    for fragment in texts(entry, "a:content/text() | a:summary/text()"):
        see_html(fragment, seen)
    return seen


def see_rss(body: bytes) -> Seen:
    """An RSS document with one item."""
    [item] = etree.fromstring(body).findall("channel/item")
    seen = Seen(
        raw=body,
        names=texts(item, "dc:creator/text() | source/text()"),
        links=texts(item, "link/text()"),
        licences=texts(item, "a:link[@rel='license']/@href"),
        embedded=set(texts(item, "a:link[@rel='enclosure']/@href | enclosure/@url | .//media:thumbnail/@url")),
    )
    for fragment in texts(item, "description/text() | content:encoded/text()"):
        see_html(fragment, seen)
    return seen


def see_json(body: bytes) -> Seen:
    """A JSON Feed with one item."""
    [item] = json.loads(body)["items"]
    said: dict[str, Any] = item["_attribution"]
    seen = Seen(
        raw=body,
        names=[*(person["name"] for person in item["authors"]), said["outlet"]["name"]],
        links=[item["url"]],
        licences=[said["licence"].get("url", ""), said["licence"]["state"]],
        embedded={item.get("image"), item.get("banner_image"), *(each["url"] for each in item.get("attachments", []))},
        visible=[item["content_text"].split("\n")[-1]],
    )
    seen.embedded -= {None}
    see_html(item["content_html"], seen)
    return seen


def see_page(body: bytes) -> Seen:
    """A page that shows one review: as a card, or whole."""
    root = html.fromstring(body)
    [article] = root.xpath("//article[contains(@class, 'card') or contains(@class, 'review')]")
    linked_data = [json.loads(script.text or "") for script in root.iterfind(".//script[@type='application/ld+json']")]
    seen = Seen(
        raw=body,
        names=[text.strip() for text in article.itertext()],
        links=[str(href) for href in root.xpath("//article//a/@href | //link[@rel='canonical']/@href")],
        licences=[str(href) for href in article.xpath(".//a/@href")],
        embedded={str(src) for src in root.xpath("//img/@src | //@srcset | //@poster | //meta[@property]/@content")},
        visible=[" ".join(article.text_content().split())],
    )
    for data in linked_data:
        seen.embedded |= {image["contentUrl"] for image in data.get("image", [])}
    return seen


#: Pages that belong to no feed, and are held to the strictest reading.
NO_FEED = ("front", "search", "work", "outlet")
SEE = {"atom": see_atom, "rss": see_rss, "json": see_json, "feed": see_page, "review": see_page}
SEE |= dict.fromkeys(NO_FEED, see_page)
#: The forms that carry the whole text where it may be carried.
WHOLE = frozenset({"atom", "rss", "json", "review"})


def drawn(form: str, review: Review, feed: Feed) -> bytes:
    """One published form of one review."""
    entry = entry_for(review, commercial=feed.commercial or form in NO_FEED)
    if form in FORMATS:
        return FORMATS[form].write(SITE, document(feed, [entry]))
    if form == "feed":
        return feed_page(SITE, document(feed, [entry]))
    if form == "review":
        return review_page(SITE, entry, [feed], 0)
    if form == "search":
        chosen = (Chosen(kind="q", label="any", path="/search"),)
        return search_page(SITE, "/search", Browse(form=SearchForm(action="/search"), total=1, chosen=chosen), [entry])
    if form == "work":
        rated = [entry, entry, entry]
        return subject_page(SITE, "/subjects/any", Subject(name="Any"), [entry], rated, Paging(total=1))
    if form == "outlet":
        row = OutletRow(name="Any", path="/outlets/any", reviews=1)
        return outlet_page(SITE, "/outlets/any", row, [entry], [], Paging(total=1))
    return home_page(SITE, [FeedCard(feed=feed, count=1, latest=NOW)], [entry])


# ----------------------------------------------------------------------------------------------------------- the proofs


def beginning(prose: Prose | None, letter: str) -> set[str]:
    """The words of a text that an excerpt of it may hold."""
    folded = " ".join(prose.text.split()) if prose else ""
    return set(re.findall(rf"zq{letter}\d{{3}}", folded[:LONGEST]))


def check_terms(seen: Seen, review: Review, *, commercial: bool) -> None:
    """Nothing beyond the terms is in the bytes."""
    show = shown(review, commercial)
    found = {letter: seen.words(letter) for letter in "csv"}
    if show == "link":
        assert set().union(*found.values()) == set()
        assert not re.search(rb"zqrating|zqalt|zqphotographer|zqimage\d", seen.raw)
    if show == "excerpt":
        assert found["c"] <= beginning(review.content, "c")
        assert found["s"] <= beginning(review.summary, "s")
        assert len(" ".join(set().union(*found.values()))) <= LONGEST
    pictures = {url for url in seen.embedded if "zqimage" in url or "zqstray" in url}
    assert pictures <= showable(review, commercial)


def check_attribution(seen: Seen, review: Review, *, commercial: bool) -> None:
    """Critic or outlet, the outlet's name, a link, the state of the licence, credits of the images shown."""
    page = f"/reviews/{review.key}"
    assert {person.name for person in review.authors} | {"zqoutlet"} <= set(seen.names)
    assert review.url in seen.links if review.url else any(link.endswith(page) for link in seen.links)
    assert seen.visible
    for line in seen.visible:
        assert all(person.name in line for person in review.authors)
        assert "zqoutlet" in line
        said = review.licence.state is LicenceState.UNKNOWN and "Rights: © zqrights" in line
        assert said or licence_words(review) in line
    credits = {credit.name for image in review.images if image.url in seen.embedded for credit in image.credits}
    assert all(any(name in line for line in seen.visible) for name in credits)
    if review.licence.url:
        assert review.licence.url in seen.licences


def licence_words(review: Review) -> str:
    """How the licence's state is said to a person."""
    if review.licence.state is LicenceState.IDENTIFIED:
        return review.licence.name or ""
    if review.licence.state is LicenceState.UNSPECIFIED:
        return "unspecified"
    return "All rights with the outlet"


@pytest.mark.parametrize("form", SEE)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(review=a_review(), commercial=st.booleans())
def test_nothing_beyond_the_terms_and_all_of_the_attribution_is_in_the_bytes(
    form: str, review: Review, commercial: bool
) -> None:
    feed = Feed(name="any", title="Any", commercial=commercial)
    seen = SEE[form](drawn(form, review, feed))
    strict = commercial or form in NO_FEED

    check_terms(seen, review, commercial=strict)
    check_attribution(seen, review, commercial=strict)
    if shown(review, strict) == "full" and form in WHOLE and review.content:
        assert seen.words("c") == set(re.findall(r"zqc\d{3}", review.content.text))


@pytest.mark.parametrize("form", SEE)
@pytest.mark.parametrize("name", sorted(NO_DERIVATIVES))
def test_a_text_that_may_not_be_cut_is_never_cut(form: str, name: str) -> None:
    """Any ND: the whole text unaltered, or a link; a card or a description that begins it would be an excerpt."""
    content = prose_of([" ".join(words("c", 60))])
    review = replace(
        PLAIN,
        licence=CLASSES[name].licence,
        content=content,
        excerpt=excerpt(content.text),
    )
    found = SEE[form](drawn(form, review, Feed(name="any", title="Any", commercial=False))).words("c")

    assert found == (set(words("c", 60)) if form in WHOLE else set())


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_where_the_whole_text_may_not_be_cut_no_part_of_the_item_is_an_excerpt(form: str) -> None:
    content = prose_of([" ".join(words("c", 60))])
    review = replace(PLAIN, licence=CLASSES["by-nd"].licence, content=content, excerpt=excerpt(content.text))
    body = drawn(form, review, Feed(name="any", title="Any"))
    if form == "json":
        [item] = json.loads(body)["items"]
        parts = [item["content_html"], item["content_text"], item.get("summary", "")]
    else:
        paths = "//a:entry/a:content | //a:entry/a:summary | //item/description | //content:encoded"
        parts = [found.text or "" for found in etree.fromstring(body).xpath(paths, namespaces=NS)]
    counts = {len(set(re.findall(r"zqc\d{3}", part))) for part in parts}

    assert counts <= {0, 60}
    assert 60 in counts


PLAIN = Review(
    key="anyreview0000001",
    source="night-lantern",
    id="tag:o.example,2026:zqid",
    url="https://o.example/reviews/zqurl",
    title="zqtitle",
    outlet=Outlet(name="zqoutlet", url="https://o.example/"),
    collected=NOW,
    revised=NOW,
)


# --------------------------------------------------------------------------------------------- through store and export


CONFIG = """
[service]
base_url = "http://reviews.example"
[[sources]]
name = "night-lantern"
kind = "folder"
location = "incoming"
[[feeds]]
name = "strict"
title = "Strict"
[[feeds]]
name = "open"
title = "Open"
commercial = false
"""


def exported(folder: Path, config: Settings, review: Review) -> dict[str, bytes]:
    """Every file of a static export of one stored review, by its path."""
    digest = hashlib.sha256(b"any").digest()
    with Store.open(database_url(folder)) as store:
        store.migrate()
        store.sync_sources(config.sources, NOW)
        [claim] = store.claim_named(["night-lantern"], NOW, timedelta(minutes=1))
        stored = stored_item(review, digest, digest)
        store.record([Look(claim=claim, now=NOW, state=claim.state, reviews=(stored,))])
        export(Publisher(store=store, settings=config, clock=lambda: NOW), folder / "out", lambda _: None)
    return plain_files(folder / "out")


#: Path in the export → the form that stands there.
FORMS = {
    "feeds/{feed}.atom": "atom",
    "feeds/{feed}.rss": "rss",
    "feeds/{feed}.json": "json",
    "feeds/{feed}/index.html": "feed",
}


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(review=a_review())
def test_a_static_export_holds_nothing_beyond_the_terms_and_all_of_the_attribution(
    tmp_path_factory: pytest.TempPathFactory, review: Review
) -> None:
    folder = tmp_path_factory.mktemp("export")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    config = settings_of(folder)
    # The agreement that holds is the configured one.
    agreed = tuple(replace(source, republish=review.republish) for source in config.sources)
    files = exported(folder, replace(config, sources=agreed), review)

    forms = {pattern.format(feed=feed): form for pattern, form in FORMS.items() for feed in ("strict", "open")}
    forms |= {"index.html": "front", f"reviews/{review.key}/index.html": "review"}
    assert set(forms) <= set(files)
    for path, body in files.items():
        # What belongs to no feed, or to both, is held to the stricter one.
        commercial = not path.startswith("feeds/open")
        seen = SEE[forms[path]](body) if path in forms else Seen(raw=body)
        check_terms(seen, review, commercial=commercial)
        if path in forms:
            check_attribution(seen, review, commercial=commercial)


# ------------------------------------------------------------------------------------------------------- through views


@contextmanager
def published_in(folder: Path, config: Settings, review: Review) -> Iterator[Publisher]:
    """What is published of one stored review."""
    digest = hashlib.sha256(b"any").digest()
    with Store.open(database_url(folder)) as store:
        store.migrate()
        store.sync_sources(config.sources, NOW)
        [claim] = store.claim_named(["night-lantern"], NOW, timedelta(minutes=1))
        stored = stored_item(review, digest, digest)
        store.record([Look(claim=claim, now=NOW, state=claim.state, reviews=(stored,))])
        publisher = Publisher(store=store, settings=config, clock=lambda: NOW)
        index(publisher)
        yield publisher


#: Parameters that leave the one review in the view.
VIEWS = ([("limit", "7")], [("content", "excerpt")], [("content", "none")], [("type", "movie"), ("content", "excerpt")])
VIEWED = {".atom": "atom", ".rss": "rss", ".json": "json", "": "feed"}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(review=a_review())
def test_a_view_holds_nothing_beyond_the_terms_and_what_may_not_be_shown_is_not_found(
    tmp_path_factory: pytest.TempPathFactory, review: Review
) -> None:
    folder = tmp_path_factory.mktemp("views")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    config = settings_of(folder)
    agreed = tuple(replace(source, republish=review.republish) for source in config.sources)
    review = replace(review, subject=Subject(name="zqwork", type="Movie"))
    with published_in(folder, replace(config, sources=agreed), review) as publisher:
        for feed in ("strict", "open"):
            for suffix, form in VIEWED.items():
                for query in VIEWS:
                    found = publisher.view(f"/feeds/{feed}{suffix}", query)
                    assert isinstance(found, Rendition)
                    seen = SEE[form](found.body)
                    check_terms(seen, review, commercial=feed == "strict")
                    check_attribution(seen, review, commercial=feed == "strict")
                    check_no_more_than_asked(seen, review, dict(query).get("content"))
        # One index serves both feeds, so it knows what the stricter one may show.
        allowed = shown(review, commercial=True)
        whole = set(re.findall(r"zqc\d{3}", review.content.text)) if review.content else set()
        hidden = whole if allowed == "link" else whole - beginning(review.content, "c") if allowed != "full" else set()
        for word in sorted(hidden)[:3]:
            assert publisher.store.views.count(View(words=word), ["night-lantern"]) == 0
        rated = publisher.store.views.count(View(min_rating=0), ["night-lantern"])
        assert rated == (review.rating is not None and allowed != "link")


def check_no_more_than_asked(seen: Seen, review: Review, content: str | None) -> None:
    """content=excerpt leaves the beginning alone, content=none no word of the text."""
    if content == "excerpt":
        assert seen.words("c") <= beginning(review.content, "c")
        assert len(" ".join(seen.words("c"))) <= LONGEST
        if class_of(review.licence) in NO_DERIVATIVES and review.republish is Republish.AUTO:
            assert seen.words("c") == set()
    if content == "none":
        assert set().union(*(seen.words(letter) for letter in "csv")) == set()
