"""The address guard where it counts: as URL, DNS answer, redirect, second DNS answer, one bad answer among good ones.

Every form must be refused with the name of its rule, and nothing may reach the server that listens behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from feedsvc.errors import Refused
from feedsvc.fetch import FetchOptions, Request, fetch_one
from feedsvc.fetch.guard import Guard
from feedsvc.fetch.lookup import Addresses, look_up
from feedsvc.fetch.target import target_for
from tests.fetching import FEED, OPTIONS, get
from tests.origin import Origin

#: How a forbidden place may be written as the host of a URL → the rule that must be named.
HOSTS = {
    "127.0.0.1": "a loopback address",
    "127.255.255.254": "a loopback address",
    "2130706433": "a loopback address",
    "017700000001": "a loopback address",
    "0x7f000001": "a loopback address",
    "0x7F.0.0.1": "a loopback address",
    "0177.0.0.1": "a loopback address",
    "127.1": "a loopback address",
    "127.0.1": "a loopback address",
    "127.0.0.1.": "a loopback address",
    "localhost": "a loopback address",
    "LOCALHOST.": "a loopback address",
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11": "a loopback address",
    "127\u30020\u30020\u30021": "a loopback address",
    "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3": "a loopback address",
    "[::1]": "a loopback address",
    "[0:0:0:0:0:0:0:1]": "a loopback address",
    "0.0.0.0": "an unspecified address",
    "0": "an unspecified address",
    "[::]": "an unspecified address",
    "0.1.2.3": "a 'this network' address",
    "10.0.0.1": "a private address",
    "167772161": "a private address",
    "10.1": "a private address",
    "172.16.0.1": "a private address",
    "172.31.255.255": "a private address",
    "192.168.0.1": "a private address",
    "0xc0.0xa8.1": "a private address",
    "169.254.1.1": "a link-local address",
    "169.254.169.254": "a cloud metadata address",
    "2852039166": "a cloud metadata address",
    "0xa9fea9fe": "a cloud metadata address",
    "169.254.43518": "a cloud metadata address",
    "169.254.170.2": "a cloud metadata address",
    "100.100.100.200": "a cloud metadata address",
    "192.0.0.192": "a cloud metadata address",
    "168.63.129.16": "a cloud metadata address",
    "[fd00:ec2::254]": "a cloud metadata address",
    "[fd20:ce::254]": "a cloud metadata address",
    "100.64.0.1": "a carrier's shared address",
    "192.0.0.1": "a protocol assignment",
    "192.0.2.1": "a documentation address",
    "198.51.100.7": "a documentation address",
    "203.0.113.9": "a documentation address",
    "192.88.99.1": "a 6to4 relay",
    "198.18.0.1": "a benchmarking address",
    "224.0.0.1": "a multicast address",
    "239.255.255.250": "a multicast address",
    "240.0.0.1": "a reserved address",
    "255.255.255.255": "a broadcast address",
    "4294967295": "a broadcast address",
    "[::ffff:127.0.0.1]": "an IPv4-mapped address",
    "[::ffff:7f00:1]": "an IPv4-mapped address",
    "[::ffff:a9fe:a9fe]": "an IPv4-mapped address",
    "[::127.0.0.1]": "an IPv4-compatible address",
    "[::ffff:0:127.0.0.1]": "an IPv4-translated address",
    "[64:ff9b::127.0.0.1]": "a NAT64 address",
    "[64:ff9b::a9fe:a9fe]": "a NAT64 address",
    "[64:ff9b:1::a00:1]": "a NAT64 address",
    "[2002:7f00:1::]": "a 6to4 address",
    "[2002:a9fe:a9fe::1]": "a 6to4 address",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]": "a Teredo address",
    "[2001:2::1]": "a protocol assignment",
    "[2001:db8::1]": "a documentation address",
    "[3fff::1]": "a documentation address",
    "[3ffe::1]": "a 6bone address",
    "[fc00::1]": "a unique-local address",
    "[fd12:3456:789a::1]": "a unique-local address",
    "[fe80::1]": "a link-local address",
    "[fe80::1%25lo]": "an address with a zone",
    "[fec0::1]": "a site-local address",
    "[ff02::1]": "a multicast address",
    "[100::1]": "a discard address",
    "[5f00::1]": "a segment-routing address",
    "[4000::1]": "outside the global IPv6 space",
}
#: What a name server may answer: the same places, as addresses.
ANSWERS = {
    answer: rule
    for answer, rule in ((host.strip("[]").replace("%25", "%"), rule) for host, rule in HOSTS.items())
    if ":" in answer or (answer.count(".") == 3 and answer.isascii() and not answer.endswith(".") and "x" not in answer)
}
ANSWERS.pop("0177.0.0.1", None)
#: Hosts that are refused for how they are written, whatever they mean.
MALFORMED = {
    "http://outlet.example@127.0.0.1/": "user name or password",
    "http://127.0.0.1:80@outlet.example/": "user name or password",
    "http://outlet.example\\@127.0.0.1/": "user name or password",
    "http://127%2e0%2e0%2e1/": "no valid name",
    "http://127.0.0.1%00.outlet.example/": "no valid name",
    "http://[::1]outlet.example/": "no valid address|no valid name",
    "http://[127.0.0.1]/": "no valid address|no valid name",
    "http://127.0.0.1#@outlet.example:22/": "port 22 is not allowed|a loopback address",
    "file:///etc/passwd": "only http and https",
    "http://outlet.example:22/": "port 22 is not allowed",
    "https://outlet.example:6379/": "port 6379 is not allowed",
}

STRICT = replace(OPTIONS, private_allowed=False)
#: An address of ours that a test server may stand on.
GOOD = "127.0.0.2"


def name_server(*answers: Addresses) -> FetchOptions:
    """Options whose name server gives these answers for outlet.example, one at each look-up, the last one for ever."""
    line = list(answers)

    def resolve(name: str) -> Addresses:
        if name != "outlet.example":
            return look_up(name)
        return line.pop(0) if len(line) > 1 else line[0]

    return replace(STRICT, private_allowed=(GOOD,), resolver=resolve)


@pytest.fixture
def good() -> Iterator[Origin]:
    """A server that may be asked: its address alone is exempt."""
    with Origin(GOOD) as server:
        server.answer("/feed", body=FEED)
        yield server


def test_the_table_is_long_enough() -> None:
    """At least sixty forms of forbidden places, and most of them possible as DNS answers."""
    assert len(HOSTS) >= 60
    assert len(ANSWERS) >= 50


@pytest.mark.parametrize("host, rule", HOSTS.items())
def test_a_forbidden_place_is_refused_as_url(host: str, rule: str) -> None:
    """In every spelling, by the rule for the address that it means."""
    with pytest.raises(Refused, match=rule) as refusal:
        get(f"http://{host}/feed", STRICT)
    assert "allow_private_addresses" in str(refusal.value)


@pytest.mark.parametrize("url, says", MALFORMED.items())
def test_a_misleading_address_is_refused_as_url(url: str, says: str) -> None:
    """Nothing is guessed about what it may mean."""
    with pytest.raises(Refused, match=says):
        get(url, STRICT)


@pytest.mark.parametrize("host, rule", [*HOSTS.items(), *((url, says) for url, says in MALFORMED.items())])
def test_a_forbidden_place_is_refused_as_redirect(good: Origin, host: str, rule: str) -> None:
    """The server that redirects may be asked, the place that it names may not."""
    location = host if "/" in host else f"http://{host}/feed"
    good.answer("/away", 302, {"Location": location.encode().decode("latin-1")})
    with pytest.raises(Refused, match=rule):
        get(good.url + "/away", name_server((GOOD,)))


@pytest.mark.parametrize("answer, rule", ANSWERS.items())
def test_a_forbidden_place_is_refused_as_dns_answer(answer: str, rule: str) -> None:
    """A harmless name that leads there, looked up or pinned."""
    with pytest.raises(Refused, match=rf"outlet\.example is at .*{rule}"):
        get("http://outlet.example/feed", name_server((answer,)))
    with pytest.raises(Refused, match=rf"outlet\.example is at .*{rule}"):
        get("http://outlet.example/feed", replace(STRICT, resolve=(f"outlet.example:80:{answer}",)))


@pytest.mark.parametrize("answer, rule", ANSWERS.items())
def test_a_forbidden_place_is_refused_as_second_dns_answer(good: Origin, answer: str, rule: str) -> None:
    """The name was good at the first look and is not at the second."""
    options = replace(name_server((GOOD,), (answer,)), allowed_ports=(good.port,))
    url = f"http://outlet.example:{good.port}/feed"
    assert get(url, options).body == FEED
    with pytest.raises(Refused, match=rule):
        get(url, options)
    assert len(good.requests) == 1


@pytest.mark.parametrize("answer, rule", ANSWERS.items())
def test_one_forbidden_place_among_good_ones_condemns_the_name(good: Origin, answer: str, rule: str) -> None:
    """In whatever order they come; the good address is not tried."""
    for answers in ((GOOD, answer), (answer, GOOD)):
        options = replace(name_server(answers), allowed_ports=(good.port,))
        with pytest.raises(Refused, match=rule):
            get(f"http://outlet.example:{good.port}/feed", options)
    assert good.requests == []


def test_the_socket_is_guarded_even_where_the_name_was_not(good: Origin) -> None:
    """What libcurl itself makes of an address is judged again when it opens the socket, at every connection."""
    seen: list[str] = []

    def resolve(name: str) -> Addresses:
        seen.append(name)
        return ("2606:4700:4700::1111",)

    with pytest.raises(Refused, match="a loopback address"):
        get(f"http://0x7f000002:{good.port}/feed", replace(STRICT, allowed_ports=(good.port,), resolver=resolve))
    assert seen == ["0x7f000002"]
    assert good.requests == []


# ---------------------------------------------------------------------------------------------------------- exceptions


@pytest.mark.parametrize(
    "allowed, host, ip",
    [
        (("partner.internal",), "partner.internal", "10.2.3.4"),
        (("Partner.Internal.",), "partner.internal", "10.2.3.4"),
        (("10.2.0.0/16",), "partner.internal", "10.2.3.4"),
        (("10.2.3.4",), "10.2.3.4", "10.2.3.4"),
        (("::1",), "[::1]", "::1"),
        (("[::1]",), "[::1]", "::1"),
        (("fd00::/8",), "partner.internal", "fd12::1"),
        (True, "anything.internal", "169.254.169.254"),
        (False, "outlet.example", "1.1.1.1"),
        (False, "outlet.example", "2606:4700:4700::1111"),
    ],
)
def test_what_is_named_may_be_connected_to(allowed: bool | tuple[str, ...], host: str, ip: str) -> None:
    """Host names, addresses and networks, each alone; public hosts always."""
    Guard(replace(STRICT, private_allowed=allowed)).check("http://x/", host, ip, 80)


@pytest.mark.parametrize(
    "allowed, host, ip",
    [
        (("partner.internal",), "other.internal", "10.2.3.4"),
        (("partner.internal",), "sub.partner.internal", "10.2.3.4"),
        (("partner.internal",), "10.2.3.4", "10.2.3.4"),
        (("10.2.0.0/16",), "partner.internal", "10.3.0.1"),
        (("10.2.0.0/16",), "partner.internal", "::ffff:10.2.0.1"),
        (("::1",), "localhost", "127.0.0.1"),
        ((), "localhost", "127.0.0.1"),
    ],
)
def test_an_exception_holds_for_nothing_else(allowed: tuple[str, ...], host: str, ip: str) -> None:
    """Neither for other names at the same address, nor for other addresses, nor in another disguise."""
    guard = Guard(replace(STRICT, private_allowed=allowed))
    with pytest.raises(Refused, match=ip.replace(".", r"\.")):
        guard.check("http://x/", host, ip, 80)


def test_an_exception_lets_the_source_be_read_at_any_port_and_no_other(good: Origin) -> None:
    """From the option to the socket: the named host is read, its neighbour is not."""
    assert get(good.url + "/feed", replace(STRICT, private_allowed=(GOOD,))).body == FEED
    options = replace(STRICT, private_allowed=("partner.internal",), resolver=lambda _: (GOOD,))
    assert get(f"http://partner.internal:{good.port}/feed", options).body == FEED
    with pytest.raises(Refused, match="port"):
        get(f"http://other.internal:{good.port}/feed", options)
    with pytest.raises(Refused, match="a loopback address"):
        get("http://other.internal/feed", options)
    assert len(good.requests) == 2


@pytest.mark.parametrize("port, allowed", [(80, True), (443, True), (8080, True), (22, False), (8443, False)])
def test_ports_are_80_443_and_those_configured(port: int, allowed: bool) -> None:
    """Whatever the scheme."""
    options = replace(STRICT, allowed_ports=(80, 443, 8080))
    for scheme in ("http", "https"):
        if allowed:
            assert target_for(f"{scheme}://outlet.example:{port}/", options).port == port
        else:
            with pytest.raises(Refused, match=f"port {port} is not allowed"):
                target_for(f"{scheme}://outlet.example:{port}/", options)


@pytest.mark.parametrize(
    "own_url, own_bind, host",
    [
        ("http://{address}:{port}", None, "127.0.0.1"),
        (None, "{address}:{port}", "127.0.0.1"),
        (None, "0.0.0.0:{port}", "127.0.0.1"),
        (None, "[::]:{port}", "127.0.0.1"),
        ("http://reviews.example:{port}", None, "127.0.0.1"),
        ("http://reviews.example:{port}", None, "outlet.example"),
    ],
)
def test_the_services_own_address_is_refused_even_where_private_ones_are_allowed(
    own_url: str | None, own_bind: str | None, host: str
) -> None:
    """By address or under another's name, published under a name or bound to every address; other ports are others."""
    with Origin() as own, Origin() as neighbour:
        neighbour.answer("/feed", body=FEED)
        options = replace(
            OPTIONS,
            own_url=own_url and own_url.format(address="127.0.0.1", port=own.port),
            own_bind=own_bind and own_bind.format(address="127.0.0.1", port=own.port),
            resolver=lambda _: ("127.0.0.1",),
        )
        with pytest.raises(Refused, match="this service's own address"):
            fetch_one(Request("outlet", f"http://{host}:{own.port}/feed"), options)
        assert own.requests == []
        assert get(f"http://{host}:{neighbour.port}/feed", options).body == FEED
