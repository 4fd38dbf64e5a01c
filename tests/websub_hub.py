"""A real WebSub hub on a loopback address for tests: it takes subscriptions, verifies them and delivers, all by HTTP.

with Hub() as hub:
    ...                                        # somebody subscribes
    hub.deliver(hub.asked[0], b"<feed/>")      # signed with the secret of that subscription
"""

from __future__ import annotations

import hmac
import http.client
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.service import PATIENCE, Reply

ATOM = "application/atom+xml"


class Hub:
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

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

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

            def log_message(self, format: str, *arguments: object) -> None:
                """Silence: what was asked stands in `Hub.asked`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hub"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Hub:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

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
