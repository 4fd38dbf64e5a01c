"""What a supervisor or a load balancer asks: alive, and fit to be sent readers."""

from __future__ import annotations

from flask import Blueprint, Response

from feedsvc.web.published import Published


def operators(published: Published) -> Blueprint:
    """`/healthz`: this process answers. `/readyz`: so does what it stands on; 503 with the reason when not."""
    blueprint = Blueprint("operators", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return _plain("ok", 200)

    @blueprint.get("/readyz")
    def readyz() -> Response:
        wrong = published.ready()
        return _plain(wrong or "ready", 503 if wrong else 200)

    return blueprint


def _plain(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, {"Cache-Control": "no-store"}, content_type="text/plain; charset=utf-8")
