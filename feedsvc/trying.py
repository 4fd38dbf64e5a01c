"""A step that is tried again and again in, whether it went well out; the log has the beginning and the end of a fault.

publishing = Trying(log, "publishing")
publishing(draw)         # "publishing is interrupted and tried again: …", once; "publishing goes on" when it does
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from feedsvc.errors import FeedsvcError


class Trying:
    """One step of a tick or a loop, whose next attempt is never far: an outage of hours is a line or two in the log.

    `what` begins the lines. Nothing is raised: what is no FeedsvcError is a bug, and is told with its traceback.
    """

    def __init__(self, log: logging.Logger, what: str) -> None:
        self._log, self._what = log, what
        self._told: tuple[type[Exception], str] | None = None

    def __call__(self, step: Callable[[], object]) -> bool:
        """Whether it went well."""
        try:
            step()
        except FeedsvcError as fault:
            if self._is_new(fault):
                self._log.error("%s is interrupted and tried again: %s", self._what, fault)
            return False
        except Exception as bug:
            if self._is_new(bug):
                self._log.exception("%s met a bug of feedsvc and is tried again; please report it", self._what)
            return False
        if self._told is not None:
            self._log.warning("%s goes on", self._what)
        self._told = None
        return True

    def _is_new(self, fault: Exception) -> bool:
        told, self._told = self._told, (type(fault), str(fault))
        return told != self._told
