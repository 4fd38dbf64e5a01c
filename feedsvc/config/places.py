"""Where the service is bound and where its database lies, as stated in; checked and absolute out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

DEFAULT_BIND = "127.0.0.1:8000"
#: How the address of a database begins.
FILE = "sqlite:///"
DATABASES = (FILE, "postgresql://")
#: How the address of a broker begins.
BROKERS = ("redis://", "rediss://", "amqp://", "amqps://")


def bind(value: str, faults: list[str]) -> tuple[str, int]:
    """Host and port of an ADDRESS:PORT; anything else is a fault."""
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        faults.append(f"FEEDSVC_BIND = {value!r}: must be ADDRESS:PORT, such as {DEFAULT_BIND}")
        return "", 0
    return host.strip("[]"), int(port)


def served_at(host: str, port: int) -> str:
    """The address of a service that has no public one: a wildcard is reached on this machine's own."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def database_faults(path: Path, url: str | None, from_environment: bool) -> Iterator[str]:
    """What is wrong with the address of the database, named by where it was stated."""
    if url is None:
        return
    where = "FEEDSVC_DATABASE_URL" if from_environment else f"{path}: [service]: database_url"
    if not url.startswith(DATABASES):
        yield (
            f"{where} = {url.split('@')[-1]!r}: must be sqlite:///PATH, such as sqlite:///feeds/feedsvc.sqlite3, "
            "or postgresql://USER:PASSWORD@HOST/NAME"
        )


def broker_faults(path: Path, broker: str | None, from_environment: bool, database: str | None) -> Iterator[str]:
    """What is wrong with the address of the broker, or with sharing work at all; passwords are not repeated."""
    if broker is None:
        return
    where = "FEEDSVC_BROKER_URL" if from_environment else f"{path}: [scale]: broker"
    if not broker.startswith(BROKERS):
        yield (
            f"{where} = {broker.split('@')[-1]!r}: must be redis://HOST/NUMBER, such as redis://127.0.0.1:6379/0, "
            "or amqp://USER:PASSWORD@HOST/NAME"
        )
    if database is None or database.startswith(FILE):
        yield (
            f"{where}: an SQLite file cannot be shared among machines; set database_url to "
            "postgresql://USER:PASSWORD@HOST/NAME, or leave the broker out"
        )


def absolute_database(url: str, folder: Path) -> str:
    """The address of the database; a path in it then holds from every folder."""
    path = url.removeprefix(FILE)
    return url if path == url else f"{FILE}{folder / path}"
