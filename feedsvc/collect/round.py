"""Claims in, Outcomes out: every look from its request to the database, hundreds at a time.

    collector thread: claims → requests in flight → 304, the bytes of last time and errors go straight to the writer
    readers:          what has changed is parsed and normalised, on several processes
    writer:           many looks in one transaction, then each is reported

The number of looks under way is bounded, and so are the bytes that wait for a reader: memory stays flat.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime

from feedsvc.collect import visit as visits
from feedsvc.collect.collector import ALONE, Collector, fetch_options, readers_for
from feedsvc.collect.crowd import Crowd
from feedsvc.collect.errands import Errands
from feedsvc.collect.findings import Findings
from feedsvc.collect.handing import Handing
from feedsvc.collect.outcome import Outcome, outcome_of
from feedsvc.collect.steps import Ask, Ended, Result, Tools
from feedsvc.collect.visit import Visit, cadence_for
from feedsvc.collect.walk import walk
from feedsvc.collect.workers import Readers
from feedsvc.collect.writer import Writer, Written
from feedsvc.errors import SourceError, StoreError
from feedsvc.fetch import Answer, Postponed, Transfers
from feedsvc.model import Fetched, Unchanged
from feedsvc.parsers.sameness import body_digest
from feedsvc.reading import Reading, Task
from feedsvc.store import Claim, Recorded

log = logging.getLogger(__name__)

#: Looks under way at once.
UNDER_WAY = 400
#: Looks that may wait in line.
IN_LINE = 1000
#: Claims taken in one go.
BATCH = 200
#: Seconds between two looks for domains that others, where work is shared, were told to leave alone.
LIMITS_EVERY = 5.0
#: Seconds that the collector waits for something to happen before it looks around.
GLANCE = 0.5
#: Seconds in which the network may still answer when the service is to stop, or to go on under other settings.
FINISH_WITHIN = 5.0
#: So many of a source's newest items are known to its reader; an older one is only read again, to no effect.
KNOWN = 2000


def collect(
    collector: Collector,
    claims: Callable[[int], Sequence[Claim]],
    report: Callable[[Outcome], None],
    *,
    force: bool = False,
) -> None:
    """Look at every claimed source once and report each Outcome as it is stored; with `force`, as if never read before.

    `claims(n)` gives at most n claims; it is asked again while looks are under way, and an empty answer at their end
    is the end. `report` is called from one other thread. Raises StoreError when the database cannot be used any more:
    what was not reported is not recorded, and its claims are still held.
    """
    own = nullcontext(collector.readers) if collector.readers else readers_for(collector.settings)
    with own as readers:
        _Round(collector, claims, report, readers, force=force).run()


class _Round:
    """The looks of one collection."""

    def __init__(
        self,
        collector: Collector,
        claims: Callable[[int], Sequence[Claim]],
        report: Callable[[Outcome], None],
        readers: Readers,
        *,
        force: bool,
    ) -> None:
        self._collector = collector
        self._store, self._settings, self._clock = collector.store, collector.settings, collector.clock
        self._claims = claims
        self._report = report
        self._handing = Handing(readers)
        self._force = force
        self._shared = collector.shared
        #: By the name of the source; each is touched by one thread at a time.
        self._visits: dict[str, Visit] = {}
        self._crowd = Crowd()
        #: Claims that are not for this round; held to its end, or they would be given to it again and again.
        self._unused: list[Claim] = []
        self._next_claims = 0.0
        self._next_limits = time.monotonic() + LIMITS_EVERY
        self._leave_by: float | None = None
        #: Why no more can be claimed; what is in hand is finished all the same.
        self._fault: StoreError | None = None

    def run(self) -> None:
        self._findings = Findings(self._collector)
        self._transfers = Transfers(fetch_options(self._settings), self._findings.closed)
        self._writer = Writer(self._store, lambda: len(self._visits))
        self._errands = Errands(self._transfers.submit)
        self._tools = Tools(
            store=self._store,
            findings=self._findings,
            clock=self._clock,
            known=self._known,
            leave=lambda: self._leave_by is not None,
            options=lambda visit: cadence_for(self._settings, visit.source),
        )
        try:
            self._work()
        finally:
            try:
                self._finish()
            finally:
                self._transfers.close()
        if fault := self._fault or self._writer.fault:
            raise fault

    def _work(self) -> None:
        while not self._is_over():
            taken = self._take()
            if not self._visits and not taken:
                return
            self._handing.wait_for_room()
            self._errands.send_due()
            for request, answer in self._transfers.drive(self._errands.patience(GLANCE)):
                for visit in (self._visits[request.name], *self._errands.answered(request)):
                    self._settle(visit, answer)
            self._keep()

    def _keep(self) -> None:
        try:
            self._findings.keep(self._transfers.closed)
            if self._shared is not ALONE and time.monotonic() >= self._next_limits:
                self._next_limits = time.monotonic() + LIMITS_EVERY
                self._transfers.leave_alone(self._findings.limits())
        except StoreError as fault:
            self._fault = fault

    def _is_over(self) -> bool:
        """Whether not even what the network still owes is waited for: nothing can be stored, or it is time to leave."""
        if self._leave_by is None and self._collector.leave():
            self._leave_by = time.monotonic() + FINISH_WITHIN
        if self._leave_by is not None:
            for visit in self._errands.recall():
                self._step(visit, None)
        late = self._leave_by is not None and time.monotonic() > self._leave_by
        return late or self._shared.forsaken() or self._writer.fault is not None

    def _finish(self) -> None:
        """Whatever happened: documents in hand are read and stored, and the claims of all others are given back."""
        self._handing.wait_until_idle()
        self._writer.close()
        unused = [*self._unused, *(visit.claim for visit in self._visits.values())]
        if unused and not self._broken():
            self._store.release(unused)

    # ------------------------------------------------------------------------------------------------------- claims

    def _take(self) -> bool:
        """Begin as many looks as there is room for; False when nothing was due, or nothing can be stored any more."""
        room = min(UNDER_WAY - self._busy(), IN_LINE - self._crowd.in_line)
        if self._broken() or self._leave_by is not None:
            return False
        if self._visits and (room < BATCH or time.monotonic() < self._next_claims):
            return False
        try:
            claims = self._claims(min(room, BATCH))
        except StoreError as fault:
            self._fault = fault
            return False
        if not claims:
            self._next_claims = time.monotonic() + self._shared.again
        for claim in claims:
            self._begin(claim)
        return bool(claims)

    def _begin(self, claim: Claim) -> None:
        source = self._settings.source(claim.name)
        if source is None or claim.name in self._visits:
            # Another process made the row, under a newer configuration: it is that one's to collect. Or our claim was
            # lost to such a change, or lasted too long: the look under way must end first.
            self._unused.append(claim)
            self._shared.ended(claim)
            return
        visit = self._visits[claim.name] = visits.begin(claim, source, force=self._force)
        self._crowd.count(visit.host, 1)
        if source.walks:
            visit.steps = walk(visit, self._tools)
            self._step(visit, None)
        elif visit.on_the_web:
            self._transfers.submit(visits.ask(visit, self._clock()))
        else:
            self._read(visit)

    def _busy(self) -> int:
        return max(0, len(self._visits) - self._crowd.in_line - len(self._errands))

    def _broken(self) -> bool:
        return self._fault is not None or self._writer.fault is not None

    # ------------------------------------------------------------------------------------------------------ answers

    def _settle(self, visit: Visit, answer: Answer) -> None:
        """An answer from the web, on the collector's thread."""
        try:
            if visit.steps is not None:
                self._step(visit, answer)
            elif isinstance(answer, Fetched) and (digest := body_digest(answer.body)) != visit.state.body_hash:
                visit.fetched, visit.digest = answer, digest
                self._read(visit)
            elif isinstance(answer, Fetched | Unchanged):
                now = self._clock()
                look = visits.unchanged(visit, answer, cadence_for(self._settings, visit.source), now)
                self._write(visit, Ended(look=look))
            elif isinstance(answer, Postponed):
                until = datetime.fromtimestamp(answer.until, UTC)
                self._write(visit, Ended(look=visits.postponed(visit, until, self._clock()), postponed=until))
            else:
                self._failed(visit, answer)
        except Exception as bug:
            self._bug(visit, bug)

    def _step(self, visit: Visit, result: Result) -> None:
        """Do what a look that goes on to pages wants next; from the thread that has what it waited for."""
        try:
            step = visit.steps.send(result) if visit.steps else None
            if isinstance(step, Ask):
                self._errands.ask(visit, step)
            elif step is not None:
                self._hand_over(visit, step.task, len(step.document.body))
        except StopIteration as end:
            self._ended(visit, end.value)
        except StoreError as fault:
            self._fault = fault
            self._end(visit)
        except Exception as bug:
            self._bug(visit, bug)

    def _ended(self, visit: Visit, ended: Ended) -> None:
        if visit.fetched is not None and ended.reading is not None:
            self._findings.hubs(visit, ended.reading)
        self._write(visit, ended)

    def _failed(self, visit: Visit, error: SourceError) -> None:
        if visits.elsewhere(visit, error):
            visit.fetched = None
            self._transfers.submit(visits.ask(visit, self._clock()))
            return
        look = visits.failed(visit, error, cadence_for(self._settings, visit.source), self._clock())
        self._write(visit, Ended(look=look, error=error))

    def _blamed(self, visit: Visit, bug: BaseException) -> SourceError:
        """Why a document cannot be read; a mistake of ours is logged, and seen on the one that met it."""
        if isinstance(bug, SourceError):
            return bug
        log.error("source %s met a bug of feedsvc", visit.claim.name, exc_info=bug)
        error = SourceError("a bug of feedsvc, whose traceback is in its log; please report it")
        error.kind = "bug"
        return error

    def _bug(self, visit: Visit, bug: BaseException) -> None:
        """A mistake of ours stops one source alone, is logged and is seen on it."""
        error = self._blamed(visit, bug)
        try:
            look = visits.failed(visit, error, cadence_for(self._settings, visit.source), self._clock())
            self._write(visit, Ended(look=look, error=error))
        except Exception:
            # Not even that can be written down: its claim ends by itself, and the others go on.
            log.exception("source %s is left for later", visit.claim.name)
            self._end(visit)

    # ------------------------------------------------------------------------------------------------------ reading

    def _read(self, visit: Visit) -> None:
        self._hand_over(visit, lambda: self._task(visit), visit.size)

    def _hand_over(self, visit: Visit, task: Callable[[], Task], size: int) -> None:
        """Let a reader do a task, which is made on its thread, with a document of so many bytes."""

        def made() -> Task:
            if fault := self._writer.fault:
                raise fault
            return task()

        self._handing.hand_over(made, size, lambda result: self._was_read(visit, result))

    def _task(self, visit: Visit) -> Task:
        """What a reader is to do, with what is stored of the source already; on a reader's thread."""
        return Task(
            source=visit.source,
            now=self._clock(),
            known=self._known(visit),
            fetched=visit.fetched,
            digest=visit.digest,
            body_hash=visit.state.body_hash,
            documents=self._store.documents(visit.claim.name) if visit.source.kind == "folder" else {},
            markup=self._store.markup(visit.claim.name) if visit.compares else None,
        )

    def _known(self, visit: Visit) -> dict[bytes, bytes]:
        return self._store.known_digests(visit.claim.name, KNOWN) if visit.claim.state.last_success else {}

    def _was_read(self, visit: Visit, result: Reading | BaseException) -> None:
        """What a reader found, on its thread."""
        try:
            if visit.steps is not None and not isinstance(result, StoreError):
                self._step(visit, result if isinstance(result, Reading) else self._blamed(visit, result))
            elif isinstance(result, Reading):
                self._findings.hubs(visit, result)
                now = self._clock()
                look = visits.read(visit, result, cadence_for(self._settings, visit.source), now)
                self._write(visit, Ended(look=look, reading=result))
            elif isinstance(result, StoreError):
                self._fault = result
                self._end(visit)
            elif isinstance(result, SourceError):
                self._failed(visit, result)
            else:
                self._bug(visit, result)
        except Exception as bug:
            self._bug(visit, bug)

    # ------------------------------------------------------------------------------------------------------ writing

    def _write(self, visit: Visit, ended: Ended) -> None:
        def tell(recorded: Recorded | None) -> None:
            """On the writer's thread, when it is in the database."""
            self._end(visit)
            if recorded is not None:
                self._report(outcome_of(visit.claim.name, recorded, ended))

        visit.fetched = None
        self._writer.put(Written(ended.look, tell))

    def _end(self, visit: Visit) -> None:
        del self._visits[visit.claim.name]
        self._crowd.count(visit.host, -1)
        self._shared.ended(visit.claim)
        # The collector's thread may be asleep; it is wanted when there is room for more, and at the end.
        if self._busy() in (0, UNDER_WAY - BATCH):
            self._transfers.nudge()
