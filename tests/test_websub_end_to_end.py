"""A review that a hub delivers is published, by the whole service and without asking the source again."""

from __future__ import annotations

from pathlib import Path

from tests.origin import Origin
from tests.service import Service, free_port, wait_until
from tests.websub_hub import Hub

FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:outlet</id><title>Outlet</title>
<updated>2026-05-04T12:00:00Z</updated><link rel="hub" href="{hub}"/><link rel="self" href="{topic}"/>
<entry><id>urn:{title}</id><title>{title}</title><updated>2026-05-04T12:00:00Z</updated>
<link href="https://outlet.example/{title}"/></entry></feed>"""


def test_polling_websub_a_delivered_review_is_published(tmp_path: Path) -> None:
    """Forged ones are not, and the source was asked once in all."""
    with Origin() as origin, Hub() as hub:
        topic = f"{origin.url}/feed.atom"
        origin.answer("/feed.atom", body=FEED.format(hub=hub.url, topic=topic, title="fetched").encode())
        (tmp_path / "config.toml").write_text(
            "[polling]\nallow_private_addresses = true\n"
            f'[[sources]]\nname = "outlet"\nkind = "feed"\nlocation = "{topic}"\n'
            '[[feeds]]\nname = "all"\ntitle = "All"\n',
            encoding="utf-8",
        )
        with Service(tmp_path, port=free_port()) as service:
            service.wait_for("/feeds/all.atom", "fetched")
            wait_until(lambda: bool(hub.answers), "a verified subscription")
            forged = FEED.format(hub=hub.url, topic=topic, title="forged").encode()
            assert hub.deliver({**hub.asked[0], "hub.secret": "guessed"}, forged).status == 202
            pushed = FEED.format(hub=hub.url, topic=topic, title="pushed").encode()
            assert hub.deliver(hub.asked[0], pushed).status == 202
            published = service.wait_for("/feeds/all.atom", "pushed", "fetched")
        assert b"forged" not in published.body
        assert [asked.path for asked in origin.requests] == ["/feed.atom"]
