"""What is Published in, the same out of memory: read once, kept until it changes, and served while the store cannot be.

A thread asks for the one number that tells of every change; what changed is then read anew, what went is forgotten.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress

from feedsvc.errors import StoreError
from feedsvc.model import Gone, Moved, Refused, Rendition
from feedsvc.store import Notices
from feedsvc.trying import Trying
from feedsvc.web.conditional import Answers
from feedsvc.web.published import Published

log = logging.getLogger(__name__)

#: Bytes that one process keeps at most, of bodies in all their forms.
ROOM = 64 * 1024 * 1024
#: What is larger than this part of the room is read anew for each request.
LARGEST = 4
#: Bytes that the headers and the rest of a rendition take, roughly.
BESIDE = 4096


class Memory:
    """Everything published, as `Published` has it; safe to share between threads."""

    def __init__(self, published: Published, room: int = ROOM) -> None:
        self._published = published
        self._room = room
        self._taken = 0
        self._lock = threading.Lock()
        #: By path. Read without the lock, at every request.
        self.known: dict[str, Answers] = {}
        #: What is read from now on is not older than this; None: not known yet, so that nothing is kept.
        self._serial: int | None = None
        #: All that is known has been compared with what was published then.
        self._compared: int | None = None
        with suppress(StoreError):
            self.look()

    # ------------------------------------------------------------------------------------------------- what is asked

    def rendition(self, path: str) -> Rendition | Gone | None:
        """What stands at a path; read where it is not known, and kept if it is known to stay."""
        known = self.known.get(path)
        if known is not None:
            known.asked = True
            return known.rendition
        serial = self._serial
        found = self._published.rendition(path)
        if serial is not None and isinstance(found, Rendition) and self._stays(found):
            self._keep(path, found, serial)
        return found

    def view(self, path: str, query: Sequence[tuple[str, str]]) -> Rendition | Gone | Moved | Refused | None:
        """As published."""
        return self._published.view(path, query)

    def delta(self, path: str, etag: str) -> Rendition | None:
        """As published."""
        return self._published.delta(path, etag)

    def serial(self) -> int:
        """As published."""
        return self._published.serial()

    def etags_of(self, paths: Sequence[str]) -> Mapping[str, str]:
        """As published."""
        return self._published.etags_of(paths)

    def ready(self) -> str | None:
        """As published."""
        return self._published.ready()

    # -------------------------------------------------------------------------------------------------- what changes

    def look(self) -> None:
        """Take over what changed since the last look; what cannot be read stays as it is. Raises StoreError then."""
        serial = self._published.serial()
        if serial == self._compared:
            return
        with self._lock:
            # Whoever began to read before this keeps nothing any more: it may be what has just changed.
            self._serial = serial
            paths = list(self.known)
        etags = self._published.etags_of(paths)
        for path in paths:
            known = self.known.get(path)
            if known is not None and etags.get(path) != known.rendition.etag:
                self._renew(path, etags.get(path), serial)
        self._compared = serial

    def _renew(self, path: str, etag: str | None, serial: int) -> None:
        found = None if etag is None else self._published.rendition(path)
        if isinstance(found, Rendition) and not found.private:
            self._keep(path, found, serial)
        else:
            self._forget(path)

    def watch(self, notices: Notices) -> None:
        """Look whenever these tell of a change, on a thread that ends with this object, and closes them."""
        threading.Thread(target=_watch, args=(weakref.ref(self), notices), name="changes", daemon=True).start()

    # ---------------------------------------------------------------------------------------------------- the memory

    def _stays(self, found: Rendition) -> bool:
        if found.private:
            return False
        with suppress(StoreError):
            return self._published.etags_of([found.path]).get(found.path) == found.etag
        return False

    def _keep(self, path: str, found: Rendition, serial: int) -> None:
        answers, size = Answers(found), _size(found)
        # A server hands on the bytes of a path, one character for each.
        if size > self._room // LARGEST or not path.isascii():
            self._forget(path)
            return
        with self._lock:
            if serial == self._serial:
                before = self.known.get(path)
                self._taken += size - (_size(before.rendition) if before else 0)
                self.known[path] = answers
                self._make_room()

    def _forget(self, path: str) -> None:
        with self._lock:
            if (known := self.known.pop(path, None)) is not None:
                self._taken -= _size(known.rendition)

    def _make_room(self) -> None:
        """The oldest goes; what was asked for since it was last the oldest gets a second chance, once."""
        spared = len(self.known)
        while self._taken > self._room:
            path = next(iter(self.known))
            oldest = self.known.pop(path)
            if oldest.asked and spared > 0:
                spared -= 1
                oldest.asked = False
                self.known[path] = oldest
            else:
                self._taken -= _size(oldest.rendition)


def _size(rendition: Rendition) -> int:
    forms = (rendition.body, rendition.gzip, rendition.br)
    return BESIDE + sum(len(form) for form in forms if form is not None)


def _watch(reference: weakref.ref[Memory], notices: Notices) -> None:
    # Without this thread, what is withdrawn would be served for ever: nothing ends it.
    taking_over = Trying(log, "taking over what is published")
    while (memory := reference()) is not None:
        taking_over(memory.look)
        del memory
        notices.wait()
    notices.close()
