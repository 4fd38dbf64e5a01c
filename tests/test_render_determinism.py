"""The same reviews are the same bytes: on every run, in every time zone and locale, and as they were last looked at.

After an intended change, look at what `FEEDSVC_WRITE_GOLDEN=1 pytest tests/test_render_determinism.py` writes to
tests/data/render/ before it is committed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from feedsvc import __version__
from feedsvc.render import FORMATS
from tests.render_entries import drawn

GOLDEN = Path(__file__).parent / "data" / "render"

DRAW = """
import hashlib, locale, time
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass  # the machine lacks this locale: the variables alone must not matter either
from tests.render_entries import drawn
for kind in ("atom", "rss", "json"):
    print(kind, hashlib.sha256(drawn(kind)).hexdigest())
"""


def versionless(body: bytes) -> bytes:
    """The bytes with our version replaced, so that a release changes no golden file."""
    for before, after in ((b'<generator version="', b'">'), (b"<generator>feedsvc ", b"<")):
        body = body.replace(before + __version__.encode() + after, before + b"VERSION" + after)
    return body


@pytest.mark.parametrize("kind", FORMATS)
def test_the_bytes_are_those_last_looked_at(kind: str) -> None:
    path = GOLDEN / f"reviews{FORMATS[kind].suffix}"
    if os.environ.get("FEEDSVC_WRITE_GOLDEN"):
        path.write_bytes(versionless(drawn(kind)))

    assert versionless(drawn(kind)) == path.read_bytes()


@pytest.mark.parametrize(
    "surroundings",
    [
        {"TZ": "Asia/Kolkata", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "1"},
        {"TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONHASHSEED": "2"},
        {"TZ": "UTC", "LC_ALL": "tr_TR.UTF-8", "LANG": "fr_FR.UTF-8", "PYTHONHASHSEED": "3"},
    ],
    ids=["Kolkata", "St John's", "Turkish"],
)
def test_time_zone_locale_and_hash_seed_change_nothing(surroundings: dict[str, str]) -> None:
    root = Path(__file__).parents[1]
    environment = {**os.environ, **surroundings, "PYTHONPATH": str(root)}

    run = subprocess.run(
        [sys.executable, "-c", DRAW], cwd=root, env=environment, capture_output=True, text=True, check=True
    )

    assert dict(line.split() for line in run.stdout.splitlines()) == {
        kind: hashlib.sha256(drawn(kind)).hexdigest() for kind in ("atom", "rss", "json")
    }


def test_formats_say_their_address_and_media_type() -> None:
    assert {kind: (each.suffix, each.media_type) for kind, each in FORMATS.items()} == {
        "atom": (".atom", "application/atom+xml"),
        "rss": (".rss", "application/rss+xml"),
        "json": (".json", "application/feed+json"),
    }
