"""What several tests share: the tools outside PyPI that some need, and material that may lie beside the repository.

Where a tool or the material is missing, a test is skipped with a line that says what to do; in CI that is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

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
