"""Python 3.13 warns of an SQLite connection that is left to the garbage collector; here older ones do, too.

So a run on the oldest Python finds what would fail on a newer one.
"""

from __future__ import annotations

import sqlite3
import sys
import warnings
from collections.abc import Callable
from typing import Any


class Watched(sqlite3.Connection):
    """A connection that warns where nobody closed it."""

    #: So is one that could not be opened.
    _closed = True

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - whatever sqlite3 takes
        super().__init__(*arguments, **options)
        self._closed = False

    def close(self) -> None:
        self._closed = True
        super().close()

    def __del__(self) -> None:
        if not self._closed:
            super().close()
            warnings.warn(f"unclosed database in {self!r}", ResourceWarning, source=self, stacklevel=1)


def watch() -> None:
    """From here on, where this Python does not do it by itself."""
    if sys.version_info < (3, 13):
        real: Callable[..., sqlite3.Connection] = sqlite3.connect

        def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:  # noqa: ANN401 - whatever sqlite3 takes
            return real(*arguments, **{"factory": Watched, **options})

        # SQLAlchemy asks the module that sqlite3 is made of.
        sqlite3.connect = sqlite3.dbapi2.connect = connect  # type: ignore[assignment]
