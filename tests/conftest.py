"""What several tests share: tools outside PyPI, material that may lie beside the repository, a service to collect with.

Where a tool or the material is missing, a test is skipped with a line that says what to do; in CI that is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from feedsvc.collect.workers import Readers
from tests.collecting import Bench, shared_readers
from tests.origin import Origin

#: Program → the line that installs it on Debian.
INSTALL = {
    "newsboat": "apt-get install newsboat",
    "node": "apt-get install nodejs npm",
    "npm": "apt-get install nodejs npm",
    "chromium": "apt-get install chromium",
    "nghttpd": "apt-get install nghttp2-server",
}


def need_program(name: str) -> str:
    """The path of a program, or a skip that says how to install it."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed: {INSTALL[name]}")
    return path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one: everything that a test may need is installed there."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be in CI: {report.longreprtext}"
    return report


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
