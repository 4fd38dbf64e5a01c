"""One value as written in, the value that is meant out, or a ValueError that says what would be right."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SIZES = {"B": 1, "KB": 1024, "MB": 1024 * 1024, "GB": 1024 * 1024 * 1024}
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)


def seconds(value: object) -> float:
    """Seconds of a duration written as "90s", "30m", "6h" or "7d"; raises ValueError for anything else."""
    match = re.fullmatch(r"(\d+)\s*([smhd])", value, re.ASCII) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError('must be a duration such as "30m", "6h" or "7d"')
    return float(int(match[1]) * UNITS[match[2]])


def size(value: object) -> int:
    """Bytes of a size written as "512B", "64KB" or "10MB" (KB is 1024 bytes); raises ValueError for anything else."""
    match = re.fullmatch(r"(\d+)\s*([KMG]?B)", value, re.ASCII) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError('must be a size such as "64KB" or "10MB"')
    return int(match[1]) * SIZES[match[2]]


def name(value: str) -> str:
    """A name as it stands in addresses and commands; raises ValueError."""
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", value) is None:
        raise ValueError('must be 1 to 64 small letters, digits and hyphens, such as "night-lantern"')
    return value


def web_address(value: str) -> str:
    """An absolute http or https address with a host; raises ValueError."""
    if not is_web_address(value):
        raise ValueError('must be an address that starts with http:// or https://, such as "https://outlet.example/"')
    return value


def is_web_address(value: str) -> bool:
    """Whether this is an absolute http or https address that names a host."""
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", value)
    except ValueError:
        return False


def base_address(value: str) -> str:
    """A web address that others are made from by adding to it; raises ValueError."""
    parts = urlsplit(web_address(value))
    if parts.query or parts.fragment:
        raise ValueError('must be a plain address without "?" or "#", such as "https://reviews.example"')
    return value.rstrip("/")


def language(value: str) -> str:
    """A language tag by its form (RFC 5646, 2.1); raises ValueError."""
    if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value) is None:
        raise ValueError('must be a language tag (BCP 47), such as "en" or "pt-BR"')
    return value


def filled(value: str) -> str:
    """Words; raises ValueError where there are none."""
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def variable(value: str) -> str:
    """The name of an environment variable (POSIX, 8.1); raises ValueError."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value, re.ASCII) is None:
        raise ValueError(
            "must be the name of an environment variable, such as PARTNER_TOKEN; the secret itself stands in that "
            "variable, never in this file"
        )
    return value


def private_places(value: object) -> bool | tuple[str, ...]:
    """True, false, or the hosts (in lower case) and networks of a list; raises ValueError."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, list) or not all(isinstance(place, str) for place in value):
        raise ValueError('must be true, false or a list, such as ["partner.internal", "10.2.0.0/16"]')
    return tuple(_private_place(place) for place in value)


def _private_place(place: str) -> str:
    if re.fullmatch(r"[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*|[^/]*/.*", place):
        return _network(place)
    host = place.lower().rstrip(".")
    if _HOST.fullmatch(host) is None or len(host) > 253:
        raise ValueError(f'{place!r} is no host name and no network; write "partner.internal" or "10.2.0.0/16"')
    return host


def _network(place: str) -> str:
    try:
        network = ip_network(place, strict=False)
    except ValueError:
        raise ValueError(f'{place!r} is no network; write it as "10.2.0.0/16", "10.2.3.4" or "fd00:2::/32"') from None
    if network.prefixlen == 0:
        raise ValueError(f"{place!r} is every address there is; name your own networks")
    if "/" in place and str(network.network_address) != place.split("/")[0].lower():
        raise ValueError(f"{place!r} is no whole network; write {str(network)!r}")
    return str(network)


Duration = Annotated[float, BeforeValidator(seconds)]
Size = Annotated[int, BeforeValidator(size)]
Name = Annotated[str, AfterValidator(name)]
WebAddress = Annotated[str, AfterValidator(web_address)]
BaseAddress = Annotated[str, AfterValidator(base_address)]
Language = Annotated[str, AfterValidator(language)]
FilledText = Annotated[str, AfterValidator(filled)]
Variable = Annotated[str, AfterValidator(variable)]
PrivatePlaces = Annotated[bool | tuple[str, ...], PlainValidator(private_places)]
Port = Annotated[int, Field(ge=1, le=65535)]
