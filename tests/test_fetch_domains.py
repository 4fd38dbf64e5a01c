"""The rule for limits: a host speaks for its registered domain, until another host of it proves to be independent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.fetch.domains import Closings, registered_domain

HOSTS = ["outlet.example", "a.outlet.example", "b.outlet.example", "c.b.outlet.example", "other.example", "192.0.2.1"]
#: (host, what it did, seconds since the event before)
EVENTS = st.lists(
    st.tuples(st.sampled_from(HOSTS), st.none() | st.integers(1, 50), st.integers(0, 30)), min_size=1, max_size=40
)


@pytest.mark.parametrize(
    "host, domain",
    [
        ("www.outlet.example", "outlet.example"),
        ("outlet.example", "outlet.example"),
        ("a.b.news.co.uk", "news.co.uk"),
        ("jane.blogspot.com", "jane.blogspot.com"),
        ("deep.jane.blogspot.com", "jane.blogspot.com"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("192.0.2.10", "192.0.2.10"),
        ("[2001:db8::1]", "[2001:db8::1]"),
    ],
)
def test_a_registered_domain_is_a_public_suffix_and_one_label(host: str, domain: str) -> None:
    """Blogs under one roof are different owners; an address is nobody's subdomain."""
    assert registered_domain(host) == domain


def test_polling_05_another_host_that_answers_well_meanwhile_is_independent() -> None:
    """From then on the limit is that of the host that set it, and each host's limits are its own."""
    closings = Closings({})
    closings.limit("a.outlet.example", 100.0)
    assert closings.all(1.0) == {"outlet.example": 100.0}
    assert closings.until("b.outlet.example", 1.0) == 100.0
    closings.answered("b.outlet.example", 50.0)
    assert closings.until("b.outlet.example", 51.0) is None
    assert closings.until("a.outlet.example", 51.0) == 100.0
    closings.limit("b.outlet.example", 90.0)
    assert closings.all(61.0) == {"a.outlet.example": 100.0, "b.outlet.example": 90.0}
    assert closings.until("outlet.example", 61.0) is None


def test_polling_05_the_limiting_host_itself_proves_nothing() -> None:
    """A late answer of the host that set the limit leaves it; so does one of another host when it is over."""
    closings = Closings({})
    closings.limit("a.outlet.example", 100.0)
    closings.answered("a.outlet.example", 1.0)
    assert closings.until("b.outlet.example", 2.0) == 100.0
    closings.answered("b.outlet.example", 100.0)
    closings.limit("a.outlet.example", 200.0)
    assert closings.until("b.outlet.example", 102.0) == 200.0


@given(EVENTS)
def test_a_limit_is_kept_by_its_host_to_the_second_and_touches_no_other_domain(
    events: list[tuple[str, int | None, int]],
) -> None:
    """Whatever happens around it, whoever asked to be left alone is, for as long as its longest limit says."""
    closings = Closings({})
    asked: dict[str, float] = {}
    now = 0.0
    for host, wait, passed in events:
        now += passed
        if wait is None:
            closings.answered(host, now)
        else:
            closings.limit(host, now + wait)
            asked[host] = max(asked.get(host, 0.0), now + wait)
        for each in HOSTS:
            until = closings.until(each, now)
            own = asked.get(each, 0.0)
            assert until is None or until > now
            if own > now:
                assert until is not None
                assert until >= own
            domain = registered_domain(each)
            assert until is None or until in [asked[h] for h in asked if registered_domain(h) == domain]


@given(EVENTS)
def test_what_is_stored_closes_at_least_what_it_closed_before(events: list[tuple[str, int | None, int]]) -> None:
    """After a restart no host that asked to be left alone is asked sooner."""
    closings = Closings({})
    now = 0.0
    for host, wait, passed in events:
        now += passed
        if wait is None:
            closings.answered(host, now)
        else:
            closings.limit(host, now + wait)
    restarted = Closings(closings.all(now))
    for host in HOSTS:
        assert (restarted.until(host, now) or 0.0) >= (closings.until(host, now) or 0.0)
