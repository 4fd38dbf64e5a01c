"""What the tests of fetching share: options for loopback, one document, and a process that measures what it holds.

python -m tests.fetching URL…   prints what came of all, fetched at once, and the most that Python held, in bytes
"""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from feedsvc.fetch import FetchOptions, Request, fetch_all, fetch_one, user_agent
from feedsvc.model import Fetched, Limits
from tests.loopback import CERTIFICATE

OPTIONS = FetchOptions(
    user_agent=user_agent("1.2", "https://service.example/about", 7),
    private_allowed=True,
    host_gap=0.0,
    ca_file=CERTIFICATE,
)
FEED = b"<rss version='2.0'><channel><title>Reviews</title></channel></rss>"


def get(url: str, options: FetchOptions = OPTIONS) -> Fetched:
    """The document at a URL; anything else fails the test."""
    found = fetch_one(Request("outlet", url), options)
    assert isinstance(found, Fetched)
    return found


def limited(**limits: Any) -> FetchOptions:  # noqa: ANN401
    """The options with some limits of their own."""
    return replace(OPTIONS, limits=Limits(**limits))


def peak_of_fetching(urls: Sequence[str]) -> tuple[dict[str, int], int]:
    """What a process of its own got from the addresses, by type, and the most bytes that Python held meanwhile."""
    command = [sys.executable, "-m", "tests.fetching", *urls]
    outcomes, peak = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return outcomes, peak


def _measure(urls: Sequence[str]) -> str:
    requests = (Request(str(number), url) for number, url in enumerate(urls))
    tracemalloc.start()
    outcomes = Counter(type(answer).__name__ for _, answer in fetch_all(requests, replace(OPTIONS, per_host=1000)))
    return json.dumps([outcomes, tracemalloc.get_traced_memory()[1]])


if __name__ == "__main__":
    sys.stdout.write(_measure(sys.argv[1:]))
