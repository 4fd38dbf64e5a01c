"""Everything published in, files below a folder out: the same bytes that the web serves."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from feedsvc.errors import FeedsvcError
from feedsvc.model import Rendition
from feedsvc.publish.feeds import publish
from feedsvc.publish.holdings import HTML
from feedsvc.publish.publisher import Publisher

#: What the export wrote last time, so that what is no longer published is removed from it.
MANIFEST = ".feedsvc-export.json"


def export(publisher: Publisher, out: Path, report: Callable[[str], None]) -> int:
    """Write everything published below a folder, only what changed, each file whole or not at all.

    A page stands as PATH/index.html, everything else under its own address. Returns the number of files written or
    removed; raises FeedsvcError naming the file that cannot be written.
    """
    publish(publisher)
    before = _exported(out)
    # A review that left its feeds keeps its page: for a text without an address of its own it is the permalink.
    pages = {f"/{name.removesuffix('/index.html')}" for name in before if name.startswith("reviews/")}
    written: list[str] = []
    changes = 0
    for path in sorted(pages.union(publisher.paths())):
        found = publisher.rendition(path)
        if isinstance(found, Rendition):
            name = f"{path}/index.html".strip("/") if found.media_type == HTML else path.strip("/")
            written.append(name)
            changes += _write(out / name, found.body)
            report(name)
    _write(out / MANIFEST, json.dumps(sorted(written), indent=0).encode())
    return changes + _forget(out, before.difference(written))


def _exported(out: Path) -> set[str]:
    """The files that the last export wrote; none where its list is missing or damaged."""
    try:
        names = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def _write(file: Path, body: bytes) -> int:
    """1 when the file's bytes changed, else 0. The new bytes replace the old ones in one step."""
    try:
        if file.is_file() and file.read_bytes() == body:
            return 0
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.part")
        part.write_bytes(body)
        os.replace(part, file)
    except OSError as error:
        message = f"{file}: cannot be written ({error.strerror}); choose a writable folder with --out"
        raise FeedsvcError(message) from None
    return 1


def _forget(out: Path, gone: Iterable[str]) -> int:
    """Remove what is no longer published, and the folders it leaves empty; files that others put there stay."""
    ours = [out / name for name in gone if (out / name).resolve().is_relative_to(out.resolve())]
    for file in ours:
        file.unlink(missing_ok=True)
        with suppress(OSError):  # not empty
            file.parent.rmdir()
    return len(ours)
