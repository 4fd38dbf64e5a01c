"""What a look at a source that leads to pages wants done next, and what it came to. No rules."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from feedsvc.cadence import Cadence
from feedsvc.collect.findings import Findings
from feedsvc.collect.visit import Visit
from feedsvc.errors import SourceError
from feedsvc.fetch import Answer, Request
from feedsvc.model import Fetched
from feedsvc.reading import Reading, Task
from feedsvc.store import Look, Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to be sent after so many seconds; `shared`: several looks that want it at once get one answer."""

    request: Request
    after: float = 0.0
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A document to be read: `task` makes the task, on a reader's thread."""

    document: Fetched
    task: Callable[[], Task]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a look came to, and what is told of it."""

    look: Look
    reading: Reading | None = None
    error: SourceError | None = None
    postponed: datetime | None = None
    #: How many pages were asked for, and which of them, or of those that may not be, failed, with the reason.
    pages: int = 0
    page_faults: tuple[tuple[str, str], ...] = ()


#: What is sent back: an answer to Ask (None: it was not sent, since the service is about to stop), to Read a Reading.
Result = Answer | Reading | None
Steps = Generator[Ask | Read, Result, T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the steps of a look need of their round. `known` is what is stored of a source, by guid_hash."""

    store: Store
    findings: Findings
    clock: Callable[[], datetime]
    known: Callable[[Visit], dict[bytes, bytes]]
    leave: Callable[[], bool]
    options: Callable[[Visit], Cadence]


def answered(step: Ask) -> Steps[Answer]:
    """The answer to a request that is sent at once."""
    result = yield step
    if result is None or isinstance(result, Reading):
        raise TypeError(f"a request is not answered by {result!r}")
    return result


def read(document: Fetched, task: Callable[[], Task]) -> Steps[Reading | SourceError]:
    """What a document holds, or why it cannot be read."""
    result = yield Read(document, task)
    if isinstance(result, Reading | SourceError):
        return result
    raise TypeError(f"a document is not read as {result!r}")
