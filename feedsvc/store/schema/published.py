"""The tables of what is published: renditions, archives, who may read private feeds."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Index,
    LargeBinary,
    Table,
    UniqueConstraint,
    false,
)

from feedsvc.store.schema.columns import (
    BigInt,
    Flag,
    Instant,
    Letters,
    Words,
    metadata,
)

rendition = Table(
    "rendition",
    metadata,
    Column("path", Letters, primary_key=True),
    Column("media_type", Letters, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("etag", Letters, nullable=False),
    Column("modified", Instant, nullable=False),
    # The content version that it was drawn from.
    Column("entries_digest", LargeBinary, nullable=False),
    # The same bytes packed; NULL where that would not make them smaller.
    Column("gzip", LargeBinary),
    Column("br", LargeBinary),
    # For the Link header, as JSON; NULL: none.
    Column("links", Letters),
    Column("private", Flag, nullable=False, server_default=false()),
    # Both are asked for of every address; behind the bodies they could only be reached through all of these.
    Index("ix_rendition_known", "path", "etag", "entries_digest"),
    sqlite_strict=True,
)

# archives: the closed parts of each feed's history (RFC 5005). A part holds what changed by the numbers after `since`
# up to `until`.
archive = Table(
    "archive",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("feed", Letters, nullable=False),
    # "2026-05", and the number of the part within it, from 1.
    Column("month", Letters, nullable=False),
    Column("part", BigInt, nullable=False),
    Column("since", BigInt, nullable=False),
    Column("until", BigInt, nullable=False),
    UniqueConstraint("feed", "until"),
    UniqueConstraint("feed", "month", "part"),
    sqlite_strict=True,
)

# Private feeds: what opens them. Of a token only its hash is kept.
access_token = Table(
    "access_token",
    metadata,
    Column("id", BigInt, primary_key=True),
    Column("feed", Letters, nullable=False, index=True),
    Column("name", Words),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("made", Instant, nullable=False),
    Column("last_used", Instant),
    Column("requests", BigInt, nullable=False),
    Column("revoked", Instant),
    sqlite_strict=True,
)
