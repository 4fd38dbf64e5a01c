"""`feedsvc withdraw`: a request to take something out in; out of every feed, page and export at once, and on record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from feedsvc.cli.invocation import settings_of, utc_now
from feedsvc.cli.numbers import counted
from feedsvc.cli.opening import open_store
from feedsvc.cli.programs import as_json_text
from feedsvc.cli.publishing import publisher_of
from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError
from feedsvc.model import Withdrawal, WithdrawalKind
from feedsvc.publish import MANIFEST, export, publish
from feedsvc.store import Store


@click.command(
    name="withdraw",
    epilog="Example: feedsvc withdraw https://outlet.example/paper-moons --reason 'the licence ended' "
    "--requested-by 'Harbour Gazette, by letter of 4 May'",
)
@click.argument("review", required=False)
@click.option("--author", metavar="NAME", help="All reviews of this author, also those that come later.")
@click.option("--source", metavar="NAME", help="Everything of this source, also what comes later.")
@click.option("--record", "number", type=int, metavar="NUMBER", help="With --undo: the withdrawal of that record.")
@click.option("--reason", metavar="TEXT", help="Why; for the record alone, never published.")
@click.option("--requested-by", metavar="TEXT", help="Who asked; for the record alone, never published.")
@click.option("--undo", is_flag=True, help="Bring back what this withdrawal took; the record stays.")
@click.option("--list", "list_all", is_flag=True, help="Print the record: who asked for what, when and why.")
@click.option("--json", "as_json", is_flag=True, help="With --list: as a JSON array.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="An export to bring up to date too.  [published/ in the data room always is, when there is one]",
)
@click.pass_context
def command(
    context: click.Context,
    review: str | None,
    author: str | None,
    source: str | None,
    number: int | None,
    reason: str | None,
    requested_by: str | None,
    undo: bool,
    list_all: bool,
    as_json: bool,
    out: Path | None,
) -> None:
    """Take a review, an author or a source out of every feed, page and export, at once and for good.

    REVIEW is its key, its id, the address of the original, or the address of its page here. Atom feeds tell
    subscribers that it was deleted, its page answers 410, and what is collected later does not bring it back.
    """
    asked_for = [(kind, value) for kind, value in zip(WithdrawalKind, (review, author, source), strict=True) if value]
    named = len(asked_for) + (number is not None)
    _check(named, reason, requested_by, undo=undo, list_all=list_all, as_json=as_json)
    if number is not None and not undo:
        raise click.UsageError("--record goes with --undo")
    settings = settings_of(context)
    with open_store(settings) as store:
        if list_all:
            _print_record(store.withdrawals.records(), as_json=as_json)
            return
        kind, value = asked_for[0] if number is None else _recorded(store, number)
        if number is None and kind is WithdrawalKind.REVIEW:
            value = _key(store, value)
        if undo:
            record, back = store.withdrawals.undo(kind, value, now=utc_now(), reason=reason, by=requested_by)
            lines = _back(settings, record, back)
        else:
            record = store.withdrawals.withdraw(
                kind, value, reason=reason or "", requested_by=requested_by or "", now=utc_now()
            )
            lines = _out(settings, record)
        click.echo("\n".join([*lines, *_redraw(store, settings, out)]))


def _check(
    number: int, reason: str | None, requested_by: str | None, *, undo: bool, list_all: bool, as_json: bool
) -> None:
    """Raises UsageError, which says what the command lacks."""
    if number != (0 if list_all else 1):
        one = (
            "one of REVIEW, --author, --source and --record"
            if undo
            else "one of REVIEW, --author and --source, or --list"
        )
        raise click.UsageError("--list stands alone" if list_all else f"give {one}")
    if as_json and not list_all:
        raise click.UsageError("--json goes with --list")
    if not (undo or list_all or ((reason or "").strip() and (requested_by or "").strip())):
        raise click.UsageError("give --reason and --requested-by: the record says why and who asked")


def _recorded(store: Store, number: int) -> tuple[WithdrawalKind, str]:
    """What the withdrawal of a record took; FeedsvcError when none of that number is in force."""
    for record in store.withdrawals.records():
        if record.number == number and record.undone is not None:
            raise FeedsvcError(f"record {number} is undone since {record.undone:%Y-%m-%d} already")
        if record.number == number:
            return record.kind, record.value
    raise FeedsvcError(f"there is no record {number}: `feedsvc withdraw --list` says which there are")


def _key(store: Store, word: str) -> str:
    """The key of the one review that is meant; FeedsvcError when it is none or not one."""
    found = store.find(word)
    if not found:
        raise FeedsvcError(
            f"no review is stored under {word!r}; give its key, its id, the original's address or its page's here"
        )
    same = len({one.source for one in found}) == len(found) and len({(one.url or "").rstrip("/") for one in found}) == 1
    if not same:
        several = "".join(f"\n  {one.key}  {one.title} ({one.source})" for one in found)
        raise FeedsvcError(f"{word!r} stands for {len(found)} reviews; name one by its key:{several}")
    return found[0].key


def _redraw(store: Store, settings: Settings, out: Path | None) -> list[str]:
    """Draws every feed and page that it stood in, here and in each export; a line for each export."""
    publisher = publisher_of(store, settings)
    publish(publisher)
    kept = settings.data_dir / "published"
    folders = [kept] if (kept / MANIFEST).is_file() else []
    folders += [out] if out and out.resolve() != kept.resolve() else []
    return [f"{folder}: {export(publisher, folder, lambda _: None)} files changed" for folder in folders]


# --------------------------------------------------------------------------------------------------------------- words


def _out(settings: Settings, record: Withdrawal) -> list[str]:
    lines = [
        f"withdrawn: {_what(record)}: {counted(record.reviews, 'review')} out of {_feeds(settings, record.sources)}",
        f"record {record.number}: requested by {record.requested_by}: {record.reason}",
    ]
    if record.kind is WithdrawalKind.SOURCE and any(
        one.name == record.value and one.enabled for one in settings.sources
    ):
        lines.append(
            f"{record.value} is still looked at, and all that it brings stays out; "
            f"to end that, set enabled = false in its [[sources]] of {settings.path}"
        )
    return lines


def _back(settings: Settings, record: Withdrawal, back: int) -> list[str]:
    left = record.reviews - back
    others = (
        f"; {counted(left, 'review')} of it still out, by other withdrawals (`feedsvc withdraw --list`)" if left else ""
    )
    feeds = _feeds(settings, record.sources)
    return [f"undone: record {record.number}: {_what(record)}: {counted(back, 'review')} back in {feeds}{others}"]


def _what(record: Withdrawal) -> str:
    return f"review {record.value} “{record.title}”" if record.title else f"{record.kind} {record.value}"


def _feeds(settings: Settings, sources: Sequence[str]) -> str:
    names = [feed.name for feed in settings.feeds if set(settings.source_names(feed)).intersection(sources)]
    return f"the feed{'' if len(names) == 1 else 's'} {', '.join(names)}" if names else "no feed"


def _print_record(records: Sequence[Withdrawal], *, as_json: bool) -> None:
    if as_json:
        click.echo(as_json_text(msgspec.to_builtins(list(records))))
    elif not records:
        click.echo("nothing was ever withdrawn")
    else:
        click.echo("\n".join(line for record in records for line in _record_lines(record)))


def _record_lines(record: Withdrawal) -> list[str]:
    sources = ", ".join(record.sources) or "no source"
    lines = [
        f"record {record.number}: {_what(record)}: {counted(record.reviews, 'review')} of {sources}",
        f"  withdrawn {record.withdrawn:%Y-%m-%d %H:%M} UTC, requested by {record.requested_by}: {record.reason}",
    ]
    if record.undone:
        said = [f"requested by {record.undone_by}"] * bool(record.undone_by) + [record.undone_reason or ""]
        why = ": ".join(filter(None, said))
        lines.append(f"  undone {record.undone:%Y-%m-%d %H:%M} UTC" + (f", {why}" if why else ""))
    return lines
