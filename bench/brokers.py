"""A kind of broker in, one that listens on loopback out, in a folder of its own and gone after: Redis or RabbitMQ."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import click

from bench.servers import free_port, program, started

#: Debian's script, which becomes another user and writes below /var, stands before this one.
RABBITMQ = "/usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server"


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The address of a Redis that keeps nothing."""
    port = free_port()
    quiet = ["--save", "", "--appendonly", "no", "--dir", str(folder), "--maxmemory-policy", "noeviction"]
    command = [program("redis-server"), "--bind", "127.0.0.1", "--port", str(port), *quiet]
    with started(command, port, folder / "redis.log"):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def rabbitmq(folder: Path) -> Iterator[str]:
    """The address of a RabbitMQ, with the name server that Erlang wants."""
    found = sorted(Path("/").glob(RABBITMQ.lstrip("/")))
    if not found:
        raise click.ClickException("RabbitMQ is not installed: apt-get install rabbitmq-server")
    port, names = free_port(), free_port()
    (folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\n", encoding="utf-8")
    (folder / "plugins").write_text("[].\n", encoding="utf-8")
    epmd = [program("epmd"), "-address", "127.0.0.1", "-port", str(names)]
    with (
        started(epmd, names, folder / "epmd.log"),
        # Erlang takes its time where others work too.
        started([str(found[-1])], port, folder / "rabbitmq.log", patience=120, **_places(folder, names)),
    ):
        yield f"amqp://guest:guest@127.0.0.1:{port}//"


def _places(folder: Path, names: int) -> Mapping[str, str]:
    """Where RabbitMQ finds and keeps everything: in the folder; and that it speaks to this machine alone."""
    return {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(names),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_NODENAME": f"feedsvc-{names}@localhost",
        "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }


BROKERS: Mapping[str, Callable[[Path], AbstractContextManager[str]]] = {"redis": redis, "rabbitmq": rabbitmq}
