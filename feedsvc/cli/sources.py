"""`feedsvc sources`: the configured sources and what is stored of them in; a line for each, and the totals, out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click
import msgspec

from feedsvc.cli.invocation import settings_of
from feedsvc.cli.numbers import counted, times
from feedsvc.cli.opening import open_store
from feedsvc.cli.outcomes import KINDS, is_kind
from feedsvc.cli.programs import as_json_text
from feedsvc.model import Forgiven, PageCount, PageFault, Quarantined, Source, SourceState, is_url

#: Kept from programs: it means nothing outside this process.
INTERNAL = ("body_hash",)


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of all sources: how many there are, and which could not be read."""

    counts: Mapping[str, PageCount]
    faults: Sequence[PageFault]

    def lines(self, source: str) -> Iterator[str]:
        """How the pages of a source are."""
        if count := self.counts.get(source):
            said = [f"{count.read:,} read", f"{count.waiting:,} waiting", f"{count.failing:,} failing"]
            yield f"{count.known:,} page{'' if count.known == 1 else 's'}: " + ", ".join(_but_none(said))
        yield from (_page_fault(fault) for fault in self.of(source))

    def of(self, source: str) -> list[PageFault]:
        """The pages of a source that could not be read."""
        return [fault for fault in self.faults if fault.source == source]


NO_PAGES = Pages({}, ())


@click.command(name="sources", epilog="Example: feedsvc sources --failed")
@click.option("--failed", is_flag=True, help="Only those that could not be read at the last look.")
@click.option("--kind", metavar="KIND", help="Only those that failed in this way, such as dns, timeout or http-404.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON object: sources and quarantined documents.")
@click.pass_context
def command(context: click.Context, failed: bool, kind: str | None, as_json: bool) -> None:
    """List the sources: when each was read, when it is next, what is wrong. Documents in quarantine stand below."""
    settings = settings_of(context)
    if kind and not is_kind(kind):
        raise click.UsageError(f"no source fails with {kind!r}; these are the kinds: {', '.join(KINDS)}", context)
    with open_store(settings) as store:
        states = {state.name: state for state in store.states()}
        quarantined, forgiven = store.quarantined(), store.forgiven()
        pages = Pages(store.pages.counts(), store.pages.faults())
    listed = [one for one in settings.sources if _wanted(one, states.get(one.name), failed=failed, kind=kind)]
    if failed or kind:
        names = {source.name for source in listed}
        quarantined = [entry for entry in quarantined if entry.source in names]
        forgiven = [entry for entry in forgiven if entry.source in names]
    if as_json:
        click.echo(as_json_text(_as_json(listed, states, quarantined, forgiven, pages)))
        return
    for line in source_lines(listed, states, pages):
        click.echo(line)
    if quarantined:
        click.echo("\n".join(["", "In quarantine:", *map(_kept_out, quarantined)]))
    if forgiven:
        click.echo("\n".join(["", "Read all the same:", *(line for entry in forgiven for line in _forgiven(entry))]))
    if listed:
        click.echo()
    click.echo(_totals(settings.sources, states))


def _wanted(source: Source, state: SourceState | None, *, failed: bool, kind: str | None) -> bool:
    fails = source.enabled and state is not None and state.error is not None
    return (fails or not (failed or kind)) and (kind is None or (state is not None and state.error_kind == kind))


def source_lines(
    sources: Sequence[Source], states: Mapping[str, SourceState], pages: Pages = NO_PAGES
) -> Iterator[str]:
    """A line for each source, and under it what is wrong with it, and with the pages that it leads to."""
    width = max([24, *(len(source.name) for source in sources)])
    for source in sources:
        state = states.get(source.name)
        yield f"{source.name:<{width}} {source.kind:<7} {_condition(source, state)}"
        if state and state.error:
            yield f"{'':<{width}} {state.error_kind}: {state.error}"
        yield from (f"{'':<{width}} read all the same: {problem}" for problem in (state.forgiven if state else ()))
        yield from (f"{'':<{width}} {line}" for line in pages.lines(source.name))


def _page_fault(fault: PageFault) -> str:
    kept = f"; its review of {_time(fault.read)} stays" if fault.read else ""
    again = f"next {_time(fault.next_check)}" if fault.next_check else "not asked for again"
    return f"page failed {times(fault.failures)}, {again}{kept}: {fault.kind}: {fault.error}"


def _condition(source: Source, state: SourceState | None) -> str:
    if not source.enabled:
        return "off"
    if state is None or state.last_checked is None:
        return "not looked at yet"
    health = "stopped" if state.stopped else f"failed {times(state.failures)}" if state.failures else "good"
    return (
        f"{health}, {counted(state.reviews, 'review')}, "
        f"{'read ' + _time(state.last_success) if state.last_success else 'never read'}, "
        f"next {'never' if state.stopped else _time(state.next_check)}"
        f"{_pushed(state) if is_url(source.location) else ''}"
    )


def _pushed(state: SourceState) -> str:
    """Whether a hub delivers the source (WebSub) or it is only asked."""
    if state.push_until is None:
        return ", polling"
    last = f"last {_time(state.last_push)}" if state.last_push else "nothing yet"
    return f", its hub delivers until {_time(state.push_until)} ({last})"


def _time(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M UTC")


def _kept_out(entry: Quarantined) -> str:
    return f"  {entry.source}: {entry.place}: {entry.reason}"


def _forgiven(entry: Forgiven) -> Iterator[str]:
    return (f"  {entry.source}: {entry.place}: {problem}" for problem in entry.problems)


def _totals(sources: Sequence[Source], states: Mapping[str, SourceState]) -> str:
    """How many sources stand how, and how many failed in which way."""
    counted = Counter(_standing(source, states.get(source.name)) for source in sources)
    kinds = Counter(
        states[source.name].error_kind or "error"
        for source in sources
        if _standing(source, states.get(source.name)) in ("failing", "stopped")
    )
    said = [f"{counted[one]:,} {one}" for one in ("good", "failing", "stopped", "not looked at yet", "off")]
    how = ", ".join(f"{kind} {count:,}" for kind, count in kinds.most_common())
    total = f"{len(sources):,} source{'' if len(sources) == 1 else 's'}: " + ", ".join(_but_none(said))
    return f"{total} ({how})" if how else total


def _but_none(counts: Iterable[str]) -> Iterator[str]:
    return (count for count in counts if not count.startswith("0 "))


def _standing(source: Source, state: SourceState | None) -> str:
    if not source.enabled:
        return "off"
    if state is None or state.last_checked is None:
        return "not looked at yet"
    return "stopped" if state.stopped else "failing" if state.error else "good"


def _as_json(
    sources: Sequence[Source],
    states: Mapping[str, SourceState],
    quarantined: Sequence[Quarantined],
    forgiven: Sequence[Forgiven],
    pages: Pages,
) -> dict[str, object]:
    """Every listed source with its state, what is in quarantine, and files that were read though something is wrong."""
    return {
        "sources": [
            {
                "kind": source.kind,
                "location": source.location,
                "enabled": source.enabled,
                **_state(states, source.name),
                "problems": list(states[source.name].forgiven) if source.name in states else [],
                **_pages(pages, source.name),
            }
            for source in sources
        ],
        "quarantined": msgspec.to_builtins(list(quarantined)),
        "forgiven": msgspec.to_builtins(list(forgiven)),
    }


def _state(states: Mapping[str, SourceState], name: str) -> dict[str, Any]:
    state = msgspec.to_builtins(states[name]) if name in states else {"name": name}
    return {key: value for key, value in state.items() if key not in INTERNAL}


def _pages(pages: Pages, name: str) -> dict[str, Any]:
    """How the pages of a source are; nothing for one that leads to none."""
    count = pages.counts.get(name)
    if count is None:
        return {}
    return {"pages": msgspec.to_builtins(count), "page_faults": msgspec.to_builtins(pages.of(name))}
