"""The address guard's table, form by form, and the addresses that are refused before anything is looked up."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import Refused
from feedsvc.fetch import FetchOptions
from feedsvc.fetch.address import forbidden, own_address
from feedsvc.fetch.redirects import next_target
from feedsvc.fetch.target import redacted, target_for

OPTIONS = FetchOptions(user_agent="test")

FORBIDDEN = {
    "a loopback address": ["127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.255", "::1"],
    "a private address": [
        "10.0.0.0",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "192.168.255.255",
    ],
    "a link-local address": ["169.254.0.1", "169.254.255.254", "fe80::1", "febf:ffff::1"],
    "a cloud metadata address": [
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "fd00:ec2::254",
    ],
    "a carrier's shared address": ["100.64.0.1", "100.127.255.255"],
    "an unspecified address": ["0.0.0.0", "::"],
    "a 'this network' address": ["0.0.0.1", "0.255.255.255"],
    "a broadcast address": ["255.255.255.255"],
    "a multicast address": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "a reserved address": ["240.0.0.1", "254.255.255.255"],
    "a documentation address": [
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.255",
        "2001:db8::1",
        "3fff::1",
        "3fff:fff:ffff::1",
    ],
    "a benchmarking address": ["198.18.0.1", "198.19.255.255"],
    "a protocol assignment": ["192.0.0.1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1"],
    "a 6to4 relay": ["192.88.99.1"],
    "an IPv4-mapped address": ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:a9fe:a9fe", "0:0:0:0:0:ffff:7f00:1"],
    "an IPv4-compatible address": ["::127.0.0.1", "::8.8.8.8", "::2"],
    "an IPv4-translated address": ["::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"],
    "a NAT64 address": ["64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1"],
    "a 6to4 address": ["2002:7f00:1::", "2002:808:808::1"],
    "a Teredo address": ["2001::1", "2001:0:53aa:64c:0:0:80ff:fffe"],
    "a 6bone address": ["3ffe::1"],
    "a unique-local address": ["fc00::1", "fd12:3456:789a::1"],
    "a site-local address": ["fec0::1", "feff::1"],
    "a discard address": ["100::1"],
    "a segment-routing address": ["5f00::1"],
    "an address with a zone": ["fe80::1%eth0", "2606:4700::1111%eth0"],
    "outside the global IPv6 space": ["4000::1", "1::1", "e000::1"],
    "not an IP address": ["", "localhost", "127.1", "2130706433", "0x7f000001", "1.2.3.4.5", "127.0.0.1 "],
}

ALLOWED = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2000::1",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82a::200e",
    "3ffd::1",
]


@pytest.mark.parametrize("ip, rule", [(ip, rule) for rule, ips in FORBIDDEN.items() for ip in ips])
def test_an_address_that_is_no_public_host_is_forbidden_by_name(ip: str, rule: str) -> None:
    """Each block of the table, at its edges and in its disguises."""
    assert forbidden(ip) == rule


@pytest.mark.parametrize("ip", ALLOWED)
def test_a_public_host_is_allowed(ip: str) -> None:
    """The neighbours of forbidden blocks are real hosts and stay reachable."""
    assert forbidden(ip) is None


@given(st.ip_addresses(v=6))
def test_no_ipv6_outside_of_global_unicast_is_allowed(ip: object) -> None:
    """2000::/3 is every address whose first hexadecimal digit of eight times four is 2 or 3."""
    first = int(str(ip).split(":")[0] or "0", 16) >> 13
    assert forbidden(str(ip)) is not None or first == 1


def test_this_machines_own_address_is_known_without_sending_anything() -> None:
    """Loopback stands for any interface of the machine; a documentation address is on none."""
    assert own_address("127.0.0.1")
    assert not own_address("192.0.2.77")
    assert not own_address("nonsense")


@pytest.mark.parametrize(
    "url, says",
    [
        ("ftp://outlet.example/feed", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("gopher://127.0.0.1:11211/", "only http and https"),
        ("javascript:alert(1)", "only http and https"),
        ("/feeds/incoming", "only http and https"),
        ("http://jane:secret@outlet.example/", "user name or password"),
        ("http://outlet.example@127.0.0.1/", "user name or password"),
        ("http://outlet.example\\@127.0.0.1/", "user name or password"),
        ("http://outlet.example:22/", "port 22 is not allowed"),
        ("https://outlet.example:8443/", "port 8443 is not allowed"),
        ("http://outlet.example:0/", "port 0 is not allowed"),
        ("http://outlet.example:99999/", "no valid address"),
        ("http://[::1/", "no valid address"),
        ("http:///feed", "no valid name"),
        ("http://out let.example/", "no valid name"),
        ("http://127%2e0.0.1/", "no valid name"),
        ("http://outlet.example\\.evil.example/", "no valid name"),
        ("http://a\u200b\u2024.example/", "no valid name"),
    ],
)
def test_an_address_that_must_not_be_asked_for_is_refused_before_any_lookup(url: str, says: str) -> None:
    """Schemes, user names, ports and hosts, each with its own sentence, and no password in any of them."""
    with pytest.raises(Refused, match=says) as refusal:
        target_for(url, OPTIONS)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "url, asked, host",
    [
        ("HTTP://Outlet.Example", "http://outlet.example/", "outlet.example"),
        ("https://outlet.example:443/a?b=c#d", "https://outlet.example/a?b=c", "outlet.example"),
        ("https://outlet.example./a", "https://outlet.example/a", "outlet.example"),
        ("https://bücher.example/kritik/größe?q=ä b", None, "xn--bcher-kva.example"),
        ("http://\uff11\uff12\uff17\uff0e\uff10\uff0e\uff10\uff0e\uff11/", "http://127.0.0.1/", "127.0.0.1"),
        ("http://outlet.example/a%2Fb%20c?x=%C3%A9", "http://outlet.example/a%2Fb%20c?x=%C3%A9", "outlet.example"),
        ("http://[2001:4860:4860::8888]/", "http://[2001:4860:4860::8888]/", "[2001:4860:4860::8888]"),
    ],
)
def test_an_address_is_asked_for_in_plain_ascii(url: str, asked: str | None, host: str) -> None:
    """What is escaped already stays so; IDNA makes names plain, and full-width digits too."""
    target = target_for(url, OPTIONS)
    assert target.url == (asked or "https://xn--bcher-kva.example/kritik/gr%C3%B6%C3%9Fe?q=%C3%A4%20b")
    assert target.host == host


def test_the_services_own_address_is_refused() -> None:
    """A source below the base URL would be our own output read back; a neighbour on the same host would not."""
    options = FetchOptions(user_agent="test", own_url="https://reviews.example/all/")
    for url in ("https://reviews.example/all", "https://reviews.example:443/all/feeds/x.atom"):
        with pytest.raises(Refused, match="own address"):
            target_for(url, options)
    assert target_for("https://reviews.example/allsorts", options).host == "reviews.example"


def test_messages_show_no_password() -> None:
    """User names and passwords never reach a log."""
    assert redacted("https://jane:secret@outlet.example/feed") == "https://outlet.example/feed"


#: Pieces that addresses are made of, and what breaks them.
PIECES = st.sampled_from(
    [
        "http://",
        "https:",
        "//",
        "[",
        "]",
        "::1",
        "127.0.0.1",
        "@",
        ":",
        "80",
        "%",
        "\\",
        "?",
        "#",
        "\u3002",
        "\uff11",
        "é",
        ".",
    ]
)


@given(st.text(max_size=40) | st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_whatever_is_written_is_refused_or_becomes_plain_ascii(text: str) -> None:
    """No other error can come of it, and asking for the result again changes nothing."""
    try:
        target = target_for(text, OPTIONS)
    except Refused:
        return
    assert target.url.isascii()
    assert not set(target.url) & set(" \t\r\n#\0")
    assert target_for(target.url, OPTIONS) == target
    assert target.port in (80, 443)


@given(st.text(max_size=40) | st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_whatever_a_redirect_names_is_refused_or_a_target(location: str) -> None:
    """A server can make no other error of its Location."""
    start = target_for("http://outlet.example/a/b?c", OPTIONS)
    with suppress(Refused):
        assert next_target([start], location, OPTIONS).url.isascii()
