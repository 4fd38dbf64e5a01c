"""A collection in a process of its own that can be killed at any moment: for each line of input, one more of them.

`python -m tests.cold_collection` imports what is needed once, so that the collections it forks start at once. For each
folder (with a config.toml, and an environment as JSON after a tab) on standard input it answers with two lines: the
new process's number, then how it ended.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from feedsvc.cli.opening import open_store_to_collect
from feedsvc.collect import Collector, collect
from feedsvc.config import load
from feedsvc.publish import Publisher, publish

LEASE = timedelta(minutes=15)


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            # A session of its own, so that a kill reaches its readers' server too, as a power cut would.
            os.setsid()
            folder, environ = line.strip().split("\t")
            collect_what_is_left(Path(folder), json.loads(environ))
            os._exit(0)
        print(child, flush=True)  # noqa: T201
        print(os.waitpid(child, 0)[1], flush=True)  # noqa: T201


def collect_what_is_left(folder: Path, environ: Mapping[str, str]) -> None:
    """Collect every source that was never read, and publish all the while."""
    settings = load(folder / "config.toml", environ)
    with open_store_to_collect(settings) as store:
        names = iter([state.name for state in store.states() if state.last_success is None])
        publisher = Publisher(store=store, settings=settings, clock=_now)
        over = threading.Event()

        def publish_on_and_on() -> None:
            # As often as a service does it, in proportion to how long this takes.
            while not over.wait(0.1):
                publish(publisher)

        publishing = threading.Thread(target=publish_on_and_on)
        publishing.start()
        collect(
            Collector(store=store, settings=settings, clock=_now),
            lambda limit: store.claim_named(list(islice(names, limit)), _now(), LEASE),
            lambda outcome: None,
        )
        over.set()
        publishing.join()
        publish(publisher)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
