"""Nothing in, a PostgreSQL server of its own out, gone when it is done: fast, since nothing in it must survive a crash.

As root the server runs as the user `postgres`, since PostgreSQL refuses to be root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: Where Debian puts the programs, of every version.
DEBIAN = Path("/usr/lib/postgresql")
#: The memory of a small server of its own; nothing is forced to disk. What is measured lies in memory mostly anyway.
SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "1GB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "8GB",
    "random_page_cost": "1.1",
}


#: What is needed of a server's programs.
NEEDED = ("postgres", "initdb", "createdb")


def programs() -> Path | None:
    """The folder of the newest server of Debian, else of the one on the PATH; None where none is installed."""
    debian = sorted(DEBIAN.glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    found = shutil.which("initdb")
    places = [*debian, *([Path(found).parent] if found else [])]
    return next((folder for folder in places if all((folder / name).exists() for name in NEEDED)), None)


@contextmanager
def serving() -> Iterator[str]:
    """A server in a temporary folder; its address as a database URL, where the database `feedsvc` is empty."""
    found = programs()
    if found is None:
        raise RuntimeError("PostgreSQL is not installed here; install the package postgresql, or give --url")
    with tempfile.TemporaryDirectory(prefix="feedsvc-bench-") as name:
        folder = Path(name)
        demoted = _demoted(folder)
        data = folder / "data"

        def run(program: str, *arguments: str) -> None:
            output = folder / "output"
            with output.open("wb") as log:
                done = subprocess.run(
                    [found / program, *arguments], stdout=log, stderr=log, cwd="/", preexec_fn=demoted, check=False
                )
            if done.returncode:
                raise RuntimeError(output.read_text(errors="replace"))

        run("initdb", "-D", str(data), "-A", "trust", "-U", "feedsvc", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        settings = SETTINGS | {"unix_socket_directories": f"'{folder}'"}
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())
        run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w", "start")
        try:
            run("createdb", "-h", str(folder), "-U", "feedsvc", "feedsvc")
            yield f"postgresql://feedsvc@/feedsvc?host={folder}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def _demoted(folder: Path) -> Callable[[], None]:
    """What a child does before it becomes the program: root becomes `postgres`, whose the folder is from now on."""
    if os.geteuid() != 0:
        return lambda: None
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)

    def demote() -> None:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)

    return demote
