"""A module of tests goes in; whether it keeps anything in a database comes out, by what it imports.

It does when it imports tests.databases, itself or through other modules of tests. So a run on PostgreSQL leaves out
what could not come out otherwise there.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
DATABASES = "databases"
#: `from tests.origin import …`, `import tests.origin`, and `from tests import origin, service`.
IMPORT = re.compile(r"^\s*(?:from|import) tests(?:\.(\w+)| import ([\w, ]+))", re.MULTILINE)


def keeps_something(module: str) -> bool:
    """Whether tests.MODULE reaches the module that gives databases out."""
    found: set[str] = set()
    waiting = {module}
    while waiting:
        found |= waiting
        waiting = {name for one in waiting for name in _imported(one)} - found
    return DATABASES in found


@cache
def _imported(module: str) -> frozenset[str]:
    """The modules of tests that one imports."""
    file = TESTS / f"{module}.py"
    named = IMPORT.findall(file.read_text(encoding="utf-8")) if file.exists() else []
    return frozenset(name.strip() for one, several in named for name in (one or several).split(","))
