"""Tokens of private feeds: made, looked up, counted and revoked. Of a token only its SHA-256 is kept.

A token is 256 random bits, so nobody can guess one from its hash, however fast hashing is: the slow hashes that
passwords need would only make every request slow.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from operator import itemgetter

from sqlalchemy import BindParameter, Row, case, insert, literal, select, update

from feedsvc.model import AccessToken, TokenUse
from feedsvc.store.database import Database
from feedsvc.store.retrying import retried
from feedsvc.store.schema import access_token

TOKEN_BYTES = 32
#: Longer than any token: what is longer is not even hashed.
LONGEST = 200
SHOWN = [column for column in access_token.c if column.name != "hash"]


@retried
class Tokens:
    """All tokens in one database; each method is one transaction, and raises StoreError when it fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, feed: str, name: str | None, now: datetime) -> tuple[AccessToken, str]:
        """Makes a token that opens a feed; the only time that it is told."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        values = {"feed": feed, "name": name, "hash": _hash(token), "made": now, "requests": 0}
        with self._database.write() as connection:
            number = connection.execute(insert(access_token).values(values).returning(access_token.c.id)).scalar_one()
        return AccessToken(number=number, feed=feed, name=name, made=now), token

    def all(self, feed: str | None = None) -> list[AccessToken]:
        """Every token that was ever made, of one feed or of all, by feed, oldest first."""
        query = select(*SHOWN).order_by(access_token.c.feed, access_token.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query if feed is None else query.where(access_token.c.feed == feed))
            return [_token(row) for row in rows]

    def opens(self, token: str) -> AccessToken | None:
        """What a token opens; None for what is no token of ours, or not any more.

        The index finds the row by the hash of what was presented, so its time tells nothing of any token; the hash
        that is kept is compared in constant time all the same.
        """
        if not 0 < len(token) <= LONGEST:
            return None
        presented = _hash(token)
        query = select(access_token).where(access_token.c.hash == presented, access_token.c.revoked.is_(None))
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return _token(row) if row is not None and hmac.compare_digest(row.hash, presented) else None

    def used(self, uses: Mapping[int, TokenUse]) -> None:
        """Adds to the counts of tokens, by their numbers."""
        with self._database.write() as connection:
            for number, use in sorted(uses.items(), key=itemgetter(0)):
                # Each process notes its own, and not in the order of time.
                last = case((access_token.c.last_used > use.last, access_token.c.last_used), else_=_instant(use.last))
                counted = update(access_token).where(access_token.c.id == number)
                connection.execute(counted.values(requests=access_token.c.requests + use.requests, last_used=last))

    def revoke(self, number: int, now: datetime) -> AccessToken | None:
        """Makes a token open nothing from now on; None when there is none of this number that still opens something."""
        this = update(access_token).where(access_token.c.id == number, access_token.c.revoked.is_(None))
        with self._database.write() as connection:
            row = connection.execute(this.values(revoked=now).returning(*SHOWN)).one_or_none()
        return None if row is None else _token(row)


def _instant(moment: datetime) -> BindParameter[datetime]:
    return literal(moment, access_token.c.last_used.type)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _token(row: Row[*tuple[object, ...]]) -> AccessToken:
    values = {name: value for name, value in row._mapping.items() if name not in ("id", "hash")}
    return AccessToken(number=row.id, **values)
