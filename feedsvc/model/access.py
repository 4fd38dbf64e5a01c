"""Who may read a private feed. No rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """What is known of a token but for the token itself, which nobody keeps; `requests`: how often it was used."""

    number: int
    #: The name of the one feed that it opens.
    feed: str
    made: datetime
    #: Whom it was given to, in the operator's words.
    name: str | None = None
    last_used: datetime | None = None
    requests: int = 0
    #: Since when it opens nothing.
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class TokenUse:
    """How often a token was used since that was last noted, and when last."""

    requests: int
    last: datetime
