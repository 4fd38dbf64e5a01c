"""A file in; nginx, a bare WSGI function and feedsvc out, each started, and serving it at PATH on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from bench.addresses import url
from bench.collecting import CheckFailed
from feedsvc.model import Rendition
from feedsvc.publish.packing import packed
from feedsvc.store import Store

PATH = "/feeds/reviews.atom"
PROCESSES = 2
NGINX = """
{user}daemon off; worker_processes {processes}; pid {folder}/nginx.pid; error_log {folder}/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; gzip_static on;
  open_file_cache max=10; types {{ application/atom+xml atom; }}
  client_body_temp_path {folder}/n1; proxy_temp_path {folder}/n2; fastcgi_temp_path {folder}/n3;
  uwsgi_temp_path {folder}/n4; scgi_temp_path {folder}/n5;
  server {{ listen 127.0.0.1:{port}; root {folder}/root; }}
}}
"""
CONFIG = """
[service]
base_url = "http://reviews.example"
data_dir = "."
[polling]
allow_private_addresses = true
[[feeds]]
name = "reviews"
title = "All reviews"
"""
SOURCE = """
[[sources]]
name = "feed-{number}"
kind = "feed"
location = "{url}"
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers: its port on 127.0.0.1, and the number of the process that started all its processes."""

    port: int
    process: int


def program(name: str) -> str:
    """The path of a program; ClickException where it is missing."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise click.ClickException(f"{name} is not installed: apt-get install {name}")
    return found


@contextmanager
def started(command: Sequence[str], port: int, log: Path, *, patience: float = 30, **environ: str) -> Iterator[Server]:
    """A server as a process, from its first answer on; `patience` is how many seconds that may take."""
    with log.open("ab") as out:
        # A session of its own: Ctrl-C is for us, who end what uses it first.
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, **environ}, start_new_session=True
        )
        try:
            deadline = time.monotonic() + patience
            while not _answers(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise CheckFailed(f"{command[0]} did not answer: {log.read_text()}")
                time.sleep(0.1)
            yield Server(port, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def nginx(folder: Path, body: Path) -> Iterator[Server]:
    """nginx serving the file, its packed form beside it."""
    port = free_port()
    # Begun by root, its workers would be somebody else, who may not look into this folder.
    user = "" if os.getuid() else "user root root; "
    settings = NGINX.format(user=user, processes=PROCESSES, folder=folder, port=port)
    (folder / "nginx.conf").write_text(settings, encoding="utf-8")
    target = folder / "root" / PATH.strip("/")
    target.parent.mkdir(parents=True)
    for name in ("", ".gz"):
        shutil.copy2(f"{body}{name}", f"{target}{name}")
    with started([program("nginx"), "-c", str(folder / "nginx.conf")], port, folder / "nginx.out") as server:
        yield server


@contextmanager
def bare(folder: Path, body: Path) -> Iterator[Server]:
    """The bare function."""
    port = free_port()
    command = [sys.executable, "-m", "bench.bare", str(port), str(PROCESSES)]
    with started(command, port, folder / "bare.out", BENCH_BODY=str(body)) as server:
        yield server


@contextmanager
def feedsvc(folder: Path, body: Path, sources: str = "") -> Iterator[Server]:
    """`feedsvc serve` with the file as what is published at PATH."""
    port = free_port()
    sources = sources or SOURCE.format(number=0, url=url(0, port))
    (folder / "config.toml").write_text(CONFIG + sources, encoding="utf-8")
    with Store.open(f"sqlite:///{folder}/feedsvc.sqlite3") as store:
        store.migrate()
        store.renditions.put([_published(body.read_bytes())])
    command = [*command_of(folder), "serve", "--workers", str(PROCESSES)]
    with started(command, port, folder / "feedsvc.out", FEEDSVC_BIND=f"127.0.0.1:{port}") as server:
        yield server


def command_of(folder: Path) -> list[str]:
    """feedsvc on the configuration in a folder."""
    return [sys.executable, "-m", "feedsvc", "--config", str(folder / "config.toml")]


def _published(body: bytes) -> Rendition:
    now = datetime(2026, 5, 4, tzinfo=UTC)
    return packed(Rendition(path=PATH, media_type="application/atom+xml", body=body, etag='"feed"', modified=now))
