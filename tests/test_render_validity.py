"""The published bytes keep to RFC 4287's grammar, to what the W3C feed validator asks for, and to JSON Feed 1.1."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import jsonschema
import pytest
from lxml import etree

from feedsvc.model import Category, Credit, Enclosure, Entry, Feed, Image, Licence, LicenceState, Outlet, Site
from feedsvc.render import FORMATS
from feedsvc.render.moments import distinct_updates, rfc822
from tests.render_entries import BARE_ENTRY, ENTRIES, FULL_ENTRY, NS, document, drawn, entry_of, items, texts, xml
from tests.samples import BARE, FEED, FULL, SITE

SCHEMA = Path(__file__).parent / "data" / "render" / "jsonfeed-1.1.schema.json"

#: Reviews that are odd in one way each, as careless sources make them.
ODD = {
    "every field": FULL,
    "almost none": BARE,
    "no text at all": replace(BARE, content=None, excerpt=None),
    "nobody signed": replace(FULL, authors=()),
    "an outlet without any address": replace(BARE, outlet=Outlet(name="Nowhere Post"), authors=()),
    "no title": replace(BARE, title=" "),
    "a language that is none": replace(FULL, language="english (british)"),
    "media types that are none": replace(
        FULL,
        images=(Image(url="https://o.example/a", type="jpg"),),
        enclosures=(Enclosure(url="https://o.example/b", type="audio"),),
    ),
    "an unspecified licence": replace(FULL, licence=Licence(state=LicenceState.UNSPECIFIED, name="Creative Commons")),
    "a date in another zone": replace(FULL, published=datetime(2026, 5, 1, 1, tzinfo=timezone(timedelta(hours=-9)))),
    "a via by hand": replace(FULL, via=Outlet(name="By Post")),
    "commas in categories": replace(FULL, categories=(Category(term="crime, noir"), Category(term=""))),
}


@pytest.fixture(scope="module")
def grammar(beside: Path) -> etree.RelaxNG:
    """RFC 4287 Appendix B, which lets foreign markup stand."""
    return etree.RelaxNG(etree.parse(beside / "data" / "atom.rng"))


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("show", ["full", "excerpt", "link"])
def test_atom_keeps_to_the_grammar_of_rfc_4287(odd: str, show: str, grammar: etree.RelaxNG) -> None:
    review = ODD[odd]
    entry = entry_of(review if show == "full" else replace(review, content=None), show=show)

    document = xml("atom", entry)

    assert grammar.validate(document), grammar.error_log


def test_the_grammar_refuses_what_is_wrong(grammar: etree.RelaxNG) -> None:
    """The test above can fail: an entry without an id does."""
    document = xml("atom", FULL_ENTRY)
    identity = document.find("{*}entry/{*}id")
    assert identity is not None
    identity.getparent().remove(identity)  # type: ignore[union-attr]

    assert not grammar.validate(document)


@pytest.mark.parametrize("odd", ODD)
def test_json_feed_keeps_to_its_schema(odd: str) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(schema).validate(json.loads(drawn("json", [entry_of(ODD[odd])])))


@pytest.mark.parametrize(
    "spoilt",
    [
        '{"title": "t", "items": []}',
        '{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": "1"}]}',
    ],
    ids=["no version", "no content"],
)
def test_the_schema_refuses_what_is_wrong(spoilt: str) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(json.loads(spoilt))


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_nothing_that_the_w3c_validator_calls_an_error_is_written(odd: str, kind: str) -> None:
    root = xml(kind, entry_of(ODD[odd]))
    undefined = "|".join(f".//dcterms:{name}" for name in ("source", "rights", "creator", "publisher", "subject"))

    assert texts(root, ".//media:license | .//media:community | .//dc:source") == []
    assert texts(root, undefined) == []
    for entry in root.iterfind(".//{*}entry" if kind == "atom" else ".//item"):
        assert len(texts(entry, "dc:rights")) <= 1
        assert len(texts(entry, "ag:timestamp")) == 1
        assert len(texts(entry, "media:content/media:copyright")) <= len(texts(entry, "media:content"))


@pytest.mark.parametrize("odd", ODD)
def test_atom_has_no_element_of_the_creative_commons_modules(odd: str) -> None:
    root = xml("atom", entry_of(ODD[odd]))

    spaces = {etree.QName(element).namespace for element in root.iter()}
    assert spaces <= {NS["a"], NS["ag"], NS["dc"], NS["dcterms"], NS["media"], NS["schema"]}


@pytest.mark.parametrize("odd", ODD)
def test_an_entry_has_one_permalink_one_source_and_an_author_of_its_own(odd: str) -> None:
    entry = xml("atom", entry_of(ODD[odd]))[-1]

    assert len(texts(entry, "a:link[@rel='alternate']/@href")) == 1
    assert len(texts(entry, "a:source")) == 1
    assert all(texts(entry, f"a:source/a:{name}")[0] for name in ("id", "title", "updated"))
    assert texts(entry, "a:author/a:name")[0]
    assert texts(entry, "a:title")[0].strip()
    assert set(texts(entry, "a:content/@type | a:summary/@type")) == {"html"}
    assert texts(entry, "a:content[not(@type)] | a:summary[not(@type)]") == []


@pytest.mark.parametrize("odd", ODD)
def test_an_item_has_one_source_with_an_address_and_no_author_element(odd: str) -> None:
    item = xml("rss", entry_of(ODD[odd]))[0][-1]

    assert len(texts(item, "source")) == 1
    assert re.match(r"https?://[^/]+", texts(item, "source/@url")[0])
    assert texts(item, "author") == []
    assert texts(item, "dc:creator")[0]
    assert len(texts(item, "enclosure")) <= 1
    assert len(texts(item, "enclosure/@length")) == len(texts(item, "enclosure"))
    assert all("/" in each for each in texts(item, "enclosure/@type"))
    assert texts(item, "guid/@isPermaLink") == ["false"]


def test_an_unspecified_licence_links_to_the_address_that_says_so() -> None:
    entry = entry_of(ODD["an unspecified licence"])
    link = "a:link[@rel='license'][@title='Creative Commons']/@href"

    assert texts(xml("atom", entry)[-1], link) == ["http://purl.org/atompub/license#unspecified"]
    assert texts(xml("rss", entry)[0][-1], link) == ["http://purl.org/atompub/license#unspecified"]
    assert texts(xml("rss", entry), ".//cc:license") == []
    assert items(entry)[0]["_attribution"]["licence"] == {"state": "unspecified", "name": "Creative Commons"}


def test_a_licence_nobody_stated_is_not_written() -> None:
    assert texts(xml("atom", BARE_ENTRY)[-1], "a:link[@rel='license']") == []
    assert items(BARE_ENTRY)[0]["_attribution"]["licence"] == {"state": "unknown"}


def test_only_a_creative_commons_licence_stands_in_the_creative_commons_module() -> None:
    gfdl = Licence(state=LicenceState.IDENTIFIED, url="https://www.gnu.org/licenses/fdl-1.3.html", spdx="GFDL-1.3-only")
    entry = entry_of(replace(FULL, licence=gfdl))

    assert texts(xml("rss", entry), ".//cc:license") == []
    assert texts(xml("rss", entry)[0][-1], "a:link[@rel='license']/@title") == ["GFDL-1.3-only"]


@pytest.mark.parametrize(
    "credit, written",
    [
        (Credit(name="P", role="photographer", scheme="urn:ebu"), ("photographer", "urn:ebu")),
        (Credit(name="P", role="Photographer"), ("photographer", "urn:ebu")),
        (Credit(name="P", role="still artist", scheme="urn:ebu"), ("still artist", "http://schema.org/roleName")),
        (Credit(name="P", role="unit stills"), ("unit stills", "http://schema.org/roleName")),
        (Credit(name="P", role="fotograf", scheme="urn:yvs"), ("fotograf", "urn:yvs")),
        (Credit(name="P", role="fotograf", scheme="no uri"), ("fotograf", "http://schema.org/roleName")),
        (Credit(name="P", scheme="urn:ebu"), (None, None)),
    ],
)
def test_a_credit_has_an_ebu_role_or_a_scheme_of_its_own(credit: Credit, written: tuple[str, str]) -> None:
    element = xml("atom", entry_of(replace(FULL, images=(), credits=(credit,)))).find(f".//{{{NS['media']}}}credit")

    assert element is not None
    assert (element.get("role"), element.get("scheme")) == written


def at(key: str, moment: datetime) -> Entry:
    """An entry that changed at a moment."""
    return entry_of(replace(FULL, key=key, id=f"urn:example:{key}", updated=moment))


def test_no_two_entries_have_the_same_updated() -> None:
    noon, later = datetime(2026, 5, 2, 12, tzinfo=UTC), datetime(2026, 5, 2, 13, tzinfo=UTC)
    entries = [at(f"key{number:013}", noon) for number in range(200)] + [at("alone00000000000", later)]

    moments = texts(xml("atom", *entries), "a:entry/a:updated")

    assert len(set(moments)) == 201
    assert all(moment.startswith("2026-05-02T12:00:00.") for moment in moments[:-1])
    assert moments[-1] == "2026-05-02T13:00:00+00:00"


def test_an_updated_that_was_moved_does_not_depend_on_who_stands_beside_it() -> None:
    noon = datetime(2026, 5, 2, 12, tzinfo=UTC)
    one, two, three = at("a", noon), at("b", noon), at("c", noon)

    moments = [distinct_updates([one, two]), distinct_updates([three, two, one]), distinct_updates([one, three])]

    assert len({found["a"] for found in moments}) == 1
    assert moments[0]["a"] - noon < timedelta(seconds=1)


def test_an_entry_that_never_changed_was_updated_when_it_was_published() -> None:
    entry = xml("atom", entry_of(replace(FULL, updated=None)))[-1]

    assert texts(entry, "a:updated") == ["2026-05-01T08:15:00+00:00"]


def test_a_date_that_no_source_stated_is_not_made_up() -> None:
    assert texts(xml("atom", BARE_ENTRY)[-1], "a:published") == []
    assert texts(xml("rss", BARE_ENTRY)[0][-1], "pubDate | a:updated") == []
    assert {"date_published", "date_modified"}.isdisjoint(items(BARE_ENTRY)[0])


def test_rss_dates_are_english_with_four_digit_years_in_gmt() -> None:
    assert rfc822(datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))) == "Sat, 28 Feb 2026 22:30:00 GMT"
    assert rfc822(datetime(2026, 12, 9, 7, 5, 3, tzinfo=UTC)) == "Wed, 09 Dec 2026 07:05:03 GMT"


def test_the_outlet_is_identified_by_its_feed_else_its_address_else_its_name() -> None:
    def identity(outlet: Outlet) -> str:
        return texts(xml("atom", entry_of(replace(FULL, outlet=outlet)))[-1], "a:source/a:id")[0]

    stated = Outlet(name="O", url="https://o.example/", feed_url="https://o.example/f", feed_id="urn:o")
    assert identity(stated) == "urn:o"
    assert identity(replace(stated, feed_id=None)) == "https://o.example/f"
    assert identity(Outlet(name="O", url="https://o.example/")) == "https://o.example/"
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", identity(Outlet(name="O"))
    )
    assert identity(Outlet(name="O")) == identity(Outlet(name="O")) != identity(Outlet(name="P"))


def test_a_review_without_an_address_is_read_on_its_page_here() -> None:
    page = "http://reviews.example/reviews/barereview000002"

    assert texts(xml("atom", BARE_ENTRY)[-1], "a:link[@rel='alternate']/@href") == [page]
    assert texts(xml("rss", BARE_ENTRY)[0][-1], "link") == [page]
    assert items(BARE_ENTRY)[0]["url"] == page


def test_an_image_that_may_not_be_shown_is_credited_but_not_offered() -> None:
    entry = Entry(review=FULL, terms=FULL_ENTRY.terms)
    still = "https://night-lantern.example/i/still.jpg"
    (item,) = items(entry)

    assert texts(xml("atom", entry)[-1], "media:content/media:credit")[0] == "Pia Noor"
    assert still not in texts(xml("atom", entry)[-1], "a:link/@href")
    assert "image" not in item
    assert [each["url"] for each in item["attachments"]] == ["https://night-lantern.example/a/salt-road.mp3"]
    assert [each["embed"] for each in item["_attribution"]["images"]] == [False, False]


def test_rss_encloses_an_image_where_there_is_no_file() -> None:
    review = replace(FULL, enclosures=(), images=(Image(url="https://o.example/i/a.webp?w=1"),))
    entry = Entry(review=review, terms=FULL_ENTRY.terms, embeddable=frozenset({"https://o.example/i/a.webp?w=1"}))

    enclosure = xml("rss", entry)[0][-1].find("enclosure")

    assert enclosure is not None
    assert dict(enclosure.attrib) == {"url": "https://o.example/i/a.webp?w=1", "length": "0", "type": "image/webp"}


def test_no_category_label_has_a_comma() -> None:
    entry = entry_of(ODD["commas in categories"])

    assert texts(xml("atom", entry)[-1], "a:category/@label") == ["crime / noir"]
    assert texts(xml("rss", entry)[0][-1], "category") == ["crime / noir", "Movie"]
    assert items(entry)[0]["tags"] == ["crime / noir"]


def test_a_partner_without_an_address_is_still_named() -> None:
    entry = entry_of(ODD["a via by hand"])

    assert texts(xml("atom", entry)[-1], "dcterms:provenance") == ["By Post"]
    assert texts(xml("rss", entry)[0][-1], "dcterms:provenance") == ["By Post"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_rating_that_is_no_number_keeps_its_words_only(value: float) -> None:
    assert FULL.rating is not None
    entry = entry_of(replace(FULL, rating=replace(FULL.rating, value=value, percent=value)))

    assert items(entry)[0]["_review"]["rating"] == {"text": "★★★½", "best": 5, "worst": 0.5}
    assert texts(xml("atom", entry), ".//schema:ratingValue") == []


def test_a_feed_in_a_language_says_so_and_an_empty_feed_is_whole() -> None:
    feed = Feed(name="kurz", title="Kurz", language="de-AT")

    atom = etree.fromstring(FORMATS["atom"].write(SITE, document(feed, [])))
    rss = etree.fromstring(FORMATS["rss"].write(SITE, document(feed, [])))

    assert texts(atom, "@xml:lang") == ["de-AT"]
    assert texts(atom, "a:entry") == []
    assert texts(rss, "channel/language | channel/description") == ["Kurz", "de-AT"]


def test_every_entry_is_drawn_as_many_times_as_it_is_given() -> None:
    """Drawing leaves nothing behind: two feeds in a row are each their own."""
    first = FORMATS["atom"].write(SITE, document(FEED, ENTRIES))
    other = FORMATS["atom"].write(Site(title="Other", base_url="https://other.example"), document(FEED, [FULL_ENTRY]))

    assert FORMATS["atom"].write(SITE, document(FEED, ENTRIES)) == first
    assert len(texts(etree.fromstring(other), "a:entry")) == 1


def test_a_later_form_is_never_updated_before_an_earlier_one() -> None:
    """Though its source dates both alike, or the later one back: a client keeps the form with the later `updated`."""
    noon = datetime(2026, 5, 2, 12, tzinfo=UTC)
    first, beside = at("a", noon), at("b", noon)
    changed = replace(first.review, revised=first.review.collected + timedelta(days=1))
    alike, back = entry_of(changed), entry_of(replace(changed, updated=noon - timedelta(days=9)))

    earlier = max(distinct_updates([first])["a"], distinct_updates([first, beside])["a"])
    assert distinct_updates([alike])["a"] > earlier
    assert distinct_updates([back])["a"] > earlier
    assert timedelta(milliseconds=500) < distinct_updates([back])["a"] - changed.collected < timedelta(seconds=1)
