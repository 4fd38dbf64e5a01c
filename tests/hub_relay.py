"""A web server in front of a service, for tests: it hands requests on as they are, but asks for no compression.

with Relay(service_port) as front:            # tls=True: by https, with the certificate of the tests
    front.url
"""

from __future__ import annotations

import http.client
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from tests.origin import CERTIFICATE
from tests.service import PATIENCE

#: What belongs to one connection alone, or is written anew.
OWN = {"connection", "transfer-encoding", "content-length", "accept-encoding", "keep-alive"}


class Relay:
    """It listens at `url`, from the block's begin to its end, and asks 127.0.0.1 at a port."""

    def __init__(self, port: int, *, tls: bool = False) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                body = self.rfile.read(length) if length else None
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                try:
                    fields = {name: value for name, value in self.headers.items() if name.lower() not in OWN}
                    connection.request(self.command, self.path, body, fields)
                    answer = connection.getresponse()
                    said = answer.read()
                    self.send_response_only(answer.status)
                    for name, value in answer.getheaders():
                        if name.lower() not in OWN:
                            self.send_header(name, value)
                    self.send_header("Content-Length", str(len(said)))
                    self.end_headers()
                    self.wfile.write(said)
                finally:
                    connection.close()

            do_POST = do_GET

            def log_message(self, format: str, *arguments: object) -> None:
                """Silence: the service has a log of its own."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
