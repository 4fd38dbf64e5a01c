"""A running service that is told to read its configuration again: what changes, what is kept, what never stops."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from feedsvc.store import Store
from tests.databases import on_postgresql, settings_of
from tests.origin import Answer, Asked, Origin
from tests.service import Reply, Service, feedsvc, wait_until

EVERYTHING = '[[feeds]]\nname = "all"\ntitle = "All"\n'


def rss(name: str) -> bytes:
    return (
        f"<rss version='2.0'><channel><title>Outlet {name}</title><link>https://{name}.example/</link>"
        f"<item><guid isPermaLink='false'>{name}</guid><title>Review of {name}</title>"
        f"<link>https://{name}.example/1</link></item></channel></rss>"
    ).encode()


def offer(asked: Asked) -> Answer:
    """Each path is a feed of that name, and answers 304 to whoever has it."""
    name = asked.path[1:]
    if asked.headers.get("if-none-match") == f'"{name}"':
        return Answer(304)
    return Answer(200, {"Content-Type": "application/rss+xml", "ETag": f'"{name}"'}, rss(name))


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as made:
        for name in ("one", "two", "three"):
            made.answer(f"/{name}", body=offer)
        yield made


def source(origin: Origin, name: str, more: str = "") -> str:
    return f'[[sources]]\nname = "{name}"\nkind = "feed"\nlocation = "{origin.url}/{name}"\n{more}\n'


def configure(folder: Path, *tables: str, title: str = "Before", polling: str = "") -> None:
    """Every look is as soon after the last as may be, so that whoever is asked at all is asked on and on."""
    head = (
        f'[service]\ntitle = "{title}"\n[polling]\nallow_private_addresses = true\nprocesses = 1\n'
        f'interval = "1s"\nmin_interval = "1s"\nmax_interval = "2s"\n{polling}\n'
    )
    (folder / "config.toml").write_text(head + "".join(tables), encoding="utf-8")


def hang_up(service: Service) -> str:
    """Sends SIGHUP; gives what was logged because of it, as soon as it was obeyed or refused."""
    before = len(service.log.read_text(encoding="utf-8"))

    def added() -> str:
        return service.log.read_text(encoding="utf-8")[before:]

    service.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "was read again" in added() or "going on under the one of before" in added(), "a word on it")
    return added()


def asked_for(origin: Origin, path: str) -> list[Asked]:
    return [one for one in origin.requests if one.path == path]


def wait_for_another(origin: Origin, path: str) -> Asked:
    """The next request for a path."""
    before = len(asked_for(origin, path))
    wait_until(lambda: len(asked_for(origin, path)) > before, f"another request for {path}")
    return asked_for(origin, path)[before]


@contextmanager
def asking_on_and_on(service: Service, path: str) -> Iterator[list[Reply]]:
    """Asks for a path again and again meanwhile; a refused or broken connection fails the test."""
    replies: list[Reply] = []
    over = Event()

    def ask() -> None:
        while not over.is_set():
            replies.append(service.get(path))

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        try:
            yield replies
        finally:
            over.set()
        asking.result()


def test_new_sources_and_feeds_come_in_and_old_ones_are_kept_with_what_is_known_of_them(
    origin: Origin, tmp_path: Path
) -> None:
    """Feeds are served all the while; the next request of an old source is conditional."""
    configure(tmp_path, EVERYTHING, source(origin, "one"))
    with Service(tmp_path) as running:
        running.wait_for("/feeds/all.atom", "Review of one")
        with asking_on_and_on(running, "/feeds/all.atom") as replies:
            more = '[[feeds]]\nname = "second"\ntitle = "Second"\nsources = ["two"]\n'
            configure(tmp_path, EVERYTHING, more, source(origin, "one"), source(origin, "two"), title="After")
            said = hang_up(running)
            running.wait_for("/feeds/second.atom", "Review of two")
            running.wait_for("/feeds/all.atom", "Review of one", "Review of two")
            # Drawn by the web server's own process under its own settings.
            running.wait_for("/sources", "After", "Outlet two")
            conditional = wait_for_another(origin, "/one")
        assert "1 source new (two); 1 feed new (second); [service] changed" in said
        assert {reply.status for reply in replies} == {200}
        assert conditional.headers["if-none-match"] == '"one"'
        assert [one.headers.get("if-none-match") for one in asked_for(origin, "/one")].count(None) == 1
        assert running.stop() == 0
    assert "Traceback" not in running.log.read_text(encoding="utf-8")


def test_a_source_that_is_gone_is_asked_no_more_and_leaves_the_feeds(origin: Origin, tmp_path: Path) -> None:
    configure(tmp_path, EVERYTHING, source(origin, "one"), source(origin, "two"))
    with Service(tmp_path) as running:
        running.wait_for("/feeds/all.atom", "Review of one", "Review of two")
        configure(tmp_path, EVERYTHING, source(origin, "one"))
        said = hang_up(running)
        wait_until(lambda: b"Review of two" not in running.get("/feeds/all.atom").body, "the feed without it")
        wait_until(lambda: not enabled(tmp_path, "two"), "the source's end")
        before = len(asked_for(origin, "/two"))
        wait_for_another(origin, "/one")
        wait_for_another(origin, "/one")
        assert len(asked_for(origin, "/two")) == before
    assert "1 source gone (two)" in said


def enabled(folder: Path, name: str) -> bool:
    """Whether the store would let anybody look at a source."""
    with Store.open(settings_of(folder).database_url) as store:
        far = datetime(2999, 1, 1, tzinfo=UTC)
        return name in {due for due, _ in store.overdue(far)}


def test_a_broken_file_is_told_line_by_line_and_everything_goes_on_under_the_old_one(
    origin: Origin, tmp_path: Path
) -> None:
    """The web server's process, too: one that has to start anew meanwhile starts under the old settings."""
    configure(tmp_path, EVERYTHING, source(origin, "one"))
    with Service(tmp_path) as running:
        running.wait_for("/feeds/all.atom", "Review of one")
        configure(tmp_path, EVERYTHING, source(origin, "one", "colour = 1"), "[[feeds]]\nname = 'no'\n", title="After")
        said = hang_up(running)
        assert "'colour'" in said
        assert "[[feeds]] 'no'" in said
        wait_for_another(origin, "/one")
        end_the_web_server(running)
        wait_until(lambda: answers(running), "another web server")
        running.wait_for("/sources", "Before")
        configure(tmp_path, EVERYTHING, source(origin, "one"), source(origin, "three"), title="After")
        assert "1 source new (three)" in hang_up(running)
        running.wait_for("/feeds/all.atom", "Review of three")
        running.wait_for("/sources", "After")
        assert running.stop() == 0


def answers(service: Service) -> bool:
    try:
        return service.get("/readyz").status == 200
    except OSError:
        return False


def end_the_web_server(service: Service) -> None:
    """Kills the process that answers, as a machine short of memory would."""
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
    [answering] = [
        int(pid) for pid in children.read_text().split() if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()
    ]
    os.kill(answering, signal.SIGKILL)
    wait_until(lambda: str(answering) not in children.read_text().split(), "its end")


def test_what_only_a_restart_can_change_is_told_and_stays(origin: Origin, tmp_path: Path) -> None:
    configure(tmp_path, EVERYTHING, source(origin, "one"))
    with Service(tmp_path) as running:
        running.wait_for("/feeds/all.atom", "Review of one")
        text = (tmp_path / "config.toml").read_text(encoding="utf-8")
        other = text.replace("[service]", "[service]\ndata_dir = 'elsewhere'").replace("processes = 1", "processes = 2")
        (tmp_path / "config.toml").write_text(other, encoding="utf-8")
        said = hang_up(running)
        wait_for_another(origin, "/one")
        assert running.get("/feeds/all.atom").status == 200
    # The database follows the data room where nothing else names it.
    follows = "" if on_postgresql() else "database_url and "
    assert f"{follows}data_dir cannot change without a restart" in said
    assert "[polling] changed" in said
    assert not (tmp_path / "elsewhere").exists()


def test_every_process_may_be_told_at_once(origin: Origin, tmp_path: Path) -> None:
    """As `systemctl kill -s HUP` does, and a terminal that is closed; and again before the first is obeyed."""
    configure(tmp_path, EVERYTHING, source(origin, "one"))
    with Service(tmp_path) as running:
        running.wait_for("/feeds/all.atom", "Review of one")
        configure(tmp_path, EVERYTHING, source(origin, "one"), source(origin, "two"), title="After")
        for _ in range(3):
            os.killpg(running.process.pid, signal.SIGHUP)
        running.wait_for("/feeds/all.atom", "Review of two")
        running.wait_for("/sources", "After")
        assert running.stop() == 0
    log = running.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "died" not in log


def test_a_server_that_only_serves_reads_it_again_too(origin: Origin, tmp_path: Path) -> None:
    configure(tmp_path, EVERYTHING, source(origin, "one"))
    assert feedsvc(tmp_path, "collect").returncode == 0
    with Service(tmp_path, command="serve") as running:
        assert b"Before" in running.get("/sources").body
        configure(tmp_path, EVERYTHING, source(origin, "one"), title="After")
        assert "[service] changed" in hang_up(running)
        running.wait_for("/sources", "After")
        assert running.stop() == 0
