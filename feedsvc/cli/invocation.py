"""The invocation in, what every command starts from out: the settings and the clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import click

from feedsvc.config import Settings, load


def utc_now() -> datetime:
    """The clock that every layer below is handed."""
    return datetime.now(UTC)


def settings_of(context: click.Context) -> Settings:
    """The configuration that the invocation names; raises ConfigError with every fault."""
    return load(context.obj, os.environ)
