"""What is published, on a shelf: the part of the service that the web asks, for tests of the web alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feedsvc.model import Gone, Moved, Refused, Rendition


@dataclass
class Shelf:
    """Renditions by path; `wrong` is what the service suffers from, `broken` what every question raises."""

    things: dict[str, Rendition] = field(default_factory=dict)
    wrong: str | None = None
    broken: Exception | None = None
    #: What stands at an address with parameters; where nothing is said, the same as without.
    views: dict[str, Rendition | Gone | Moved | Refused] = field(default_factory=dict)
    #: What is new, by path and the ETag that a reader holds.
    deltas: dict[tuple[str, str], Rendition] = field(default_factory=dict)
    asked_deltas: int = 0
    number: int = 1
    #: The paths that were read, in their order.
    read: list[str] = field(default_factory=list)

    def put(self, *things: Rendition) -> None:
        """Publish these instead of what stood there."""
        self.things |= {thing.path: thing for thing in things}
        self.number += 1

    def remove(self, path: str) -> None:
        """Publish this no more."""
        del self.things[path]
        self.number += 1

    def rendition(self, path: str) -> Rendition | Gone | None:
        """See Published."""
        self._answer()
        self.read.append(path)
        return self.things.get(path)

    def view(self, path: str, query: Sequence[tuple[str, str]]) -> Rendition | Gone | Moved | Refused | None:
        """See Published."""
        self._answer()
        address = path + "?" + "&".join(f"{name}={value}" for name, value in query)
        return self.views.get(address, self.things.get(path))

    def delta(self, path: str, etag: str) -> Rendition | None:
        """See Published."""
        self._answer()
        self.asked_deltas += 1
        return self.deltas.get((path, etag))

    def serial(self) -> int:
        """See Published."""
        self._answer()
        return self.number

    def etags_of(self, paths: Sequence[str]) -> Mapping[str, str]:
        """See Published."""
        self._answer()
        return {path: self.things[path].etag for path in paths if path in self.things and not self.things[path].private}

    def ready(self) -> str | None:
        """See Published."""
        return self.wrong

    def _answer(self) -> None:
        if self.broken:
            raise self.broken
