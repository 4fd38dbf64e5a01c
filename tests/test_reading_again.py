"""A feed that was read before: only what is new in it is read, and what comes of it is what a whole reading gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import Fetched, Limits, Outlet, Site, Source
from feedsvc.reading import Reading, Setup, Task, again, read
from tests.collecting import Bench
from tests.origin import Origin

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SETUP = Setup(site=Site(title="Reviews", base_url="http://reviews.example"))
SOURCE = Source(name="outlet", kind="feed", location="https://outlet.example/feed")
#: What the texts of items hold that looks like where an item ends or begins.
TEXTS = (
    "A fine film.",
    "<![CDATA[<p>A <b>fine</b> film.</p>]]>",
    "<![CDATA[<p>Write &lt;item&gt;.</p></item> <item>]]>",
    "<!-- </item> <item> -->Salt and harbours.",
    "<![CDATA[ <!-- ]]>A film. <!-- ]]> -->",
    "Caf&#233; &amp; <item>cinema</item>",
)


def item(number: int, text: str = "A fine film.", guid: int | None = None) -> str:
    """One item of an RSS feed; `guid` where it bears another's."""
    return (
        f"<item><guid isPermaLink='false'>n{number if guid is None else guid}</guid><title>Review {number}</title>"
        f"<link>https://outlet.example/{number}</link>"
        f"<pubDate>Fri, {1 + number % 28:02} May 2026 08:00:00 GMT</pubDate><description>{text}</description></item>"
    )


def feed(*items: str, head: str = "", tail: str = "", between: str = "\n ") -> bytes:
    """An RSS feed of these items."""
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Outlet</title>"
        f"<link>https://outlet.example/</link><ttl>90</ttl>{head} {between.join(items)} {tail}</channel></rss>"
    ).encode()


def task(body: bytes, before: Reading | None = None, **more: object) -> Task:
    """A look at the feed; `before`: the look before, all of which was stored."""
    known = {one.guid_hash: one.digest for one in before.items} if before else {}
    made = Task(
        source=SOURCE,
        now=NOW,
        fetched=Fetched(url=SOURCE.location, body=body),
        known=known,
        markup=before.markup if before else None,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def items_read(body: bytes, before: Reading, setup: Setup = SETUP, **more: object) -> int | None:
    """How many items are read; None: all."""
    wanted = task(body, before, **more)
    assert wanted.fetched is not None
    begun = again.begun(wanted, setup, wanted.fetched)
    parsed = again.parsed_without(begun, setup, wanted.fetched) if begun else None
    return None if parsed is None else len(parsed.items)


def said(reading: Reading) -> Reading:
    """A reading without what is remembered for the next; of dates the newest twenty in their order."""
    return replace(reading, markup=None)


# ------------------------------------------------------------------------------------------------- what is not read


def test_of_a_feed_with_one_item_more_that_one_is_read() -> None:
    before = read(task(feed(item(1), item(2))), SETUP)
    after = read(task(feed(item(3), item(1), item(2)), before), SETUP)

    assert items_read(feed(item(3), item(1), item(2)), before) == 1
    assert [one.key for one in after.items] == [read(task(feed(item(3))), SETUP).items[0].key]
    assert (after.new, after.unchanged) == (1, 2)
    assert [date.day for date in after.dates] == [4, 3, 2]
    assert after.title == "Outlet"


def test_what_was_read_again_is_known_the_next_time() -> None:
    first = read(task(feed(item(1))), SETUP)
    second = read(task(feed(item(2), item(1)), first), SETUP)
    both = replace(second, items=(*first.items, *second.items))

    assert items_read(feed(item(3), item(2), item(1)), both) == 1


def test_an_edited_item_is_read_and_the_others_are_not() -> None:
    before = read(task(feed(item(1), item(2))), SETUP)
    after = read(task(feed(item(1), item(2, "Second thoughts.")), before), SETUP)

    assert items_read(feed(item(1), item(2, "Second thoughts.")), before) == 1
    assert (len(after.items), after.new, after.unchanged) == (1, 0, 1)


def test_the_date_of_its_making_makes_no_feed_another() -> None:
    made = "<lastBuildDate>Fri, 01 May 2026 0{}:00:00 GMT</lastBuildDate>"
    before = read(task(feed(item(1), head=made.format(8))), SETUP)

    assert items_read(feed(item(2), item(1), head=made.format(9)), before) == 1


def test_a_note_of_its_making_at_the_end_makes_no_feed_another() -> None:
    before = read(task(feed(item(1)) + b"\n<!-- made in 0.31 seconds -->\n"), SETUP)

    assert items_read(feed(item(2), item(1)) + b"\n<!-- made in 0.42 seconds -->", before) == 1


@pytest.mark.parametrize("prefix", ["", "a:"])
def test_entries_of_atom_too(prefix: str) -> None:
    def atom(*numbers: int) -> bytes:
        entries = "".join(
            f"<{prefix}entry><{prefix}id>tag:outlet.example,2026:{number}</{prefix}id><{prefix}title>T</{prefix}title>"
            f"<{prefix}link href='/{number}'/></{prefix}entry>"
            for number in numbers
        )
        name = prefix.rstrip(":")
        space = f"xmlns{':' if name else ''}{name}='http://www.w3.org/2005/Atom'"
        return f"<{prefix}feed {space}><{prefix}title>Outlet</{prefix}title>{entries}</{prefix}feed>".encode()

    before = read(task(atom(1, 2)), SETUP)

    assert items_read(atom(3, 1, 2), before) == 1
    assert said(read(task(atom(3, 1, 2), before), SETUP)).unchanged == 2


# ------------------------------------------------------------------------------------------------ what is read whole


@pytest.mark.parametrize(
    "body",
    [
        feed(item(2), item(1), head="<copyright>CC BY 4.0</copyright>"),
        feed(item(2), item(1), tail="<copyright>CC BY 4.0</copyright>"),
        feed(item(2), item(1), between="<ttl>5</ttl>"),
        feed(item(2, guid=1), item(1)),
        feed(item(1), item(1), item(2)),
        feed(item(2, TEXTS[2]), item(1)),
        feed(item(2, TEXTS[3]), item(1)),
        feed(item(2, "a < b"), item(1)),
        feed(item(2), item(1))[:-40],
    ],
    ids=["head", "tail", "between", "one guid", "twice", "CDATA", "comment", "malformed", "cut off"],
)
def test_where_anything_is_not_plain_all_is_read(body: bytes) -> None:
    before = read(task(feed(item(1))), SETUP)

    assert items_read(body, before) is None
    assert said(read(task(body, before), SETUP)) == said(read(task(body, before, markup=None), SETUP))


def test_other_settings_address_or_label_have_all_read() -> None:
    before, body = read(task(feed(item(1))), SETUP), feed(item(2), item(1))
    outlet = Outlet(name="Gazette", url="https://gazette.example/")
    fetched = Fetched(url=SOURCE.location, body=body)

    assert items_read(body, before) == 1
    assert items_read(body, before, source=replace(SOURCE, rights="CC BY 4.0")) is None
    assert items_read(body, before, replace(SETUP, outlets=(outlet,))) is None
    assert items_read(body, before, replace(SETUP, limits=Limits(max_title=20))) is None
    assert items_read(body, before, fetched=replace(fetched, url="https://outlet.example/other")) is None
    assert items_read(body, before, fetched=replace(fetched, charset="windows-1252")) is None


def test_what_is_stored_otherwise_is_read() -> None:
    """A hub delivered another form meanwhile: the feed's own counts as changed, as it does when all is read."""
    before = read(task(feed(item(1), item(2))), SETUP)
    first, second = before.items
    after = task(
        feed(item(3), item(1), item(2)), before, known={first.guid_hash: bytes(32), second.guid_hash: second.digest}
    )

    assert [one.guid_hash for one in read(after, SETUP).items][1:] == [first.guid_hash]
    assert read(after, SETUP).unchanged == 1


def test_a_delta_and_what_is_cut_off_teach_nothing() -> None:
    delta = Fetched(url=SOURCE.location, body=feed(item(1)), delta=True)

    assert read(task(b"", fetched=delta), SETUP).markup is None
    assert read(task(feed(item(1), item(2))[:-60]), SETUP).markup is None


def test_an_item_that_is_kept_out_is_offered_again() -> None:
    """Nothing leads back to where it appeared: it is reported at every look."""
    lost = "<item><title>Lost</title><description>Text</description></item>"
    before = read(task(feed(lost, item(1)).replace(b"<link>https://outlet.example/</link>", b"")), SETUP)
    after = read(
        task(feed(item(2), lost, item(1)).replace(b"<link>https://outlet.example/</link>", b""), before), SETUP
    )

    assert len(before.quarantined) == len(after.quarantined)
    assert after.unchanged == len(before.items)


# ---------------------------------------------------------------------------------------------------- as if read whole


ITEMS = st.lists(
    st.builds(item, st.integers(1, 9), st.sampled_from(TEXTS), st.one_of(st.none(), st.integers(1, 9))), max_size=6
)


@given(ITEMS, ITEMS, ITEMS, st.sampled_from(["", "\n", "<!-- note -->"]))
def test_what_comes_of_a_feed_does_not_hang_on_what_is_remembered(
    first: list[str], new: list[str], dropped: list[str], between: str
) -> None:
    before = read(task(feed(item(10), *first, between=between)), SETUP)
    body = feed(item(10), *new, *(one for one in first if one not in dropped), between=between)
    with_it, without = read(task(body, before), SETUP), read(task(body, before, markup=None), SETUP)

    assert sorted(with_it.items, key=lambda one: one.guid_hash) == sorted(without.items, key=lambda one: one.guid_hash)
    assert replace(said(with_it), items=()) == replace(said(without), items=())


def test_a_service_stores_what_is_new_and_what_was_edited(tmp_path: Path) -> None:
    """Over three looks; every review as it stands in the feed, and each stored once."""
    with Origin() as origin:
        bench = Bench(tmp_path, origin)
        for body in (
            feed(item(1), item(2)),
            feed(item(3), item(1), item(2)),
            feed(item(4), item(3), item(1, "Second thoughts."), item(2)),
        ):
            bench.serve(body)
            bench.look()
        reviews = bench.store.newest(["outlet"], 10)

    assert sorted(review.title for review in reviews) == ["Review 1", "Review 2", "Review 3", "Review 4"]
    [edited] = [review for review in reviews if review.title == "Review 1"]
    assert edited.excerpt is not None
    assert edited.excerpt.text == "Second thoughts."
