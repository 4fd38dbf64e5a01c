"""Bytes and their names below a folder in, files out: each whole or not at all, untouched where nothing changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from feedsvc.errors import FeedsvcError
from feedsvc.model import Rendition
from feedsvc.publish.holdings import HTML
from feedsvc.publish.packing import packed

#: What the export wrote last time, so that what is no longer published is removed from it.
MANIFEST = ".feedsvc-export.json"


def listed(out: Path) -> set[str]:
    """The files that the last export wrote; none where its list is missing or damaged."""
    try:
        names = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def write_list(out: Path, names: Iterable[str]) -> None:
    """Keep the names of all files that are ours."""
    write(out / MANIFEST, json.dumps(sorted(names), indent=0).encode())


def forms_of(rendition: Rendition) -> dict[str, bytes]:
    """The names and bytes of a rendition's files, packed ones first: a server that finds one takes it for the newest.

    A page stands as PATH/index.html, everything else under its own address.
    """
    page = rendition.media_type == HTML
    name = f"{rendition.path}/index.html".strip("/") if page else rendition.path.strip("/")
    known = rendition if rendition.gzip or rendition.br else packed(rendition)
    forms = {f"{name}.br": known.br, f"{name}.gz": known.gzip, name: known.body}
    return {name: body for name, body in forms.items() if body is not None}


def write(file: Path, body: bytes, modified: datetime | None = None) -> bool:
    """Whether the file's bytes are new. They replace the old ones in one step, with the time that they are dated.

    The same bytes keep their file, and its time. Raises FeedsvcError naming the file that cannot be written.
    """
    try:
        if file.is_file() and file.read_bytes() == body:
            return False
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.part")
        part.write_bytes(body)
        if modified is not None:
            # A web server tells it as Last-Modified: to the second, as HTTP does (RFC 9110 5.6.7).
            os.utime(part, (int(modified.timestamp()),) * 2)
        os.replace(part, file)
    except OSError as error:
        message = f"{file}: cannot be written ({error.strerror}); choose a writable folder with --out"
        raise FeedsvcError(message) from None
    return True


def forget(out: Path, names: Iterable[str]) -> int:
    """Remove files that are ours, and the folders that they leave empty; how many there were."""
    ours = [out / name for name in names if (out / name).resolve().is_relative_to(out.resolve())]
    for file in ours:
        file.unlink(missing_ok=True)
        for folder in file.relative_to(out).parents[:-1]:
            with suppress(OSError):  # not empty
                (out / folder).rmdir()
    return len(ours)
