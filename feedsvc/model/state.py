"""What the store knows of a source between two looks, and what is kept out. No rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from feedsvc.model.claims import Rhythm


# Without slots, for `but`: every look needs several next states, and with 29 fields dataclasses.replace takes 10 µs.
@dataclass(frozen=True, kw_only=True)
class SourceState:
    """What the store knows of a source between two looks. Times in UTC, `interval` in seconds."""

    name: str
    next_check: datetime
    interval: float
    etag: str | None = None
    last_modified: str | None = None
    #: The URL that the validators came from; they are never sent anywhere else.
    validated_url: str | None = None
    #: sha256 of the last body that was read whole and parsed.
    body_hash: bytes | None = None
    #: The feed that an HTML address led to.
    feed_url: str | None = None
    failures: int = 0
    error: str | None = None
    error_kind: str | None = None
    last_checked: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    #: True after a 410: not looked at again until the operator asks.
    stopped: bool = False
    reviews: int = 0
    #: What the source last said of itself.
    feed_title: str | None = None
    feed_home: str | None = None
    #: What had to be forgiven in its document when that was last read, a sentence a line.
    problems: str | None = None
    #: What the feed last said about how often to look; a 304 does not repeat it.
    rhythm: Rhythm = field(default_factory=Rhythm)
    #: The usual time between two of its items in seconds, and the date of its newest; None where its dates do not tell.
    pause: float | None = None
    newest: datetime | None = None
    #: When a whole document last came, not a 304: now and then one is asked for without validators.
    last_whole: datetime | None = None
    #: Where permanent redirects lead since `moved_since`, seen at so many looks in a row.
    moved_to: str | None = None
    moved_since: datetime | None = None
    moved_looks: int = 0
    #: The address taken over after its redirect proved permanent; the configured one is kept and tried when this fails.
    location_moved: str | None = None
    knows_deltas: bool = False
    #: Until when a hub has promised to deliver (WebSub), and when it last did.
    push_until: datetime | None = None
    last_push: datetime | None = None

    @property
    def forgiven(self) -> tuple[str, ...]:
        """What had to be forgiven in its document, a sentence each."""
        return tuple((self.problems or "").splitlines())

    def but(self, **values: object) -> SourceState:
        """This state with other values for the fields named; raises TypeError for a name that is no field."""
        if not values.keys() <= self.__dict__.keys():
            raise TypeError(f"SourceState has no {', '.join(sorted(values.keys() - self.__dict__.keys()))}")
        made = object.__new__(SourceState)
        made.__dict__.update(self.__dict__)
        made.__dict__.update(values)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgiven:
    """A document of a drop folder that was read though something is wrong with it; `problems`: a sentence each."""

    source: str
    place: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A document or item that is kept out, and why. `place` is its path in the folder, or the item's identity."""

    source: str
    place: str
    reason: str
    seen: datetime
