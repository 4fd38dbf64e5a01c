"""What the web needs of the rest of the service: bytes for a path, and whether it is fit to answer."""

from __future__ import annotations

from typing import Protocol

from feedsvc.model import Gone, Rendition


class Published(Protocol):
    """Everything published, by the path of its address; the only thing that a view asks."""

    def rendition(self, path: str) -> Rendition | Gone | None:
        """The bytes at "/", "/feeds/reviews", "/feeds/reviews.atom", "/style.css" …; None where nothing stands.

        GONE where something stood that was withdrawn.

        Raises StoreError when it cannot be told now.
        """

    def ready(self) -> str | None:
        """None when everything answers, else one sentence that says what does not; it never names a secret."""
