"""Ctrl-C and SIGTERM in, a list of those that came out: for commands that end in good order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def interrupts() -> Iterator[list[int]]:
    """The signals that came: at the first Ctrl-C or SIGTERM what is in hand is finished, the second ends us at once."""
    heard: list[int] = []

    def hear(number: int, _frame: object) -> None:
        heard.append(number)
        signal.signal(number, before[number])

    before: dict[int, Any] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, hear)
    try:
        yield heard
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
