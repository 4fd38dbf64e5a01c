"""The store, the settings and a clock: what everything published is made of, and the bytes that it is kept as."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from feedsvc.config import Settings
from feedsvc.model import Completeness, Entry, Rendition
from feedsvc.publish.kept import Kept
from feedsvc.publish.once import Once
from feedsvc.publish.packing import packed
from feedsvc.store import Store

HTML = "text/html; charset=utf-8"
#: When a feed without reviews, or a list of settings, last changed: the clock's time would change its bytes.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
#: The most that is kept in memory of each, in bytes.
ENTRY_BYTES, FRAGMENT_BYTES, DELTA_BYTES = 48 * 1024 * 1024, 64 * 1024 * 1024, 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What is published from; made at the edge."""

    store: Store
    settings: Settings
    clock: Callable[[], datetime]
    #: What was last measured of each source, by its content version: a source that did not change is not read again.
    measured: dict[str, tuple[bytes, Completeness]] = field(default_factory=dict, compare=False, repr=False)
    #: Reviews as they were cut to their terms, and the bytes that each is in a format; see selecting.
    entries: Kept[Entry] = field(default_factory=lambda: Kept(ENTRY_BYTES), compare=False, repr=False)
    fragments: Kept[bytes] = field(default_factory=lambda: Kept(FRAGMENT_BYTES), compare=False, repr=False)
    #: What is new in a feed since an ETag; see deltas.
    deltas: Kept[Rendition] = field(default_factory=lambda: Kept(DELTA_BYTES), compare=False, repr=False)
    #: Views of feeds, as they were drawn, and by feed what the version of them was made from; see views.
    views: Once = field(default_factory=Once, compare=False, repr=False)
    versions: dict[str, tuple[object, Settings, bytes]] = field(default_factory=dict, compare=False, repr=False)


def rendition(path: str, media_type: str, body: bytes, modified: datetime) -> Rendition:
    """Bytes with the strong ETag that their content gives (RFC 9110 8.8.3)."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return Rendition(path=path, media_type=media_type, body=body, etag=etag, modified=modified)


def keep(
    holdings: Holdings,
    drawn: Sequence[Rendition],
    *,
    entries_digest: bytes,
    source_names: Sequence[str],
    last_withdrawal: datetime | None,
) -> int:
    """Store what was drawn, packed where its bytes are new; how many addresses changed. See Renditions.put."""
    kept = holdings.store.renditions.etags_of([one.path for one in drawn])
    return holdings.store.renditions.put(
        [one if kept.get(one.path) == one.etag else packed(one) for one in drawn],
        entries_digest=entries_digest,
        source_names=source_names,
        last_withdrawal=last_withdrawal,
    )
