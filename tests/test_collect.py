"""Collecting, end to end from a real origin to a real database: what changes, what stays, what is said of a failure."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedsvc.collect import Collector, Outcome, collect, these
from feedsvc.errors import SourceError
from feedsvc.model import Rendition, Republish, Source
from feedsvc.publish import Publisher, export, publish
from feedsvc.store import Store
from tests.collecting import LEASE, RSS, Bench, Clock, item, rss
from tests.databases import settings_of
from tests.origin import Origin


def test_what_is_collected_any_number_of_times_is_one_review(bench: Bench) -> None:
    bench.serve(rss(item(1), item(2)))
    counts = [(o.new, o.changed, o.unchanged) for o in (bench.look(), bench.look(force=True), bench.look())]

    assert counts == [(2, 0, 0), (0, 0, 2), (0, 0, 0)]
    assert sorted(bench.titles()) == ["Review 1", "Review 2"]


def test_a_changed_item_is_an_update_and_its_earlier_form_is_kept(bench: Bench) -> None:
    bench.serve(rss(item(1, "First words.")))
    bench.look()
    bench.serve(rss(item(1, "Better words.")))
    outcome = bench.look()

    [review] = bench.store.newest(["outlet"], 10)
    assert (outcome.new, outcome.changed) == (0, 1)
    assert review.excerpt is not None
    assert review.excerpt.text == "Better words."
    assert review.revised - review.collected == timedelta(hours=1)
    assert [earlier.excerpt and earlier.excerpt.text for earlier in bench.store.revisions(review.key)] == [
        "First words."
    ]


def test_polling_01_validators_go_back_as_they_came_and_304_changes_nothing(bench: Bench) -> None:
    bench.serve(rss(item(1)), ETag='W/"a b"', Last_Modified="Fri, 1 May 2026 8:00:00 GMT")
    bench.look()
    bench.serve(b"", status=304)
    outcome = bench.look()

    asked = bench.origin.requests[-1].headers
    assert asked["if-none-match"] == 'W/"a b"'
    assert asked["if-modified-since"] == "Fri, 1 May 2026 8:00:00 GMT"
    assert outcome.error is None
    assert bench.titles() == ["Review 1"]


def test_an_address_of_a_page_leads_to_its_feed(tmp_path: Path) -> None:
    link = b'<link rel="alternate" type="application/rss+xml" href="f.xml">'
    page = b"<!doctype html><html><head><title>Outlet</title>" + link
    with Origin() as origin:
        origin.answer("/", 200, {"Content-Type": "text/html"}, page + b"</head><body><p>Hello.</p></body></html>")
        origin.answer("/f.xml", 200, {"Content-Type": RSS}, rss(item(1)))
        bench = Bench(tmp_path, origin, "/")

        assert (bench.look().new, bench.look().error) == (1, None)
        assert [asked.path for asked in origin.requests] == ["/", "/f.xml", "/f.xml"]
        bench.store.close()


def test_an_item_that_vanishes_from_the_feed_stays_published(bench: Bench) -> None:
    bench.serve(rss(item(1), item(2)))
    bench.look()
    bench.serve(rss(item(2)))
    bench.look()

    assert sorted(bench.titles()) == ["Review 1", "Review 2"]


def test_items_that_share_a_guid_are_all_kept_and_stay_the_same(bench: Bench) -> None:
    shared = [item(n).replace(f">n{n}<", ">same<") for n in (1, 2, 3)]
    bench.serve(rss(*shared))
    bench.look()
    bench.serve(rss(*reversed(shared)))
    outcome = bench.look()

    assert sorted(bench.titles()) == ["Review 1", "Review 2", "Review 3"]
    assert (outcome.new, outcome.changed) == (0, 0)
    assert len({review.id for review in bench.store.newest(["outlet"], 10)}) == 3


def test_a_future_date_never_pins_a_review_on_top(bench: Bench) -> None:
    bench.serve(rss(item(1).replace("2026", "2097")))
    bench.look()
    bench.serve(rss(item(2, day=4), item(1).replace("2026", "2097")))
    bench.clock.now += timedelta(days=30)
    bench.look()
    bench.clock.now = datetime(2026, 6, 20, tzinfo=UTC)
    bench.serve(rss(item(3).replace("01 May", "19 Jun")))
    bench.look()

    assert bench.titles()[0] == "Review 3"


# ------------------------------------------------------------------------------------- bad answers: told, nothing lost

GOOD = rss(item(1))
PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body><form>Password</form></body></html>"

BAD: list[tuple[str, Callable[[Bench], None], str, str]] = [
    ("an HTML page", lambda b: b.serve(PAGE, Content_Type="text/html"), "not-a-feed", "HTML"),
    ("an empty body", lambda b: b.serve(b""), "not-a-feed", "empty"),
    ("a JSON error", lambda b: b.serve(b'{"error": "nope"}', Content_Type="application/json"), "not-a-feed", "JSON"),
    ("plain words", lambda b: b.serve(b"Service temporarily offline", Content_Type="text/plain"), "not-a-feed", ""),
    ("an image", lambda b: b.serve(b"\x89PNG\r\n\x1a\n" + bytes(64), Content_Type="image/png"), "not-a-feed", "PNG"),
    ("truncated gzip", lambda b: b.serve(gzip.compress(GOOD * 50)[:-40], Content_Encoding="gzip"), "", "gzip"),
    ("30 MB", lambda b: b.serve(GOOD + b" " * 30_000_000), "too-large", "10 MB"),
    ("a missing page", lambda b: b.serve(b"", status=404), "http-404", "404"),
    ("a server's fault", lambda b: b.serve(b"", status=503), "http-503", "503"),
    ("wanting a password", lambda b: b.serve(b"", status=401), "http-401", "401"),
]


@pytest.mark.parametrize(("name", "answer", "kind", "word"), BAD, ids=[row[0] for row in BAD])
def test_polling_09_a_bad_answer_is_told_with_its_kind_and_nothing_is_lost(
    bench: Bench, name: str, answer: Callable[[Bench], None], kind: str, word: str
) -> None:
    bench.serve(GOOD, ETag='"good"')
    bench.look()
    answer(bench)
    outcome = bench.look()

    [state] = bench.store.states()
    assert isinstance(outcome.error, SourceError)
    assert bench.origin.url in str(outcome.error)
    assert word in str(outcome.error)
    assert kind in (state.error_kind or "")
    assert (state.failures, state.etag) == (1, '"good"')
    assert state.next_check > bench.clock.now
    assert bench.titles() == ["Review 1"]

    bench.serve(rss(item(1), item(2)))
    assert bench.look().new == 1
    assert bench.store.states()[0].failures == 0


def test_polling_05_a_host_that_asks_to_be_left_alone_is_not_asked_even_by_hand(bench: Bench) -> None:
    bench.serve(GOOD, ETag='"good"')
    bench.look()
    bench.serve(b"", status=429, Retry_After="7200")
    bench.look()
    asked = len(bench.origin.requests)
    outcome = bench.look(force=True)

    assert outcome.error is None
    assert outcome.postponed is not None
    assert len(bench.origin.requests) == asked
    assert bench.store.states()[0].next_check == outcome.postponed
    assert bench.store.states()[0].failures == 1


def test_malformed_xml_gives_its_whole_items(bench: Bench) -> None:
    bench.serve(GOOD.replace(b"Words.", b"Rock & Roll <br> &nbsp; forever"))

    assert bench.look().error is None
    assert bench.titles() == ["Review 1"]


def test_a_truncated_feed_gives_its_whole_items(bench: Bench) -> None:
    body = rss(item(1), item(2), item(3))
    bench.serve(body[: body.index(b"<title>Review 3") + 9])

    assert bench.look().error is None
    assert {"Review 1", "Review 2"} <= set(bench.titles())


def test_a_wrong_charset_label_does_not_spoil_the_text(bench: Bench) -> None:
    bench.serve(rss(item(1)).replace(b"Review 1", "Café “noir”".encode("cp1252")), Content_Type=f"{RSS}; charset=utf-8")
    bench.look()

    assert bench.titles() == ["Café “noir”"]


def test_polling_10_gone_stops_the_source_until_the_operator_asks(bench: Bench) -> None:
    bench.serve(b"", status=410)
    bench.look()

    assert bench.store.states()[0].stopped
    assert bench.store.claim_due(bench.clock.now + timedelta(days=400), limit=10, lease=LEASE) == []
    bench.serve(GOOD)
    assert bench.look().new == 1
    assert not bench.store.states()[0].stopped


def test_one_failing_source_harms_no_other(tmp_path: Path) -> None:
    with Origin() as origin:
        origin.answer("/good", 200, {"Content-Type": RSS}, GOOD)
        origin.answer("/bad", 500, {}, b"")
        tables = "".join(
            f'[[sources]]\nname = "{name}"\nkind = "feed"\nlocation = "{origin.url}/{name}"\n'
            for name in ("bad", "good")
        )
        (tmp_path / "config.toml").write_text(f"[polling]\nallow_private_addresses = true\n{tables}", encoding="utf-8")
        settings = settings_of(tmp_path)
        clock = Clock()
        with Store.open(settings.database_url) as store:
            store.migrate()
            store.sync_sources(settings.sources, clock.now)
            outcomes: list[Outcome] = []
            collector = Collector(store=store, settings=settings, clock=clock)
            collect(collector, these(store.claim_due(clock.now, limit=10, lease=LEASE)), outcomes.append)

    found = {outcome.source: outcome for outcome in outcomes}
    assert found["good"].new == 1
    assert isinstance(found["bad"].error, SourceError)


def test_publishing_draws_only_what_changed(bench: Bench) -> None:
    publisher = Publisher(store=bench.store, settings=bench.settings, clock=bench.clock)
    bench.serve(GOOD)
    bench.look()

    assert publish(publisher) == 7  # three formats, the feed's page, its credits in two forms, the front page
    assert publish(publisher) == 0
    etag = bench.store.renditions.etags()["/feeds/all.atom"]
    bench.serve(rss(item(1), item(2)))
    bench.look()
    assert publish(publisher) == 7
    assert bench.store.renditions.etags()["/feeds/all.atom"] != etag


def test_a_source_that_another_process_configured_is_left_to_it(bench: Bench) -> None:
    """Its row is claimed and given back; the others of the batch are read all the same."""
    newer = Source(name="newer", kind="feed", location=f"{bench.origin.url}/newer")
    bench.store.sync_sources([*bench.settings.sources, newer], bench.clock.now)
    bench.serve(GOOD)
    outcomes: list[Outcome] = []
    collector = Collector(store=bench.store, settings=bench.settings, clock=bench.clock)
    collect(collector, these(bench.store.claim_due(bench.clock.now, limit=10, lease=LEASE)), outcomes.append)

    assert [outcome.source for outcome in outcomes] == ["outlet"]
    assert [claim.name for claim in bench.store.claim_due(bench.clock.now, limit=10, lease=LEASE)] == ["newer"]


def test_a_changed_contract_holds_at_once_for_what_was_stored(bench: Bench) -> None:
    """Even for a review that its feed no longer offers, and without another look at the source."""
    bench.serve(rss(item(1, "Short words. " * 40)))
    bench.look()
    [source] = bench.settings.sources
    by_link = replace(bench.settings, sources=(replace(source, republish=Republish.LINK),))
    before = Publisher(store=bench.store, settings=bench.settings, clock=bench.clock)
    after = Publisher(store=bench.store, settings=by_link, clock=bench.clock)
    publish(before)
    page = f"/reviews/{bench.store.newest(['outlet'], 1)[0].key}"

    assert publish(after) > 0
    for path in ("/", "/feeds/all", "/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", page):
        shown, cut = before.rendition(path), after.rendition(path)
        assert isinstance(shown, Rendition)
        assert isinstance(cut, Rendition)
        assert b"Short words." not in cut.body, path


def test_a_missing_drop_folder_is_looked_for_again_within_a_minute(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[[sources]]\nname = "drop"\nkind = "folder"\nlocation = "none"\n', encoding="utf-8"
    )
    settings = settings_of(tmp_path)
    clock = Clock()
    with Store.open(settings.database_url) as store:
        store.migrate()
        store.sync_sources(settings.sources, clock.now)
        for _ in range(3):
            collector = Collector(store=store, settings=settings, clock=clock)
            collect(collector, these(store.claim_named(["drop"], clock.now, LEASE)), lambda outcome: None)
        [state] = store.states()

    assert state.failures == 3
    assert state.next_check == clock.now + timedelta(seconds=60)
    assert str(tmp_path / "none") in (state.error or "")


def test_a_page_stays_in_the_export_when_its_review_leaves_the_feed(bench: Bench, tmp_path: Path) -> None:
    """For a text without an address of its own, its page here is the permalink."""
    settings = replace(bench.settings, feeds=(replace(bench.settings.feeds[0], items=1),))
    publisher = Publisher(store=bench.store, settings=settings, clock=bench.clock)
    bench.serve(rss(item(1, day=1)))
    bench.look()
    export(publisher, tmp_path / "out", lambda name: None)
    [first] = bench.store.newest(["outlet"], 1)
    bench.serve(rss(item(2, day=2)))
    bench.look()
    export(publisher, tmp_path / "out", lambda name: None)

    assert b"Review 2" in (tmp_path / "out/feeds/all.atom").read_bytes()
    assert b"Review 1" not in (tmp_path / "out/feeds/all.atom").read_bytes()
    assert b"Review 1" in (tmp_path / f"out/reviews/{first.key}/index.html").read_bytes()


def test_a_damaged_list_of_exported_files_stops_no_export(bench: Bench, tmp_path: Path) -> None:
    publisher = Publisher(store=bench.store, settings=bench.settings, clock=bench.clock)
    export(publisher, tmp_path / "out", lambda name: None)
    listed = tmp_path / "out/.feedsvc-export.json"
    listed.write_bytes(b'["index.html", ')
    export(publisher, tmp_path / "out", lambda name: None)

    assert "feeds/all.atom" in json.loads(listed.read_bytes())
