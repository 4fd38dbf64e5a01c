"""The settings in, the WSGI application out: what each process of the web server calls once."""

from __future__ import annotations

from datetime import UTC, datetime

from feedsvc.config import Settings
from feedsvc.publish import Publisher
from feedsvc.store import Store
from feedsvc.web import create_app
from feedsvc.web.front import Front
from feedsvc.web.hub import hub
from feedsvc.web.memory import Memory
from feedsvc.web.private import Uses, Wsgi, apart, private
from feedsvc.web.websub import websub


def application(settings: Settings) -> Wsgi:
    """The application for the settings that the process was started with; it never reads the configuration itself."""
    store = Store.open(settings.database_url)
    publisher = Publisher(store=store, settings=settings, clock=utc_now)
    memory = Memory(publisher)
    app = create_app(settings.site, memory)
    app.register_blueprint(websub(store.subscriptions, utc_now, settings.limits.max_body))
    app.register_blueprint(private(settings.site, publisher, store.tokens, Uses(store.tokens.used), utc_now))
    if settings.websub.hub:
        app.register_blueprint(hub(store.hub, utc_now))
    memory.watch(store.notices())
    return apart(Front(settings.site, memory, app), app, publisher.private_feed)


def utc_now() -> datetime:
    """The clock that every view is handed."""
    return datetime.now(UTC)
