"""Everything that can go wrong by somebody else's hand, as one tree.

FeedsvcError                    has a message that names the file, key or URL and says what to do
├── ConfigError                 config.toml or the environment: carries every fault found, not only the first
├── StoreError                  the database cannot be used: unwritable, newer than this program, locked
├── BrokerError                 the broker, where work waits for workers, cannot be used
├── WithdrawalError             nothing such can be withdrawn or brought back: it is unknown, or it is so already
├── SubjectError                works cannot be merged or split so: there is none of that name, or nothing is left
├── ServeError                  the address cannot be bound
└── SourceError                 a source or one of its documents cannot be read now; recorded on the source, never fatal
    ├── Unreachable             nothing came back: DNS, connection refused, time-out, TLS
    ├── Refused                 our own rules forbid the request: address guard, scheme
    │   └── Misdirected         redirects that lead nowhere: in a circle, too many, to no address, to plain http
    ├── Disallowed              the outlet's robots.txt asks us not to fetch a page; it was not asked for
    ├── HttpStatus              an answer that is not a feed: 4xx, 5xx; 410 and Retry-After are fields
    ├── TooLarge                beyond a limit of size, depth or time
    ├── NotAFeed                the bytes are no feed: says what they are; an HTML page carries the feeds it names
    ├── Malformed               a feed that no reader could make sense of
    ├── UnreadableDocument      a file in a drop folder that is no text, no feed, no page
    └── Unattributable          one review with no way back to its origin: quarantined, not published

SourceError is caught in one place, `collect`. Anything outside this tree is a bug and propagates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping


class FeedsvcError(Exception):
    """An error whose message is written for the person who can mend it."""


class ConfigError(FeedsvcError):
    """The configuration is wrong; `faults` holds one finished sentence for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class StoreError(FeedsvcError):
    """The database cannot be used."""


class WithdrawalError(FeedsvcError):
    """Nothing such can be withdrawn, or brought back."""


class ServeError(FeedsvcError):
    """The web server cannot start."""


class SourceError(FeedsvcError):
    """A source, or one document of it, cannot be read now. `kind` is the word an operator filters by."""

    kind = "error"

    def __reduce__(self) -> tuple[Callable[..., SourceError], tuple[object, ...]]:
        """How it comes back from a process that read a document: whole, whatever its own arguments are."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[SourceError], arguments: tuple[object, ...], fields: Mapping[str, object]) -> SourceError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(fields)
    return error


class Unreachable(SourceError):
    """No answer came. `kind` tells dns, refused, timeout and tls apart."""

    def __init__(self, message: str, kind: str = "unreachable") -> None:
        super().__init__(message)
        self.kind = kind


class Refused(SourceError):
    """Our own rules forbid the request; nothing was sent."""

    kind = "forbidden"


class Misdirected(Refused):
    """Redirects lead to no address that may be asked: it is the outlet's to mend them."""

    kind = "redirects"


class Disallowed(SourceError):
    """The outlet's robots.txt forbids a page, or cannot be had; nothing was sent."""

    kind = "robots"


class HttpStatus(SourceError):
    """The server answered with a status that carries no feed. `retry_after` in seconds, None when not said."""

    kind = "http"

    def __init__(self, message: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.kind = f"http-{status}"


class TooLarge(SourceError):
    """A limit was passed; the message names it."""

    kind = "too-large"


class NotAFeed(SourceError):
    """The bytes are something else. `found` names it; `feeds` are the addresses an HTML page offers instead."""

    kind = "not-a-feed"

    def __init__(self, message: str, found: str, feeds: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.found = found
        self.feeds = feeds


class Malformed(SourceError):
    """A feed in shape, but no reader could make sense of it."""

    kind = "malformed"


class UnreadableDocument(SourceError):
    """A dropped file that cannot be read as text, feed or page."""

    kind = "unreadable"


class Unattributable(SourceError):
    """A review with neither an address nor a named outlet: it has no way back to its origin."""

    kind = "unattributable"


class SubjectError(FeedsvcError):
    """A work that cannot be merged or split so: there is none of that name, there are several, or nothing is left."""


class BrokerError(FeedsvcError):
    """The broker cannot be reached or does not answer; what was to be handed over waits in the database."""
