"""What several tests share: the tools outside PyPI that some need, and material that may lie beside the repository."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

#: Program → the line that installs it on Debian.
INSTALL = {
    "newsboat": "apt-get install newsboat",
    "node": "apt-get install nodejs npm",
    "npm": "apt-get install nodejs npm",
    "chromium": "apt-get install chromium",
}


def need_program(name: str) -> str:
    """The path of a program, or a skip that says how to install it (a failure where nothing may be skipped: in CI)."""
    path = shutil.which(name)
    if path is None:
        message = f"{name} is not installed: {INSTALL[name]}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def beside() -> Path:
    """The folder of real documents that may lie beside the repository; tests that need it are skipped without it."""
    path = Path(os.environ.get("FEEDSVC_MATERIAL", Path(__file__).parents[2] / "shared"))
    if not (path / "corpus").is_dir():
        pytest.skip("no folder of real documents beside the repository (set FEEDSVC_MATERIAL to one)")
    return path
