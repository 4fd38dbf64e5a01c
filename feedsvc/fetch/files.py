"""Paths in, documents as they lie there out: single files, and folders that partners drop documents into.

Nothing here can hang or read without end: every file is opened without blocking, must be a plain file, and is read to
the limit at most. A link is followed only to a plain file that is itself below the folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from feedsvc.errors import Refused, SourceError, TooLarge, UnreadableDocument
from feedsvc.fetch.options import MAX_BODY
from feedsvc.model import Fetched

#: What a suffix says of a document; nothing of the machine's own tables, which differ.
_MEDIA_TYPES = {
    ".atom": "application/atom+xml",
    ".htm": "text/html",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonfeed": "application/feed+json",
    ".markdown": "text/markdown",
    ".md": "text/markdown",
    ".rdf": "application/rdf+xml",
    ".rss": "application/rss+xml",
    ".text": "text/plain",
    ".txt": "text/plain",
    ".xhtml": "application/xhtml+xml",
    ".xml": "application/xml",
}
#: What editors and copying programs leave while they work.
_UNFINISHED = ("~", ".tmp", ".part", ".swp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """One file of a folder. `document` is None when its digest was known already, or when `error` says why.

    `path` is below the folder with "/" between parts. `digest` is the SHA-256 of the content; of a file that was not
    read, of its name, size and time, so that it is new again when it changes.
    """

    path: str
    digest: bytes
    document: Fetched | None = None
    error: SourceError | None = None


def read_file(path: Path, *, below: Path | None = None, max_body: int = MAX_BODY) -> Fetched:
    """One local file, at most `max_body` bytes; links must lead to a place under `below` where that is given.

    Raises UnreadableDocument (missing, forbidden, no plain file), TooLarge, or Refused (outside of `below`).
    """
    try:
        found = path.resolve(strict=True)
        if below is not None and not found.is_relative_to(below.resolve()):
            raise Refused(f"{path}: leads out of {below}. Put the file itself there.")
        body, modified = _read(found, max_body)
    except FileNotFoundError:
        raise UnreadableDocument(f"{path}: no such file. Put it there, or correct the source's location.") from None
    except PermissionError:
        raise UnreadableDocument(f"{path}: must not be read. Give the user that runs feedsvc leave to.") from None
    except (OSError, ValueError, RuntimeError) as fault:
        raise UnreadableDocument(f"{path}: cannot be read ({fault}). Put a plain file there.") from None
    return Fetched(
        url=Path(os.path.abspath(path)).as_uri(),
        body=body,
        media_type=_MEDIA_TYPES.get(path.suffix.lower()),
        modified=modified,
    )


def read_folder(folder: Path, known: Mapping[str, bytes], *, max_body: int = MAX_BODY) -> Iterator[Dropped]:
    """Every file below a folder in the order of their paths; those whose digest is in `known` come without document.

    Hidden and unfinished files are passed over. Raises UnreadableDocument when there is no such folder.
    """
    try:
        names = sorted(_names(folder))
    except FileNotFoundError:
        raise UnreadableDocument(f"{folder}: no such folder. Create it, or correct the source's location.") from None
    except NotADirectoryError:
        raise UnreadableDocument(f"{folder}: is no folder. Name the folder that the document lies in.") from None
    except OSError as fault:
        raise UnreadableDocument(f"{folder}: cannot be listed ({fault.strerror}). Give feedsvc leave to.") from None
    for name in names:
        try:
            yield _dropped(folder, name, known.get(_text(name)), max_body)
        except FileNotFoundError:
            continue  # Taken away since the folder was listed.


def _names(folder: Path, prefix: str = "") -> Iterator[str]:
    """Paths of all entries that are no folders, and of folders that cannot be listed."""
    with os.scandir(folder / prefix) as entries:
        listed = list(entries)
    for entry in listed:
        name = f"{prefix}{entry.name}"
        if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED):
            continue
        if not entry.is_dir(follow_symlinks=False):
            yield name
            continue
        try:
            yield from _names(folder, f"{name}/")
        except FileNotFoundError:
            continue
        except OSError:
            yield name


def _dropped(folder: Path, name: str, known: bytes | None, max_body: int) -> Dropped:
    path, shown = folder / name, _text(name)
    try:
        if shown != name:
            raise UnreadableDocument(f"{folder / shown}: the file's name is no UTF-8. Rename it.")
        if _leads_nowhere(path):
            raise UnreadableDocument(f"{path}: is a link to nowhere. Put the file itself there.")
        document = read_file(path, below=folder, max_body=max_body)
    except SourceError as fault:
        digest = _digest_unread(path)
        return Dropped(path=shown, digest=digest, error=None if digest == known else fault)
    digest = sha256(document.body).digest()
    if digest == known:
        return Dropped(path=shown, digest=digest)
    return Dropped(path=shown, digest=digest, document=_placed(document, shown))


def _placed(document: Fetched, path: str) -> Fetched:
    return Fetched(
        url=document.url, body=document.body, media_type=document.media_type, modified=document.modified, path=path
    )


def _leads_nowhere(path: Path) -> bool:
    """Whether it is a link to what is not there; where that cannot even be asked, reading it will say why."""
    try:
        return path.is_symlink() and not path.exists()
    except OSError:
        return False


def _digest_unread(path: Path) -> bytes:
    try:
        found = path.lstat()
    except PermissionError:
        return sha256(f"{path.name!a}".encode()).digest()
    return sha256(f"{path.name!a} {found.st_mode} {found.st_size} {found.st_mtime_ns}".encode()).digest()


def _read(path: Path, max_body: int) -> tuple[bytes, datetime]:
    """Content and time of a plain file. O_NONBLOCK: opening a FIFO would otherwise wait for its writer for ever."""
    _require_plain(path, path.stat())
    with open(path, "rb", opener=_open) as file:
        found = os.fstat(file.fileno())
        _require_plain(path, found)
        body = b"" if found.st_size > max_body else file.read(max_body + 1)
    if found.st_size > max_body or len(body) > max_body:
        raise TooLarge(f"{path}: is larger than {max_body / 1048576:g} MB. Split it, or leave it out.")
    return body, datetime.fromtimestamp(found.st_mtime, UTC)


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def _require_plain(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "a device, socket or pipe"
        raise UnreadableDocument(f"{path}: is {what}. Put a plain file there.")


def _text(name: str) -> str:
    """A name that can be stored: bytes that are no UTF-8 are shown as escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
