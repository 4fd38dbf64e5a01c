"""The settings in, the WSGI application out: what each process of the web server calls once."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from feedsvc.config import Settings
from feedsvc.publish import Publisher
from feedsvc.store import Store
from feedsvc.web import create_app
from feedsvc.web.websub import websub


def application(settings: Settings) -> Flask:
    """The application for the settings that the process was started with; it never reads the configuration itself."""
    store = Store.open(settings.database_url)
    app = create_app(settings.site, Publisher(store=store, settings=settings, clock=utc_now))
    app.register_blueprint(websub(store.subscriptions, utc_now, settings.limits.max_body))
    return app


def utc_now() -> datetime:
    """The clock that every view is handed."""
    return datetime.now(UTC)
