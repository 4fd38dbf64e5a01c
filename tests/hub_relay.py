"""A web server in front of a service, for tests: it hands requests on as they are, but asks for no compression.

with Relay(service_port) as front:            # tls=True: by https, with the certificate of the tests
    front.url
"""

from __future__ import annotations

import http.client

from tests.loopback import Handler, Loopback
from tests.service import PATIENCE

#: What belongs to one connection alone, or is written anew.
OWN = {"connection", "transfer-encoding", "content-length", "accept-encoding", "keep-alive"}


class Relay(Loopback):
    """It listens at `url`, from the block's begin to its end, and asks 127.0.0.1 at a port."""

    def __init__(self, port: int, *, tls: bool = False) -> None:
        class Asking(Handler):
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

        super().__init__(Asking, tls=tls)
