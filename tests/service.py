"""The real service in a process of its own, on loopback: what the end-to-end tests start, ask and stop."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.databases import database_environ

ROOT = Path(__file__).parents[1]
#: Seconds that anything here may take before the test fails; far above what it needs.
PATIENCE = 60


@dataclass(frozen=True)
class Reply:
    """An answer as it came, header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def wait_until(condition: Callable[[], bool], what: str, patience: int = PATIENCE) -> None:
    """Return as soon as the condition holds; fail after so many seconds, saying what did not come."""
    pause = threading.Event()
    for _ in range(patience * 20):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError(f"{what}: not within {patience} seconds")


def free_port() -> int:
    """A port on 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def copy_samples(folder: Path) -> None:
    """The shipped configuration and samples, as a fresh clone has them."""
    shutil.copy(ROOT / "config.toml", folder)
    shutil.copytree(ROOT / "feeds" / "incoming", folder / "feeds" / "incoming")


def feedsvc(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """One command, run to its end in a process of its own on the folder's config.toml."""
    return subprocess.run(
        [sys.executable, "-m", "feedsvc", "--config", str(folder / "config.toml"), *arguments],
        env={**os.environ, **database_environ(folder), **environ},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


class Service:
    """`feedsvc run` (or another serving command) on a folder's config.toml; ready when the block is entered."""

    def __init__(self, folder: Path, *, port: int | None = None, command: str = "run", **environ: str) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "service.log"
        self._environ = {**os.environ, **database_environ(folder), **environ, "FEEDSVC_BIND": f"127.0.0.1:{self.port}"}
        self._arguments = [sys.executable, "-m", "feedsvc", "--config", str(folder / "config.toml"), *command.split()]

    def __enter__(self) -> Service:
        with self.log.open("ab") as log:
            # A session of its own: a kill reaches the web server's processes too, as a power cut would.
            self.process = subprocess.Popen(
                self._arguments,
                env=self._environ,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            wait_until(self._is_ready, f"readiness of the service ({self.log})")
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop()

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the service ended: {self.log.read_text(encoding='utf-8')}")
        try:
            return self.get("/readyz").status == 200
        except OSError:
            return False

    def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """Ask for a path; underscores in header names stand for hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(status=answer.status, headers=found, body=answer.read())
        finally:
            connection.close()

    def wait_for(self, path: str, *words: str) -> Reply:
        """The reply at a path, as soon as it is 200 and holds all the words."""
        found: list[Reply] = []

        def there() -> bool:
            found.append(self.get(path))
            return found[-1].status == 200 and all(word.encode() in found[-1].body for word in words)

        wait_until(there, f"{path} with {words}")
        return found[-1]

    def stop(self) -> int:
        """Ask the service to end as systemd does (SIGTERM) and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End it at once with all its processes, whatever it is doing."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
