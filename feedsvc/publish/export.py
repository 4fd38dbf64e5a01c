"""Everything that everybody may read in, files below a folder out: the same bytes that the web serves.

For a visitor the files hold together at every moment: what is linked to is written before what links to it, so a feed
never names a page that is not there yet, and what is gone is removed when nothing names it any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from feedsvc.model import Rendition
from feedsvc.publish.feeds import publish
from feedsvc.publish.files import forget, forms_of, listed, write, write_list
from feedsvc.publish.holdings import NEVER
from feedsvc.publish.publisher import Publisher
from feedsvc.render.failures import failure_page
from feedsvc.render.pages import STATIC

#: Stands beside no page, in the folder of a review that was withdrawn: a web server answers 410 where it finds it.
WITHDRAWN = ".gone"
#: Pages that a web server shows with these statuses.
FAILURES = (404, 410)


def export(
    publisher: Publisher, out: Path, report: Callable[[str], None], leave: Callable[[], bool] = lambda: False
) -> int:
    """Write everything published below a folder, only what changed, each file whole or not at all.

    When `leave` says so it ends after the file in hand, and removes nothing. Returns the number of files written or
    removed; raises FeedsvcError naming the file that cannot be written.
    """
    publish(publisher)
    before = listed(out)
    written: set[str] = set()
    changes = 0
    finished = False
    try:
        for names, rendition in _files(publisher, before):
            for name, body in names.items():
                changes += write(out / name, body, rendition.modified if rendition else NEVER)
            written.update(names)
            report(next(reversed(names)))
            if leave():
                return changes
        finished = True
    finally:
        write_list(out, written if finished else before | written)
    return changes + forget(out, sorted(before - written, key=_place, reverse=True))


def _files(publisher: Publisher, before: Iterable[str]) -> Iterator[tuple[dict[str, bytes], Rendition | None]]:
    """Each thing's files in the order in which they are written, with the rendition that they are of."""
    for status in FAILURES:
        yield {f"{status}.html": failure_page(publisher.settings.site, status)}, None
    for path in publisher.gone():
        yield {f"{path.strip('/')}/{WITHDRAWN}": b""}, None
    # A review that left its feeds keeps its page: for a text without an address of its own it is the permalink.
    pages = {f"/{name.removesuffix('/index.html')}" for name in before if name.startswith("reviews/")}
    for path in sorted(pages.union(publisher.paths()), key=_place):
        found = publisher.rendition(path)
        if isinstance(found, Rendition):
            yield forms_of(found), found


def _place(path: str) -> tuple[int, str]:
    """Where a path stands in the order: what others link to first, then what lists it, the front page last."""
    parts = path.strip("/").removesuffix("index.html").strip("/").split("/")
    if f"/{'/'.join(parts)}" in STATIC:
        rank = 0
    elif parts[0] == "reviews":
        rank = 1
    elif parts == [""]:
        rank = 5
    elif len(parts) == 1 or parts[0] == "sources":
        rank = 4
    else:
        rank = 3 if parts[0] == "feeds" and len(parts) == 2 else 2
    return rank, path
