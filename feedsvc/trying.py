"""A step that is tried again and again in, whether it went well out; the log has the beginning and the end of a fault.

publishing = Trying(log, "publishing")
publishing(draw)         # "publishing is interrupted and tried again: …", once; "publishing goes on" when it does
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Hashable

from feedsvc.errors import BrokerError, StoreError


class Trying:
    """One step of a tick or a loop, whose next attempt is never far: an outage of hours is a line or two in the log.

    `what` begins the lines. Nothing is raised: what is no fault of the database or the broker is a bug, and is told
    with its traceback, once for each place that it comes from.
    """

    def __init__(self, log: logging.Logger, what: str) -> None:
        self._log, self._what = log, what
        self._told: Hashable = None

    def __call__(self, step: Callable[[], object]) -> bool:
        """Whether it went well."""
        try:
            step()
        except (StoreError, BrokerError) as fault:
            if self._is_new(str(fault)):
                self._log.error("%s is interrupted and tried again: %s", self._what, fault)
            return False
        except Exception as bug:
            # The text of a bug may hold values that are others each time.
            frames = traceback.extract_tb(bug.__traceback__)
            if self._is_new((type(bug), *((frame.filename, frame.lineno) for frame in frames))):
                self._log.exception("%s met a bug of feedsvc and is tried again; please report it", self._what)
            return False
        if self._told is not None:
            self._log.warning("%s goes on", self._what)
        self._told = None
        return True

    def _is_new(self, fault: Hashable) -> bool:
        told, self._told = self._told, fault
        return told != fault
