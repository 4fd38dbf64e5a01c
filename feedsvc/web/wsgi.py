"""The environment in, the WSGI application out: what each process of the web server calls once."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from feedsvc.config import load
from feedsvc.publish import Publisher
from feedsvc.store import Store
from feedsvc.web import create_app


def application() -> Flask:
    """The application for the configuration that FEEDSVC_CONFIG names."""
    settings = load(Path(os.environ["FEEDSVC_CONFIG"]), os.environ)
    store = Store.open(settings.database_url)
    return create_app(settings.site, Publisher(store=store, settings=settings, clock=lambda: datetime.now(UTC)))
