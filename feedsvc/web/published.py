"""What the web needs of the rest of the service: bytes for an address, and whether it is fit to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from feedsvc.model import Gone, Moved, Refused, Rendition


class Published(Protocol):
    """Everything published, by its address; the only thing that the web asks."""

    def rendition(self, path: str) -> Rendition | Gone | None:
        """The bytes at "/", "/feeds/reviews", "/feeds/reviews.atom", "/style.css" …; None where nothing stands.

        GONE where something stood that was withdrawn.

        Raises StoreError when it cannot be told now.
        """

    def view(self, path: str, query: Sequence[tuple[str, str]]) -> Rendition | Gone | Moved | Refused | None:
        """The bytes at a path with parameters, in the order in which they were given; Moved to their canonical form.

        Raises StoreError when it cannot be told now.
        """

    def delta(self, path: str, etag: str) -> Rendition | None:
        """What is new at a path (with its canonical query) since its rendition had that ETag; None: not known any more.

        Raises StoreError when it cannot be told now.
        """

    def serial(self) -> int:
        """A number that grows with every change of what `etags_of` knows.

        Raises StoreError when it cannot be told now.
        """

    def etags_of(self, paths: Sequence[str]) -> Mapping[str, str]:
        """The ETags of those of these paths that stay as they are until the serial grows.

        Raises StoreError when it cannot be told now.
        """

    def ready(self) -> str | None:
        """None when everything answers, else one sentence that says what does not; it never names a secret."""
