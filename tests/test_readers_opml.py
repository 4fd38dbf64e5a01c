"""Our subscription list, imported by real feed readers, subscribes them to every feed of ours."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import need_program
from tests.readers import run
from tests.service import Service, copy_samples

FEEDS = ("reviews", "open", "screen")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with the shipped samples and their three feeds."""
    folder = tmp_path_factory.mktemp("opml")
    copy_samples(folder)
    with Service(folder) as running:
        for name in FEEDS:
            running.wait_for(f"/feeds/{name}.atom", "Night Lantern", "Celebrity Storm", "Corner Screen")
        yield running


@pytest.fixture
def opml(service: Service, tmp_path: Path) -> Path:
    """The list, in a file as people save it."""
    path = tmp_path / "feeds.opml"
    path.write_bytes(service.get("/feeds.opml").body)
    return path


def addresses(service: Service) -> set[str]:
    return {f"{service.url}/feeds/{name}.atom" for name in FEEDS}


def test_newsboat_imports_it_and_reads_every_feed(service: Service, opml: Path, tmp_path: Path) -> None:
    newsboat = need_program("newsboat")
    urls = tmp_path / "urls"
    urls.touch()
    options = ("-u", str(urls), "-c", str(tmp_path / "cache.db"), "-C", "/dev/null")

    run(tmp_path, newsboat, *options, "-i", str(opml))
    run(tmp_path, newsboat, *options, "-q", "-x", "reload")

    assert {line.split()[0] for line in urls.read_text(encoding="utf-8").splitlines()} == addresses(service)
    assert int(run(tmp_path, newsboat, *options, "-q", "-x", "print-unread").split()[0]) >= 22


def test_sfeed_imports_it_and_reads_every_feed(service: Service, opml: Path, tmp_path: Path) -> None:
    import_opml, update = need_program("sfeed_opml_import"), need_program("sfeed_update")
    with opml.open("rb") as file:
        made = subprocess.run([import_opml], stdin=file, capture_output=True, check=True).stdout.decode()
    settings = tmp_path / "sfeedrc"
    settings.write_text(f'{made}\nsfeedpath="{tmp_path}/feeds"\n', encoding="utf-8")

    run(tmp_path, update, str(settings))

    assert set(re.findall(r"feed '[^']+' '([^']+)'", made)) == addresses(service)
    read = {path.name: path.read_text(encoding="utf-8").count("\n") for path in (tmp_path / "feeds").iterdir()}
    assert set(read) == {"All reviews", "Open reviews", "Films and series"}
    assert read["All reviews"] >= 22
    assert all(read.values())


def test_rss2email_imports_it_and_delivers_every_feed(service: Service, opml: Path, tmp_path: Path) -> None:
    r2e = (need_program("r2e"), "-c", str(tmp_path / "settings"), "-d", str(tmp_path / "seen.json"))
    (tmp_path / "settings").write_text(
        f"[DEFAULT]\nto = someone@reader.example\nemail-protocol = maildir\nmaildir-path = {tmp_path}\n"
        "maildir-mailbox = mail\n",
        encoding="utf-8",
    )

    run(tmp_path, *r2e, "opmlimport", str(opml))
    run(tmp_path, *r2e, "run")

    assert set(re.findall(r"\((\S+) ->", run(tmp_path, *r2e, "list"))) == addresses(service)
    mails = [path.read_text(encoding="utf-8") for path in (tmp_path / "mail" / "new").iterdir()]
    for address in addresses(service):
        assert any(f"X-RSS-Feed: {address}" in mail for mail in mails)
