"""An IP address in, the name of the rule that forbids it out: the address guard. Pure, but for `own_address`.

The tables are our own: `ipaddress.is_global` differs by Python version and lets NAT64, site-local and multicast pass.
IPv4 is allowed unless denied; IPv6 is denied unless it is global unicast (2000::/3) and not one of its special blocks
(IANA special-purpose address registries, RFC 6890).
"""

from __future__ import annotations

import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

#: What `forbidden` says of a name.
NOT_AN_ADDRESS = "not an IP address"
_METADATA = "a cloud metadata address"


def _integers(block: IPv4Network | IPv6Network) -> range:
    """A block as integers: membership in a range is one comparison, and these are asked at every connection."""
    return range(int(block.network_address), int(block.broadcast_address) + 1)


#: The narrower block first: the first that matches names the rule.
_DENIED_4 = tuple(
    (_integers(IPv4Network(block)), rule)
    for block, rule in (
        ("169.254.169.254/32", _METADATA),
        ("169.254.170.2/32", _METADATA),
        ("100.100.100.200/32", _METADATA),
        ("192.0.0.192/32", _METADATA),
        ("168.63.129.16/32", _METADATA),
        ("255.255.255.255/32", "a broadcast address"),
        ("0.0.0.0/32", "an unspecified address"),
        ("0.0.0.0/8", "a 'this network' address"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "a carrier's shared address"),
        ("127.0.0.0/8", "a loopback address"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "a protocol assignment"),
        ("192.0.2.0/24", "a documentation address"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "a benchmarking address"),
        ("198.51.100.0/24", "a documentation address"),
        ("203.0.113.0/24", "a documentation address"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
)

#: Blocks of 2000::/3 that are not plain hosts, then names for the best-known blocks outside of it.
_DENIED_6 = tuple(
    (_integers(IPv6Network(block)), rule)
    for block, rule in (
        ("2001::/32", "a Teredo address"),
        ("2001::/23", "a protocol assignment"),
        ("2001:db8::/32", "a documentation address"),
        ("2002::/16", "a 6to4 address"),
        ("3ffe::/16", "a 6bone address"),
        ("3fff::/20", "a documentation address"),
        ("::/128", "an unspecified address"),
        ("::1/128", "a loopback address"),
        ("::ffff:0:0/96", "an IPv4-mapped address"),
        ("::ffff:0:0:0/96", "an IPv4-translated address"),
        ("::/96", "an IPv4-compatible address"),
        ("64:ff9b::/96", "a NAT64 address"),
        ("64:ff9b:1::/48", "a NAT64 address"),
        ("100::/64", "a discard address"),
        ("5f00::/16", "a segment-routing address"),
        ("fd00:ec2::254/128", _METADATA),
        ("fd20:ce::254/128", _METADATA),
        ("fc00::/7", "a unique-local address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a site-local address"),
        ("ff00::/8", "a multicast address"),
    )
)
_GLOBAL_6 = _integers(IPv6Network("2000::/3"))


@lru_cache(4096)
def forbidden(ip: str) -> str | None:
    """The rule that forbids connecting to an address ("a loopback address"), None when it may be connected to."""
    try:
        address = ip_address(ip)
    except ValueError:
        return NOT_AN_ADDRESS
    return _rule_4(int(address)) if isinstance(address, IPv4Address) else _rule_6(address)


def own_address(ip: str) -> bool:
    """Whether an address is this machine's own. Sends nothing: connecting a datagram socket only picks a route."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((ip, 9))
            return ip_address(probe.getsockname()[0]) == ip_address(ip)
    except (OSError, ValueError):
        return False


def _rule_4(number: int) -> str | None:
    return next((rule for block, rule in _DENIED_4 if number in block), None)


def _rule_6(address: IPv6Address) -> str | None:
    if address.scope_id:
        return "an address with a zone"
    number = int(address)
    named = next((rule for block, rule in _DENIED_6 if number in block), None)
    return named or (None if number in _GLOBAL_6 else "outside the global IPv6 space")
