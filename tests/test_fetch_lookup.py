"""Look-ups of host names: off the driving thread, told when they end, remembered for a while."""

from __future__ import annotations

import threading

from feedsvc.fetch.lookup import Lookups, look_up


def test_a_name_is_looked_up_once_and_then_known() -> None:
    """Asked twice while it is under way, it ends once; after that the answer is at hand."""
    ended = threading.Event()
    lookups = Lookups(ended.set)
    assert lookups.ask("localhost") is None
    assert lookups.ask("localhost") is None
    assert ended.wait(20)
    ((name, addresses),) = lookups.ended()
    assert name == "localhost"
    assert isinstance(addresses, tuple)
    assert set(addresses) & {"127.0.0.1", "::1"}
    assert lookups.ask("localhost") == addresses
    assert lookups.ended() == []


def test_a_name_without_an_address_gives_the_resolvers_own_error() -> None:
    """.invalid never resolves (RFC 6761 6.4); a label of 64 letters cannot exist (RFC 1035 2.3.4)."""
    assert isinstance(look_up("outlet.invalid"), OSError)
    assert isinstance(look_up("a" * 64 + ".example"), OSError)
