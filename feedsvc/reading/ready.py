"""Documents in; their items as reviews ready to be stored, how many need no work, and what is kept out, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from feedsvc.errors import Unattributable
from feedsvc.model import Item, Parsed, Quarantined
from feedsvc.model.stored import StoredItem, stored_item
from feedsvc.normalise import Normaliser, item_key
from feedsvc.normalise.document import distinct
from feedsvc.reading.values import Setup, Task


@dataclass(frozen=True, slots=True)
class Ready:
    """What documents hold; `unchanged` counts items whose digest is the stored one.

    `forms`: identity and digest of each distinct item in its order, None for one that is kept out.
    """

    items: tuple[StoredItem, ...]
    unchanged: int
    quarantined: tuple[Quarantined, ...]
    forms: tuple[tuple[bytes, bytes] | None, ...]


def ready(task: Task, setup: Setup, documents: Sequence[tuple[Parsed, str]]) -> Ready:
    """The items of documents, each with the address it came from, as reviews."""
    items: list[StoredItem] = []
    quarantined: list[Quarantined] = []
    forms: list[tuple[bytes, bytes] | None] = []
    unchanged = 0
    for parsed, url in documents:
        normaliser = Normaliser(
            parsed.feed,
            source=task.source,
            document_url=url,
            site=setup.site,
            outlets=setup.outlets,
            limits=setup.limits,
        )
        for item in distinct(parsed.items):
            identity, digest = hash_of(item), normaliser.digest(item)
            forms.append((identity, digest))
            if task.known.get(identity) == digest:
                unchanged += 1
                continue
            try:
                review = normaliser.review(item, task.now)
            except Unattributable as error:
                forms[-1] = None
                place = item_key(item)
                quarantined.append(Quarantined(source=task.source.name, place=place, reason=str(error), seen=task.now))
            else:
                items.append(stored_item(review, identity, digest))
    return Ready(tuple(items), unchanged, tuple(quarantined), tuple(forms))


def hash_of(item: Item) -> bytes:
    """An item's `guid_hash`: the sha256 of its identity inside its source."""
    return sha256(item_key(item).encode("utf-8", "backslashreplace")).digest()
