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
from feedsvc.web.websub import websub


def application() -> Flask:
    """The application for the configuration that FEEDSVC_CONFIG names."""
    settings = load(Path(os.environ["FEEDSVC_CONFIG"]), os.environ)
    store = Store.open(settings.database_url)
    app = create_app(settings.site, Publisher(store=store, settings=settings, clock=utc_now))
    app.register_blueprint(websub(store.subscriptions, utc_now, settings.limits.max_body))
    return app


def utc_now() -> datetime:
    """The clock that every view is handed."""
    return datetime.now(UTC)
