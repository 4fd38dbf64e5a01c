"""What several tests share: tools outside PyPI, material that may lie beside the repository, a service to collect with,
and which tests are run on which database.

Where a tool or the material is missing, a test is skipped with a line that says what to do; in CI that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from feedsvc.collect.workers import Readers
from tests import databases, unclosed
from tests.collecting import Bench, shared_readers
from tests.origin import Origin
from tests.reach import keeps_something

#: What a test may say of itself, each with its reason.
ONLY_ON = {
    databases.SQLITE: "about the file, its locks or its folder: not in a run on PostgreSQL",
    databases.POSTGRESQL: "about a server, which it needs whatever the run uses: in a run on PostgreSQL alone",
}

#: Program → the line that installs it on Debian.
INSTALL = {
    "newsboat": "apt-get install newsboat",
    "sfeed_update": "apt-get install sfeed curl",
    "sfeed_opml_import": "apt-get install sfeed",
    "r2e": "apt-get install rss2email",
    "node": "apt-get install nodejs npm",
    "npm": "apt-get install nodejs npm",
    "chromium": "apt-get install chromium",
    "nghttpd": "apt-get install nghttp2-server",
    "nginx": "apt-get install nginx",
    "caddy": "apt-get install caddy",
}


def need_program(name: str) -> str:
    """The path of a program, or a skip that says how to install it."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed: {INSTALL[name]}")
    return path


#: feedsmith stands here, beside the scripts that use it.
FEEDSMITH = Path(__file__).parent / "feedsmith"


def lacks_feedsmith() -> str | None:
    """None where feedsmith is installed, with npm on first use; else a sentence that says how to install it."""
    if not shutil.which("node") or not (npm := shutil.which("npm")):
        return f"node or npm is not installed: {INSTALL['node']}"
    if (FEEDSMITH / "node_modules" / "feedsmith").is_dir():
        return None
    command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    run = subprocess.run(command, cwd=FEEDSMITH, capture_output=True, text=True, check=False)
    if run.returncode:
        return f"feedsmith is not installed: run `npm install --no-package-lock` in {FEEDSMITH}\n{run.stderr}"
    return None


def need_feedsmith() -> Path:
    """The folder with feedsmith and the scripts that use it, or a skip that says how to install it."""
    if message := lacks_feedsmith():
        pytest.skip(message)
    return FEEDSMITH


def pytest_configure(config: pytest.Config) -> None:
    """The marks of tests that are about one database; and what every Python is to warn of."""
    unclosed.watch()
    for name, reason in ONLY_ON.items():
        config.addinivalue_line("markers", f"{name}: {reason}")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """A run on PostgreSQL is of the modules that keep something in a database."""
    name = collection_path.stem
    left_out = databases.on_postgresql() and name.startswith("test_") and not keeps_something(name)
    return True if left_out else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that are about the other database are left to its run."""
    others = [name for name in ONLY_ON if name != databases.RUN]
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in others)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one: everything that a test may need is installed there."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be in CI: {report.longreprtext}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _databases() -> Iterator[None]:
    """Nothing that a run made on a database server outlives it."""
    yield
    databases.end()


@pytest.fixture(autouse=True)
def _database(request: pytest.FixtureRequest) -> Iterator[None]:
    """The databases of a test's own folder end with it; those of a module's folders are dropped with the run."""
    folder: Path | None = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if folder is not None:
        databases.drop_below(folder)
        # A test that forgot to ask tests.databases would be one on SQLite in either run.
        assert databases.unasked_files(folder) == []


@pytest.fixture(scope="session")
def beside() -> Path:
    """The folder of real documents that may lie beside the repository; tests that need it are skipped without it."""
    path = Path(os.environ.get("FEEDSVC_MATERIAL", Path(__file__).parents[2] / "shared"))
    if not (path / "corpus").is_dir():
        pytest.skip("no folder of real documents beside the repository (set FEEDSVC_MATERIAL to one)")
    return path


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    """The process that reads documents for the benches of a module."""
    with shared_readers() as made:
        yield made


@pytest.fixture
def bench(tmp_path: Path, readers: Readers) -> Iterator[Bench]:
    """A service on a temporary folder, looking at an origin, and driven by hand."""
    with Origin() as origin:
        made = Bench(tmp_path, origin, readers=readers)
        yield made
        made.store.close()
