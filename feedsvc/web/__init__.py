"""A Site and what is Published in, a Flask application out: it reads nothing else and starts nothing."""

from __future__ import annotations

from functools import partial

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, NotFound
from werkzeug.routing import RequestRedirect

from feedsvc.errors import StoreError
from feedsvc.model import Site
from feedsvc.render.failures import failure_page
from feedsvc.web.operators import operators
from feedsvc.web.published import Published
from feedsvc.web.security import SECURITY, is_one_host, is_own_host
from feedsvc.web.subscribers import subscribers

__all__ = ["Published", "create_app"]


def create_app(site: Site, published: Published) -> Flask:
    """The whole site as a WSGI application; links are built from `site` alone, never from a request's Host."""
    app = Flask("feedsvc.web", static_folder=None, template_folder=None)
    # Flask would take this from the environment.
    app.debug = False
    app.url_map.merge_slashes = False
    app.before_request(_one_host)
    app.before_request(partial(_own_host, site))
    app.before_request(_no_redirect)
    app.after_request(_secured)
    app.register_blueprint(subscribers(site, published))
    app.register_blueprint(operators(published))

    @app.errorhandler(StoreError)
    def store_error(error: StoreError) -> Response:
        app.logger.error("store: %s", error)
        return _failed(site, 503, {"Retry-After": "60"})

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or InternalServerError.code
        told = {k: v for k, v in error.get_headers(request.environ) if k in ("Allow", "WWW-Authenticate")}
        return _failed(site, status, told)

    return app


def _one_host() -> None:
    """HTTP/1.1 demands exactly one Host; 1.0 may send none (RFC 9112, 3.2). granian lets all of them through."""
    host = request.headers.get("Host", "")
    if not is_one_host(host) and (host or request.environ.get("SERVER_PROTOCOL") != "HTTP/1.0"):
        raise BadRequest


def _own_host(site: Site) -> None:
    """Supervisors may ask by any name whether we are alive; nobody else may."""
    if not is_own_host(site, request.headers.get("Host", "")) and request.blueprint != "operators":
        raise BadRequest


def _no_redirect() -> None:
    """Werkzeug would send some untidy paths to a tidier address, which it builds from the Host header."""
    if isinstance(request.routing_exception, RequestRedirect):
        raise NotFound


def _secured(response: Response) -> Response:
    # Not those that leave what the client keeps as it is.
    if response.status_code != 304:
        for name, value in SECURITY.items():
            # What is stricter already stays so.
            response.headers.setdefault(name, value)
    return response


def _failed(site: Site, status: int, headers: dict[str, str]) -> Response:
    return Response(
        failure_page(site, status),
        status,
        {"Cache-Control": "no-store", **headers},
        content_type="text/html; charset=utf-8",
    )
