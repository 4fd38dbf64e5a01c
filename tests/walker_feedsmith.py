"""A feed's address in, its whole history out: walked by node's fetch and feedsmith, a parser that is not ours.

It knows the links alone (RFC 5005, JSON Feed), no rule: `merged` of tests.walker makes one feed of what it brings.
"""

from __future__ import annotations

import json
import subprocess
from datetime import datetime
from email.utils import parsedate_to_datetime

from tests.conftest import need_feedsmith
from tests.service import PATIENCE
from tests.walker import Broken, Found, Read, merged


def walk_with_feedsmith(url: str, relation: str) -> Found:
    """Id and last change of each entry along a relation: "prev-archive", "next" or "next_url"."""
    return merged(read_with_feedsmith(url, relation))


def read_with_feedsmith(url: str, relation: str) -> list[Read]:
    """The documents along a relation, in the order met; Broken where one cannot be had."""
    command = ["node", "walk.mjs", url, relation]
    run = subprocess.run(command, cwd=need_feedsmith(), capture_output=True, timeout=PATIENCE, check=False)
    if run.returncode:
        raise Broken(run.stderr.decode())
    return [Read(url=each["url"], entries=_entries(each["entries"])) for each in json.loads(run.stdout)]


def _entries(found: list[tuple[str, str | None]]) -> Found:
    return [(guid, _moment(changed) if changed else None) for guid, changed in found]


def _moment(text: str) -> datetime:
    """As RFC 3339 writes it, else as mail does: feedsmith leaves it as it was."""
    return datetime.fromisoformat(text) if text[:1].isdigit() else parsedate_to_datetime(text)
