"""Two whole services on one machine: one subscribes at the other's hub and reads its feed without polling it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.service import Service, feedsvc, free_port, wait_until

TEXT = """{title}

It opens on a road of salt, and it never leaves it; two sisters walk, and one of them talks.

By: Ines Okafor
Link: https://night-lantern.example/{number}
"""


def publisher(folder: Path, hub: str = "hub = true") -> Path:
    """The configuration of a service that publishes what is dropped, and its drop folder."""
    drop = folder / "incoming"
    drop.mkdir(parents=True)
    (folder / "config.toml").write_text(
        "[polling]\nallow_private_addresses = true\nprocesses = 1\n"
        f"[websub]\n{hub}\n"
        f'[[sources]]\nname = "lantern"\nkind = "folder"\nlocation = "{drop}"\n'
        'outlet = { name = "Night Lantern", url = "https://night-lantern.example/" }\n'
        '[[feeds]]\nname = "all"\ntitle = "All"\n',
        encoding="utf-8",
    )
    return drop


def subscriber(folder: Path, topic: str) -> None:
    """The configuration of a service that reads one feed."""
    folder.mkdir()
    (folder / "config.toml").write_text(
        "[polling]\nallow_private_addresses = true\nprocesses = 1\n"
        f'[[sources]]\nname = "reviews"\nkind = "feed"\nlocation = "{topic}"\n'
        '[[feeds]]\nname = "again"\ntitle = "Again"\n',
        encoding="utf-8",
    )


def drop(folder: Path, number: int, title: str) -> None:
    (folder / f"{number}.txt").write_text(TEXT.format(title=title, number=number), encoding="utf-8")


def said(folder: Path, words: str) -> Callable[[], bool]:
    """Whether the log of the service in a folder holds the words."""
    return lambda: words in (folder / "service.log").read_text(encoding="utf-8")


def test_hub_a_review_dropped_at_one_service_stands_at_the_other_without_polling(tmp_path: Path) -> None:
    """Discovered in the feed, subscribed, verified, delivered with a signature, read, published."""
    one, other = tmp_path / "one", tmp_path / "other"
    folder = publisher(one)
    drop(folder, 1, "The Salt Road")
    with Service(one, port=free_port()) as first:
        first.wait_for("/feeds/all.atom", "The Salt Road")
        subscriber(other, f"{first.url}/feeds/all.atom")
        with Service(other, port=free_port()) as second:
            second.wait_for("/feeds/again.atom", "The Salt Road")
            wait_until(said(one, f"127.0.0.1: subscribe {first.url}/feeds/all.atom until"), "a verified subscription")
            drop(folder, 2, "Paper Moons")
            assert feedsvc(one, "collect", "lantern").returncode == 0
            second.wait_for("/feeds/again.atom", "Paper Moons", "The Salt Road")
            [source] = json.loads(feedsvc(other, "sources", "--json").stdout)["sources"]
        listed = json.loads(feedsvc(one, "subscribers", "--json", FEEDSVC_BIND=f"127.0.0.1:{first.port}").stdout)
    assert listed["hubs"] == [f"{first.url}/hub"]
    [mine] = listed["subscribers"]
    assert (mine["topic"], mine["host"], mine["lost"]) == (f"{first.url}/feeds/all.atom", "127.0.0.1", 0)
    assert mine["last_delivery"] is not None
    assert source["last_push"] is not None
    assert "/websub/" not in json.dumps(listed)
    assert "/websub/" not in (one / "service.log").read_text(encoding="utf-8")
