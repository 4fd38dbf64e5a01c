"""A threaded HTTP server on loopback, from a block's begin to its end: what origins, hubs and relays of tests stand on.

class Mine(Loopback):
    def __init__(self) -> None:
        super().__init__(Handler, "127.0.0.1", tls=False)      # now it has `port` and `url`; entered, it answers
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

#: Key and self-signed certificate of every TLS server here, for 127.0.0.1 to 127.0.0.3, localhost and origin.example.
CERTIFICATE = Path(__file__).parent / "data" / "tls" / "origin.pem"


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with connections that stay open, and no log: what was asked stands in the test's own list."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Silence."""


class Loopback:
    """It listens at `url` from the first moment, and answers from the block's begin to its end."""

    def __init__(
        self, handler: Callable[..., BaseHTTPRequestHandler], address: str = "127.0.0.1", *, tls: bool = False
    ) -> None:
        make = _Server6 if ":" in address else _Server
        self._server = make((address, 0), handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port: int = self._server.server_address[1]
        host = f"[{address}]" if ":" in address else address
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """A client that goes away in the middle is what many tests are about, and no fault."""


class _Server6(_Server):
    address_family = socket.AF_INET6
