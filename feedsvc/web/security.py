"""What every answer says of itself, and which Host a request may name: the same before Flask and in it."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from feedsvc.model import Site

#: Sent with every answer. Pictures may come from the outlets' own servers, and the search form leads back here;
#: nothing else may come from anywhere or go anywhere.
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src https: http: data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
}
#: One host, with a port or without (RFC 9112, 3.2); a doubled header arrives joined by a comma.
HOST = re.compile(r"(?:[A-Za-z0-9._~%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def is_one_host(host: str) -> bool:
    """Whether a Host header names one host. granian lets any number of them through."""
    return HOST.fullmatch(host) is not None


def is_own_host(site: Site, host: str) -> bool:
    """Whether a request may name this host: another site's name that was pointed at us is refused (DNS rebinding).

    A page of that site could read our answers. A numeric address is nobody's name, and supervisors ask by whatever
    address they have.
    """
    name = urlsplit(f"//{host}").hostname or ""
    return name in ("", "localhost", urlsplit(site.base_url).hostname) or _is_numeric(name)


def _is_numeric(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
