"""A real WebSub hub on a loopback address for tests: it takes subscriptions, verifies them and delivers, all by HTTP.

with Hub() as hub:
    ...                                        # somebody subscribes
    hub.deliver(hub.asked[0], b"<feed/>")      # signed with the secret of that subscription
"""

from __future__ import annotations

import hmac
import http.client
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.loopback import Handler, Loopback
from tests.service import PATIENCE, Reply

ATOM = "application/atom+xml"


class Hub(Loopback):
    """A hub at `url`. It answers with `status`, and first verifies what it will accept when it is `eager`."""

    def __init__(self, *, eager: bool = True, status: int = 202, lease: int | None = 3600) -> None:
        self.asked: list[dict[str, str]] = []
        #: What the callbacks answered to verifications, in order.
        self.answers: list[Reply] = []
        self.eager = eager
        self.status = status
        self.lease = lease
        self.media_types: list[str] = []
        hub = self

        class Endpoint(Handler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                hub.media_types.append(self.headers["Content-Type"])
                form = dict(parse_qsl(self.rfile.read(length).decode("ascii"), strict_parsing=True))
                hub.asked.append(form)
                if hub.eager and 200 <= hub.status < 300:
                    hub.answers.append(hub.verify(form))
                self.send_response_only(hub.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        super().__init__(Endpoint)
        self.url += "/hub"

    def verify(self, form: Mapping[str, str], **changes: str) -> Reply:
        """Ask a callback whether it meant what the form says; `changes` are put in place of what is true."""
        question = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "4711-challenge"}
        if self.lease is not None:
            question["hub.lease_seconds"] = str(self.lease)
        question |= {f"hub.{name}": value for name, value in changes.items()}
        return request("GET", f"{form['hub.callback']}?{urlencode(question)}")

    def deliver(self, form: Mapping[str, str], body: bytes, *, method: str = "sha256", media_type: str = ATOM) -> Reply:
        """Send a document for a subscription, signed as it asked."""
        headers = {"Content-Type": media_type, "X-Hub-Signature": signature(form["hub.secret"], body, method)}
        headers["Link"] = f'<{self.url}>; rel="hub", <{form["hub.topic"]}>; rel="self"'
        return request("POST", form["hub.callback"], body, headers)


def signature(secret: str, body: bytes, method: str = "sha256") -> str:
    """The header that proves a body (WebSub, 7.1)."""
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


def request(method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Reply:
    """One request as it stands, and its answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    try:
        connection.request(method, url.removeprefix(f"{parts.scheme}://{parts.netloc}"), body, dict(headers or {}))
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(status=answer.status, headers=found, body=answer.read())
    finally:
        connection.close()
