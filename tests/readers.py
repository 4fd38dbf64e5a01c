"""Real feed readers: each subscribes to one address, looks when told to, and says what it has to show.

`shown()` reads the reader's own store or output: newsboat's cache, sfeed's file, rss2email's maildir, lemon24/reader's
API, feedsmith's object. Nothing is taken from our bytes.
"""

from __future__ import annotations

import dataclasses
import html
import json
import mailbox
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Protocol

from reader import make_reader

from tests.conftest import FEEDSMITH, INSTALL, lacks_feedsmith

#: Enough for a reader that runs beside others on a slow machine.
PATIENCE = 60


@dataclass(frozen=True)
class Shown:
    """One review as a reader shows it."""

    id: str
    #: What it keeps in places of their own, each as text; the review's text is not among them.
    fields: tuple[str, ...]
    #: What it gives people to read, with its markup and without.
    text: str
    #: The mail to which this one is a reply.
    reply_to: str | None = None


class Subscriber(Protocol):
    """A reader with one subscription."""

    def look(self) -> None:
        """Ask for the feed once."""

    def shown(self) -> list[Shown]:
        """Everything that it shows now."""


def run(folder: Path, *command: str) -> str:
    """A program with a home of its own; fails when the program does. Returns its standard output."""
    environ = {"HOME": str(folder), "TERM": "dumb", "LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def readable(markup: str) -> str:
    """The markup, then its words alone: what is a link's address stands in the first, a sentence in the second."""
    words = html.unescape(re.sub(r"<[^>]+>", "", markup))
    return f"{markup}\n{' '.join(words.split())}"


class Newsboat:
    """newsboat, by its cache."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        (folder / "urls").write_text(f"{url}\n", encoding="utf-8")

    def look(self) -> None:
        urls, cache = str(self._folder / "urls"), str(self._folder / "cache.db")
        run(self._folder, "newsboat", "-q", "-u", urls, "-c", cache, "-C", "/dev/null", "-x", "reload")

    def shown(self) -> list[Shown]:
        with closing(sqlite3.connect(self._folder / "cache.db")) as database:
            query = "SELECT guid, title, author, url, pubDate, enclosure_url, content FROM rss_item"
            rows = database.execute(query).fetchall()
        return [Shown(row[0], tuple(str(cell) for cell in row[:-1]), readable(row[-1])) for row in rows]


class Sfeed:
    """sfeed_update, by its file of tab-separated values; asks as its manual says for servers that know ETags."""

    RC = """
sfeedpath="{folder}/feeds"
fetch() {{
    curl -L --max-redirs 0 -f -s -m 15 --compressed --etag-save "{folder}/etag" --etag-compare "{folder}/etag" "$2"
}}
feeds() {{
    feed "reviews" "{url}"
}}
"""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        (folder / "sfeedrc").write_text(self.RC.format(folder=folder, url=url), encoding="utf-8")

    def look(self) -> None:
        run(self._folder, "sfeed_update", str(self._folder / "sfeedrc"))

    def shown(self) -> list[Shown]:
        lines = (self._folder / "feeds" / "reviews").read_text(encoding="utf-8").splitlines()
        found = []
        for line in lines:
            moment, title, link, content, _, guid, author, enclosure, category = line.split("\t")
            text = re.sub(r"\\([tn\\])", lambda mark: {"t": "\t", "n": "\n", "\\": "\\"}[mark[1]], content)
            found.append(Shown(guid, (moment, title, link, guid, author, enclosure, category), readable(text)))
        return found


class Rss2email:
    """rss2email, by what it delivers to a maildir; set to send a changed review again, as a reply."""

    SETTINGS = """[DEFAULT]
to = someone@reader.example
email-protocol = maildir
maildir-path = {folder}
maildir-mailbox = mail
date-header = True
reply-changes = True
"""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._command = ("r2e", "-c", str(folder / "settings"), "-d", str(folder / "seen.json"))
        (folder / "settings").write_text(self.SETTINGS.format(folder=folder), encoding="utf-8")
        run(folder, *self._command, "add", "reviews", url)

    def look(self) -> None:
        run(self._folder, *self._command, "run")

    def shown(self) -> list[Shown]:
        found = []
        for each in mailbox.Maildir(self._folder / "mail"):
            message = message_from_bytes(each.as_bytes(), policy=policy.default)
            fields = tuple(f"{name}: {value}" for name, value in message.items())
            found.append(Shown(message["X-RSS-ID"], fields, readable(message.get_content()), message["In-Reply-To"]))
        return found


class Reader:
    """lemon24/reader, by its API."""

    def __init__(self, folder: Path, url: str) -> None:
        self._file = str(folder / "reader.sqlite")
        with closing(make_reader(self._file)) as library:
            library.add_feed(url)

    def look(self) -> None:
        with closing(make_reader(self._file)) as library:
            for outcome in library.update_feeds_iter(scheduled=False):
                assert not isinstance(outcome.value, Exception), outcome

    def shown(self) -> list[Shown]:
        with closing(make_reader(self._file)) as library:
            entries = list(library.get_entries())
        found = []
        for entry in entries:
            kept = dataclasses.asdict(entry)
            # Not what the publisher said: the reader's own marks, and the feed's.
            for name in ("feed", "content", "summary", "added", "last_updated"):
                del kept[name]
            content = entry.get_content()
            text = content.value if content else entry.summary or ""
            found.append(Shown(entry.id, tuple(_leaves(kept)), readable(text)))
        return found


class Feedsmith:
    """A program that asks with node's fetch and parses with feedsmith, by the object that it gets."""

    #: What holds the text of a review, in any of the formats; all else are fields.
    TEXTS = ("content", "summary", "description", "content_html", "content_text")

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._url = url

    def look(self) -> None:
        state = str(self._folder / "state.json")
        run(self._folder, "node", str(FEEDSMITH / "subscribe.mjs"), self._url, state)

    def shown(self) -> list[Shown]:
        feed = json.loads((self._folder / "state.json").read_text(encoding="utf-8"))["document"]["feed"]
        found = []
        for item in feed.get("entries") or feed["items"]:
            guid = item["guid"]["value"] if "guid" in item else item["id"]
            fields = {name: value for name, value in item.items() if name not in self.TEXTS}
            texts = [leaf for name in self.TEXTS for leaf in _leaves(item.get(name))]
            found.append(Shown(guid, tuple(_leaves(fields)), readable("\n".join(texts))))
        return found


def _leaves(value: object) -> Iterator[str]:
    """Every single value inside an object, as text; moments as ISO 8601 writes them."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    elif value is not None:
        yield value.isoformat() if hasattr(value, "isoformat") else str(value)


#: Reader → how it is made from a folder and an address, and the formats that it takes.
READERS: dict[str, tuple[Callable[[Path, str], Subscriber], tuple[str, ...]]] = {
    "newsboat": (Newsboat, ("atom", "rss")),
    "sfeed": (Sfeed, ("atom", "rss")),
    "rss2email": (Rss2email, ("atom", "rss")),
    "lemon24/reader": (Reader, ("atom", "rss", "json")),
    "feedsmith": (Feedsmith, ("atom", "rss", "json")),
}


def lacks(reader: str) -> str | None:
    """None where the reader is installed, else a sentence that says how to install it."""
    if reader == "feedsmith":
        return lacks_feedsmith()
    program = {"newsboat": "newsboat", "sfeed": "sfeed_update", "rss2email": "r2e"}.get(reader)
    return f"{program} is not installed: {INSTALL[program]}" if program and not shutil.which(program) else None
