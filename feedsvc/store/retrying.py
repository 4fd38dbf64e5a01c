"""A class whose methods are whole transactions in, the same class out: what the database broke off is done again.

On PostgreSQL two transactions may come to wait for one another; the server then ends one of them, and nothing of it
was done. https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from feedsvc.errors import StoreError

log = logging.getLogger(__name__)

#: How often one transaction is begun, at most. Whom it waited for goes on meanwhile, so the second attempt nearly
#: always succeeds.
ATTEMPTS = 5

C = TypeVar("C")
P = ParamSpec("P")
R = TypeVar("R")


class BrokenOff(StoreError):
    """The database undid a transaction for the sake of another one; nothing else was wrong with it."""


def retried(kind: type[C]) -> type[C]:
    """Every public method of a class, done again from its beginning when it was broken off; not what yields.

    A method's arguments must be there a second time: collections, no iterators.
    """
    for name, method in list(vars(kind).items()):
        plain = inspect.isfunction(method) and not inspect.isgeneratorfunction(method)
        if plain and not name.startswith("_"):
            setattr(kind, name, _again(method))
    return kind


def _again(method: Callable[P, R]) -> Callable[P, R]:
    @wraps(method)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS):
            try:
                return method(*args, **kwargs)
            except BrokenOff as fault:
                log.info("%s is done again, after attempt %d: %s", method.__qualname__, attempt, fault)
        return method(*args, **kwargs)

    return again
