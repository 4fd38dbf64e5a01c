"""A feed that was read before: only what is new in it is read, and what comes of it is what a whole reading gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import Fetched, Limits, Outlet, Site, Source
from feedsvc.model.stored import StoredItem
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
    return None if begun is None or begun.parsed is None else len(begun.parsed.items)


def looks(*bodies: bytes) -> Iterator[tuple[Reading, Reading]]:
    """Look after look, all that is found being stored: each with what is remembered, and the same without."""
    known: dict[bytes, bytes] = {}
    markup: bytes | None = None
    for body in bodies:
        with_it = read(task(body, known=dict(known), markup=markup), SETUP)
        yield with_it, read(task(body, known=dict(known)), SETUP)
        known |= {one.guid_hash: one.digest for one in with_it.items}
        markup = with_it.markup or markup


def assert_as_if_read_whole(*bodies: bytes) -> None:
    """Whatever is remembered, what comes of each look is what comes of reading it whole."""
    for with_it, without in looks(*bodies):
        assert sorted(with_it.items, key=by_identity) == sorted(without.items, key=by_identity)
        assert replace(said(with_it), items=()) == replace(said(without), items=())


def by_identity(one: StoredItem) -> bytes:
    """An order of items that does not hang on where they stand."""
    return one.guid_hash


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


def test_how_often_and_whether_it_is_looked_at_has_nothing_read_again() -> None:
    before, body = read(task(feed(item(1))), SETUP), feed(item(2), item(1))

    assert items_read(body, before, source=replace(SOURCE, interval=60.0, preferred=True, authorization="Basic x")) == 1


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
CHANGES = st.lists(st.tuples(ITEMS, ITEMS), min_size=1, max_size=4)


@given(ITEMS, CHANGES, st.sampled_from(["", "\n", "<!-- note -->"]))
def test_what_comes_of_a_feed_does_not_hang_on_what_is_remembered(
    first: list[str], changes: list[tuple[list[str], list[str]]], between: str
) -> None:
    shown, bodies = first, [feed(item(10), *first, between=between)]
    for new, dropped in changes:
        shown = [*new, *(one for one in shown if one not in dropped)]
        bodies.append(feed(item(10), *shown, between=between))

    assert_as_if_read_whole(*bodies)


def test_a_guid_that_comes_to_be_shared_names_none_of_its_items() -> None:
    """RSS that counts its guids anew on every page, or bears the feed's own in all: each item is at its address."""
    shared = [item(number, guid=1) for number in (1, 2, 3)]

    assert_as_if_read_whole(feed(shared[0]), feed(*shared[1::-1]), feed(*shared[::-1]))
    assert_as_if_read_whole(feed(*shared[1::-1]), feed(item(5), shared[0]))
    [_, _, (last, _)] = looks(feed(shared[0]), feed(*shared[1::-1]), feed(*shared[::-1]))
    assert [one.url for one in last.items] == ["https://outlet.example/3"]


def test_how_the_bytes_are_read_hangs_on_all_of_them() -> None:
    labelled = feed("{}").replace(b"utf-8", b"iso-8859-1")
    utf8, latin = (item(1, "Café").encode(code) for code in ("utf-8", "latin-1"))
    doubled = item(4, "CafÃ©").encode()

    def body(*items: bytes) -> bytes:
        return labelled.replace(b"{}", b"".join(items))

    assert_as_if_read_whole(body(latin, utf8), body(item(3).encode(), utf8))
    assert_as_if_read_whole(feed(item(5, "Café"), doubled.decode()), feed(item(3), doubled.decode()))


@pytest.mark.parametrize(
    "head",
    [
        "<copyright><![CDATA[<!-- {} -->]]></copyright>",
        "<description><![CDATA[so <!-- x]]></description><copyright>{}</copyright><!-- made by hand -->",
        "<copyright>Text under <date>{}</date></copyright>",
        "<?note <!-- ?><copyright>{}</copyright><!-- made by hand -->",
        "<!DOCTYPE x [<!ENTITY a '<!--'>]><copyright>{}</copyright><!-- made by hand -->",
    ],
    ids=["comment in CDATA", "comment from CDATA on", "date of words", "comment from an instruction on", "DTD"],
)
def test_other_rights_of_the_feed_are_those_of_every_item(head: str) -> None:
    """Whatever looks like the time or a note of its making, but is text."""
    free, reserved = head.format("CC BY 4.0"), head.format("All rights reserved")

    assert_as_if_read_whole(feed(item(1), head=free), feed(item(2), item(1), head=reserved))
    [_, (after, _)] = looks(feed(item(1), head=free), feed(item(2), item(1), head=reserved))
    assert len(after.items) == 2 or "DOCTYPE" in head


def test_what_feedparser_reads_is_read_whole() -> None:
    """It carries a base from one item to those after it."""

    def channel(*items: str) -> bytes:
        return f"<channel>{''.join(items)}</channel>".encode()

    one = "<item{}><title>Review {}</title><link>/{}</link><description>Text</description></item>"
    first, second = one.format("", 1, 1), one.format(" xml:base='https://other.example/'", 2, 2)
    assert_as_if_read_whole(channel(first), channel(second, first))


def test_an_item_outside_of_the_others_is_not_taken_for_one_of_them() -> None:
    """Of another case or name, or where none is looked for; and one that is no item of the feed makes up for it."""
    foreign = item(2).replace("<item", "<item xmlns='urn:other'")
    for outside in (item(5).replace("item>", "ITEM>"), "<entry xmlns='http://www.w3.org/2005/Atom'><id>e</id></entry>"):
        for where in ("head", "tail"):
            assert_as_if_read_whole(
                feed(item(9), item(8), foreign, **{where: outside}),
                feed(foreign.replace("n2", "n3"), item(9), item(8), foreign, **{where: outside}),
                feed(foreign.replace("n2", "n3"), item(8), foreign, **{where: outside}),
            )


def test_an_instruction_that_is_left_open_swallows_what_follows() -> None:
    """It ends in another item; what stands between them is part of it."""
    opened, closed = item(2).replace("</item>", "<?x </item>"), "<item> ?></item>"
    entry = "<a:entry xmlns:a='http://www.w3.org/2005/Atom'><a:id>urn:e</a:id><a:link href='/e'/></a:entry>"

    assert_as_if_read_whole(
        feed(item(1), opened, closed, tail=entry),
        feed(opened.replace("n2", "n3"), item(1), "<item > ?></item>", tail=entry),
    )


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
