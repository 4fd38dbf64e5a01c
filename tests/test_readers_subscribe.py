"""Real feed readers subscribe to the running service: once, again, when a review is new, and when one has changed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.between import Between, Exchange
from tests.readers import READERS, Shown, Subscriber, lacks
from tests.readers_table import BICYCLE, table
from tests.service import ROOT, Service, copy_samples, feedsvc

One = tuple[str, str]
#: Every reader with each format that it takes.
SUBSCRIPTIONS: list[One] = [(name, kind) for name, (_, kinds) in READERS.items() for kind in kinds]
#: newsboat 2.21 has no row to keep validators in until its first look is over: it can ask with them at its third.
FIRST_LOOKS = {"newsboat": 2}
#: What a reader does when a review's text changes, and its id, title and address do not.
ON_CHANGE = {
    "newsboat": "changed in place",
    "sfeed": "the first text stays",
    "rss2email": "sent again, as a reply",
    "lemon24/reader": "changed in place",
    "feedsmith": "changed in place",
}
NEW = """The Tin Orchard: a harvest nobody asked for

Three brothers plant scrap metal and wait for rain. {words}

By: Ines Okafor-Lind
Rating: 4/5
Licence: CC BY 4.0
Link: https://celebrity-storm.example/the-tin-orchard
"""
#: Whoever has reviews among the samples.
OUTLETS = ("Night Lantern", "Pixel Ledger", "Marginalia", "Celebrity Storm", "Tide Table", "Corner Screen")
#: How the full text begins of the review that its outlet lets us show an excerpt of.
WITHHELD = "Most games about lighthouses want to frighten you"
AT_FIRST, CHANGED = "The rain comes late.", "The rain comes early."


@dataclass
class Told:
    """One subscriber: what it showed after each stage of the story, and its last exchange in each."""

    shown: list[list[Shown]] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)


@dataclass
class Story:
    """All subscribers, and the ids that the feed held at each stage: subscribed, again, a new review, changed."""

    told: dict[One, Told]
    ids: list[set[str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """All readers that are installed, beside one another on one service."""
    folder = tmp_path_factory.mktemp("readers")
    copy_samples(folder)
    review = folder / "feeds" / "incoming" / "celebrity-storm" / "the-tin-orchard.txt"
    with Service(folder) as service, Between(service.port) as between:
        wait(service, *OUTLETS)
        subscribers = {one: subscribe(one, folder, between) for one in installed()}
        story = Story({one: Told() for one in subscribers})
        for name, kind in subscribers:
            for _ in range(FIRST_LOOKS.get(name, 1) - 1):
                subscribers[name, kind].look()
        look(story, subscribers, service, between)
        look(story, subscribers, service, between)
        for words in (AT_FIRST, CHANGED):
            review.write_text(NEW.format(words=words), encoding="utf-8")
            # At once; the service itself would look within a minute.
            feedsvc(folder, "collect", "celebrity-storm", FEEDSVC_BIND=f"127.0.0.1:{service.port}")
            wait(service, words)
            look(story, subscribers, service, between)
        return story


def installed() -> list[One]:
    """The subscriptions whose program is here."""
    here = [name for name in READERS if lacks(name) is None]
    return [one for one in SUBSCRIPTIONS if one[0] in here]


def subscribe(one: One, folder: Path, between: Between) -> Subscriber:
    home = folder / "-".join(one).replace("/", "-")
    home.mkdir()
    return READERS[one[0]][0](home, between.address(f"/feeds/reviews.{one[1]}"))


def wait(service: Service, *words: str) -> None:
    """Until all three formats hold the words."""
    for kind in ("atom", "rss", "json"):
        service.wait_for(f"/feeds/reviews.{kind}", *words)


def look(story: Story, subscribers: dict[One, Subscriber], service: Service, between: Between) -> None:
    """Each subscriber looks once; what it showed and what passed is kept."""
    story.ids.append({item["id"] for item in json.loads(service.get("/feeds/reviews.json").body)["items"]})
    for one, subscriber in subscribers.items():
        subscriber.look()
        story.told[one].exchanges.append(between.exchanges[-1])
        story.told[one].shown.append(subscriber.shown())


@pytest.fixture(params=SUBSCRIPTIONS, ids="-".join)
def one(request: pytest.FixtureRequest) -> One:
    """A reader and a format; skipped where the reader is missing."""
    found: One = request.param
    if message := lacks(found[0]):
        pytest.skip(message)
    return found


def test_it_shows_every_review_once(story: Story, one: One) -> None:
    shown = Counter(each.id for each in story.told[one].shown[0])

    assert set(shown) == story.ids[0]
    assert set(shown.values()) == {1}
    assert len(shown) >= 22


def test_every_review_that_it_shows_ends_with_its_attribution(story: Story, one: One) -> None:
    for each in story.told[one].shown[-1]:
        assert "First published by" in each.text, each
        assert "Read the" in each.text, each


def test_it_shows_no_more_than_the_terms_allow(story: Story, one: One) -> None:
    [bicycle] = [each for each in story.told[one].shown[-1] if each.id == BICYCLE]

    assert "knows exactly when to stop" in bicycle.text
    assert WITHHELD not in bicycle.text


def test_the_second_time_it_asks_with_what_it_was_given_and_hears_that_nothing_changed(story: Story, one: One) -> None:
    told = story.told[one]
    first, again = told.exchanges[:2]

    assert first.status == 200
    assert "if-none-match" not in first.asked or first.asked["if-none-match"] == '""'
    assert again.path == f"/feeds/reviews.{one[1]}"
    assert again.asked["if-none-match"] == first.said["etag"]
    assert again.asked.get("if-modified-since", first.said["last-modified"]) == first.said["last-modified"]
    assert (again.status, again.body) == (304, b"")
    assert told.shown[1] == told.shown[0]


def test_a_new_review_is_one_more_and_nothing_else_changes(story: Story, one: One) -> None:
    _, before, after, _ = story.told[one].shown
    news = [each for each in after if each not in before]

    assert story.told[one].exchanges[2].status in (200, 226)
    assert [AT_FIRST in each.text for each in news] == [True]
    assert len(after) == len(before) + 1
    assert {each.id for each in after} == story.ids[2]
    assert story.ids[2] - story.ids[1] == {news[0].id}


def test_a_changed_review_keeps_its_id(story: Story, one: One) -> None:
    told = story.told[one]

    assert {each.id for each in told.shown[3]} == story.ids[3] == story.ids[2]
    assert on_change(told) == ON_CHANGE[one[0]]


def on_change(told: Told) -> str:
    """What a reader did with the review that changed."""
    [guid] = {each.id for each in told.shown[2]} - {each.id for each in told.shown[1]}
    forms = [each for each in told.shown[3] if each.id == guid]
    changed = [each for each in forms if CHANGED in each.text]
    if not changed:
        return "the first text stays"
    if len(forms) == 2 and changed[0].reply_to:
        return "sent again, as a reply"
    return "changed in place" if len(forms) == 1 else f"shown {len(forms)} times"


def asked_with(exchange: Exchange) -> str:
    """The validators that a reader sent back."""
    names = {"if-none-match": "ETag", "if-modified-since": "date"}
    return ", ".join(word for name, word in names.items() if name in exchange.asked)


def test_the_table_in_the_readme_is_what_they_showed(story: Story) -> None:
    if missing := [message for name in READERS if (message := lacks(name))]:
        pytest.skip("; ".join(missing))
    shown = {one: told.shown[1] for one, told in story.told.items()}
    more = {
        "asks again with": {one: asked_with(told.exchanges[1]) for one, told in story.told.items()},
        "a changed text": {one: on_change(told) for one, told in story.told.items()},
    }

    seen = table(shown, more)
    assert seen in (ROOT / "README.md").read_text(encoding="utf-8"), seen
