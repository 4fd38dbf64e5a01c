"""A folder that `feedsvc publish` wrote in, its files out."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import brotli

UNPACK: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.decompress, ".br": brotli.decompress}


def plain_files(folder: Path) -> dict[str, bytes]:
    """Every file by its path but for packed ones, which must hold what stands beside them."""
    files = {file: file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}
    for file, body in files.items():
        if file.suffix in UNPACK:
            assert UNPACK[file.suffix](body) == files[file.with_suffix("")], file
    return {file.relative_to(folder).as_posix(): body for file, body in files.items() if file.suffix not in UNPACK}
