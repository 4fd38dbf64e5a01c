"""What a robots.txt allows (RFC 9309), by the answers that a site may give to the request for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.errors import HttpStatus, Refused, SourceError, Unreachable
from feedsvc.fetch.robots import LARGEST, delay_of, origin_of, refusal, robots_of, robots_url
from feedsvc.model import Fetched

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SITE = "https://outlet.example"


def allowed(text: str, path: str) -> bool:
    return refusal(robots_of(SITE, said(text), NOW), SITE + path) is None


def said(text: str | bytes, max_age: float | None = None) -> Fetched:
    body = text.encode() if isinstance(text, str) else text
    return Fetched(url=f"{SITE}/robots.txt", body=body, max_age=max_age)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://outlet.example/reviews/a?b#c", "https://outlet.example"),
        ("HTTPS://Outlet.Example:8443/", "https://outlet.example:8443"),
        ("http://user:word@outlet.example/x", "http://outlet.example"),
        ("http://[2001:db8::1]:81/x", "http://[2001:db8::1]:81"),
    ],
)
def test_one_file_speaks_for_scheme_host_and_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin
    assert robots_url(origin) == f"{origin}/robots.txt"


RULES = """
# The rules of the house
User-agent: *
Disallow: /drafts/
Allow: /drafts/open/
Disallow: /*.pdf$
Disallow: /search?q=
Crawl-delay: 3

User-agent: othercrawler
Disallow: /
"""


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/", True),
        ("/reviews/salt-road", True),
        ("/drafts/x", False),
        ("/drafts/open/x", True),
        ("/a/b.pdf", False),
        ("/a/b.pdf?page=2", True),
        ("/search?q=salt", False),
        ("/search", True),
        ("/robots.txt", True),
    ],
)
def test_the_longest_rule_that_fits_decides(path: str, may: bool) -> None:
    """RFC 9309, 2.2.2 and 2.2.3."""
    assert allowed(RULES, path) is may


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("User-agent: FEEDSVC\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: feedsvc\nDisallow:", True),
        ("User-agent: other\nUser-agent: feedsvc\nDisallow: /", False),
        ("User-agent: feedsvc\nAllow: /x\n\nUser-agent: feedsvc\nDisallow: /", False),
        ("User-agent: feedsvcbot\nDisallow: /", True),
        ("Disallow: /", True),
        ("", True),
        ("<!doctype html><title>Not found</title>", True),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", False),
        ("User-agent: *\rDisallow: /\r", False),
    ],
)
def test_the_group_of_our_own_name_wins(text: str, may: bool) -> None:
    """RFC 9309, 2.2.1: groups of one name count as one, and without any all is allowed."""
    assert allowed(text, "/reviews/") is may


@pytest.mark.parametrize(
    ("answer", "may", "held"),
    [
        (HttpStatus("gone", 404), True, timedelta(days=1)),
        (HttpStatus("no", 403), True, timedelta(days=1)),
        (HttpStatus("busy", 429, retry_after=7200), False, timedelta(hours=2)),
        (HttpStatus("broken", 500), False, timedelta(hours=1)),
        (HttpStatus("broken", 503, retry_after=10 * 86400), False, timedelta(days=1)),
        (Unreachable("no answer", "timeout"), False, timedelta(hours=1)),
        (Refused("our own rules"), True, timedelta(0)),
        (said(RULES), True, timedelta(days=1)),
        (said(RULES, max_age=30 * 86400), True, timedelta(days=1)),
        (said(RULES, max_age=7200), True, timedelta(hours=2)),
        (said(RULES, max_age=0), True, timedelta(hours=1)),
    ],
)
def test_polling_pages_what_cannot_be_had_forbids_all_and_what_is_not_there_nothing(
    answer: Fetched | SourceError, may: bool, held: timedelta
) -> None:
    """RFC 9309, 2.3.1 and 2.4: no answer holds longer than a day."""
    robots = robots_of(SITE, answer, NOW)

    assert (refusal(robots, f"{SITE}/reviews/") is None) is may
    assert robots.until - NOW == held


def test_a_refusal_names_page_file_and_what_to_do() -> None:
    forbidden = refusal(robots_of(SITE, said("User-agent: *\nDisallow: /"), NOW), f"{SITE}/reviews/")
    missing = refusal(robots_of(SITE, HttpStatus("x", 500), NOW), f"{SITE}/reviews/")

    assert forbidden == (
        "https://outlet.example/reviews/: https://outlet.example/robots.txt asks programs to leave it alone. "
        'Ask the outlet to allow "User-agent: feedsvc" there, or take it out.'
    )
    assert missing is not None
    assert missing.startswith("https://outlet.example/reviews/: https://outlet.example/robots.txt cannot be had")


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        (RULES, 3.0),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5),
        ("User-agent: *\nCrawl-delay: 86400", 60.0),
        ("User-agent: *\nCrawl-delay: soon", 0.0),
        ("User-agent: *\nCrawl-delay: -1", 0.0),
        ("User-agent: *\nCrawl-delay: inf", 0.0),
        ("User-agent: other\nCrawl-delay: 9", 0.0),
        ("User-agent: *\nCrawl-delay: 9\n\nUser-agent: feedsvc\nCrawl-delay: 2\nDisallow:", 2.0),
    ],
)
def test_polling_pages_the_delay_is_kept_up_to_a_minute(text: str, delay: float) -> None:
    assert delay_of(robots_of(SITE, said(text), NOW)) == delay


def test_of_a_huge_file_the_beginning_counts() -> None:
    """And bytes that are no UTF-8 spoil nothing but their own line."""
    body = b"User-agent: *\nDisallow: /a\nDisallow: /\xff\xfe\n" + b"# fill\n" * (LARGEST // 7 + 1) + b"Disallow: /b\n"
    robots = robots_of(SITE, said(body), NOW)

    assert len(robots.text) <= LARGEST
    assert refusal(robots, f"{SITE}/a") is not None
    assert refusal(robots, f"{SITE}/b") is None
