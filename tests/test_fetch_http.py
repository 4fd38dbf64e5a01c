"""What a server sees of us and what becomes of its answers, against a real server on loopback (POLLING 1, 3, 4, 11)."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from feedsvc.errors import HttpStatus, Refused, SourceError, TooLarge, Unreachable
from feedsvc.fetch import Request, fetch_all, fetch_one, user_agent
from feedsvc.model import Fetched, Unchanged
from tests.fetching import FEED, OPTIONS, get, limited
from tests.origin import Answer, Asked, Origin


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def raw(answer: bytes) -> Callable[[socket.socket], None]:
    """A writer of exactly these bytes, after which the connection is closed."""
    return lambda connection: connection.sendall(answer)


# --------------------------------------------------------------------------------------------------------- what we send


def test_polling_03_04_a_request_says_who_asks_and_what_it_can_read_and_nothing_else(origin: Origin) -> None:
    """No cookie, no referrer, no credentials, no validators, nothing in the query (POLLING 3, 4)."""
    origin.answer("/feed?a=b", 200, {"Set-Cookie": "id=1"}, FEED)
    get(origin.url + "/feed?a=b#part")
    get(origin.url + "/feed?a=b")
    for asked in origin.requests:
        assert asked.path == "/feed?a=b"
        assert set(asked.headers) == {"host", "user-agent", "accept", "accept-encoding"}
        assert asked.headers["user-agent"] == "feedsvc/1.2 (+https://service.example/about; 7 subscribers)"
        assert asked.headers["accept"].startswith("application/atom+xml, application/rss+xml")
        assert asked.headers["accept-encoding"] == "gzip, deflate, br, zstd"


def test_polling_04_one_subscriber_is_one_subscriber() -> None:
    """The words agree with the number."""
    assert user_agent("1", "https://a.example", 1) == "feedsvc/1 (+https://a.example; 1 subscriber)"


def test_proxies_of_the_environment_are_ignored(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect in our stead, past the address guard."""
    with Origin("127.0.0.9") as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        origin.answer("/feed", body=FEED)
        assert get(origin.url + "/feed").body == FEED
        assert proxy.requests == []


@pytest.mark.parametrize(
    "etag, modified",
    [
        ('"abc"', "Sat, 01 Feb 2025 10:00:00 GMT"),
        ('W/"a, b\xff\xe9 \\"', "yesterday, perhaps"),
        ("unquoted  two spaces", "Sat, 1 Feb 2025 10:00:00 +0000"),
    ],
)
def test_polling_01_validators_go_back_byte_for_byte(origin: Origin, etag: str, modified: str) -> None:
    """Weak prefix, quotes, odd characters and odd dates stay as they came (POLLING 1)."""
    origin.answer("/feed", 200, {"ETag": etag, "Last-Modified": modified}, FEED)
    first = get(origin.url + "/feed")
    assert (first.etag, first.last_modified) == (etag, modified)
    origin.answer("/feed", 304, {"Cache-Control": "max-age=600"})
    second = fetch_one(Request("outlet", first.url, first.etag, first.last_modified, first.url), OPTIONS)
    assert second == Unchanged(url=origin.url + "/feed", max_age=600.0)
    assert origin.requests[1].headers["if-none-match"] == etag
    assert origin.requests[1].headers["if-modified-since"] == modified


def test_polling_01_validators_go_only_to_the_address_that_gave_them(origin: Origin) -> None:
    """Behind a temporary redirect the address itself is asked without, the place that it leads to with validators."""
    origin.answer("/feed", 302, {"Location": "/today"})
    origin.answer("/today", 304)
    request = Request("outlet", origin.url + "/feed", '"1"', validated_url=origin.url + "/today")
    assert fetch_one(request, OPTIONS) == Unchanged(url=origin.url + "/today")
    assert [asked.headers.get("if-none-match") for asked in origin.requests] == [None, '"1"']
    with Origin("127.0.0.2") as other:
        origin.answer("/feed", 302, {"Location": other.url + "/feed"})
        other.answer("/feed", body=FEED)
        fetch_one(Request("outlet", origin.url + "/feed", '"1"', "then"), OPTIONS)
        assert "if-none-match" in origin.requests[-1].headers
        assert not {"if-none-match", "if-modified-since"} & set(other.requests[0].headers)


def test_polling_01_a_stored_validator_cannot_smuggle_in_a_header(origin: Origin) -> None:
    """One with a line break in it is not sent at all."""
    origin.answer("/feed", body=FEED)
    fetch_one(Request("outlet", origin.url + "/feed", '"1"\r\nX-Evil: 1', "\u20ac"), OPTIONS)
    assert not {"x-evil", "if-none-match", "if-modified-since"} & set(origin.requests[0].headers)


# -------------------------------------------------------------------------------------------------- what an answer says


def test_an_answer_keeps_its_type_charset_and_validators(origin: Origin) -> None:
    """Charset without its quotes; the validators are those of the last answer, not of a hint before it or a trailer."""
    origin.write(
        "/feed",
        raw(
            b'HTTP/1.1 103 Early Hints\r\nETag: "early"\r\n\r\n'
            b'HTTP/1.1 200 OK\r\nContent-Type: Application/RSS+xml; x=y; charset="ISO-8859-15"\r\nETag: "real"\r\n'
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            b'5\r\nhello\r\n0\r\nETag: "late"\r\nLast-Modified: late\r\n\r\n'
        ),
    )
    found = get(origin.url + "/feed")
    assert found == Fetched(
        url=origin.url + "/feed",
        body=b"hello",
        media_type="application/rss+xml",
        charset="iso-8859-15",
        etag='"real"',
    )


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({}, None),
        ({"Cache-Control": "public, Max-Age=3600"}, 3600.0),
        ({"Cache-Control": 'max-age="60"'}, 60.0),
        ({"Cache-Control": "max-age=3600", "Age": "600"}, 3000.0),
        ({"Cache-Control": "max-age=60", "Age": "600"}, 0.0),
        ({"Cache-Control": "no-cache, max-age=3600"}, None),
        ({"Cache-Control": "s-maxage=3600"}, None),
        ({"Cache-Control": "max-age=-5"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Date": "Sat, 01 Feb 2025 10:00:00 GMT", "Expires": "Sat, 01 Feb 2025 11:00:00 GMT"}, 3600.0),
        ({"Date": "Sat, 01 Feb 2025 10:00:00 GMT", "Expires": "Saturday, 01-Feb-25 10:30:00 GMT"}, 1800.0),
        ({"Date": "Sat, 01 Feb 2025 10:00:00 GMT", "Expires": "Sat Feb  1 10:00:30 2025"}, 30.0),
        ({"Date": "Sat, 01 Feb 2025 10:00:00 GMT", "Expires": "Sat, 01 Feb 2020 10:00:00 GMT"}, 0.0),
        ({"Expires": "0"}, None),
        ({"Expires": "never"}, None),
        ({"Cache-Control": "max-age=60", "Expires": "Sat, 01 Feb 2055 10:00:00 GMT"}, 60.0),
        ({"Cache-Control": "max-age=60", "Retry-After": "7200"}, 60.0),
    ],
)
def test_polling_06_how_long_an_answer_is_good(origin: Origin, headers: dict[str, str], seconds: float | None) -> None:
    """Cache-Control before Expires, Age taken off (RFC 9111 4.2); Retry-After is another matter."""
    origin.answer("/feed", 200, headers, FEED)
    assert get(origin.url + "/feed").max_age == seconds


@pytest.mark.parametrize(
    "status, headers, retry_after, says",
    [
        (401, {}, None, "credentials"),
        (403, {}, None, "credentials"),
        (404, {}, None, "nothing at this address"),
        (410, {}, None, "gone for good"),
        (429, {"Retry-After": "120"}, 120.0, "less often"),
        (
            503,
            {"Date": "Sat, 01 Feb 2025 10:00:00 GMT", "Retry-After": "Sat, 01 Feb 2025 10:05:00 GMT"},
            300.0,
            "later",
        ),
        (503, {"Retry-After": "99999999"}, 604800.0, "later"),
        (503, {"Date": "Sat, 01 Feb 2025 10:00:00 GMT", "Retry-After": "Sat, 01 Feb 2020 10:05:00 GMT"}, 0.0, "later"),
        (503, {"Retry-After": "-1"}, None, "later"),
        (500, {"Retry-After": "soon"}, None, "later"),
        (418, {"Retry-After": "60"}, 60.0, "no feed"),
        (204, {}, None, "no feed"),
        (301, {}, None, "no feed"),
        (304, {}, None, "did not ask"),
    ],
)
def test_polling_07_10_a_status_without_a_feed_is_told_with_what_to_do(
    origin: Origin, status: int, headers: dict[str, str], retry_after: float | None, says: str
) -> None:
    """Retry-After in seconds or as a date, at most seven days (POLLING 7, 10); a 304 that nobody asked for is none."""
    origin.answer("/feed", status, headers, b"")
    with pytest.raises(HttpStatus, match=says) as told:
        get(origin.url + "/feed")
    assert (told.value.status, told.value.retry_after) == (status, retry_after)
    assert told.value.kind == f"http-{status}"
    assert str(told.value).startswith(origin.url + "/feed: ")


def test_an_endless_error_page_is_still_its_status(origin: Origin) -> None:
    """Of a body that nobody wants only so much is read."""
    origin.answer("/feed", 404, {}, b"x" * 3_000_000)
    with pytest.raises(HttpStatus, match="404"):
        get(origin.url + "/feed")


# ------------------------------------------------------------------------------------------------------------ redirects


@pytest.mark.parametrize(
    "statuses, moved",
    [((301,), True), ((308,), True), ((301, 308), True), ((302,), False), ((301, 302), False), ((307, 301), False)],
)
def test_polling_11_only_permanent_redirects_name_a_new_address(
    origin: Origin, statuses: tuple[int, ...], moved: bool
) -> None:
    """moved_to is set when every hop was a 301 or 308 (POLLING 11); the body is the last one's."""
    for number, status in enumerate(statuses):
        origin.answer(f"/{number}", status, {"Location": f"/{number + 1}", "ETag": '"hop"'}, b"moved")
    last = origin.answer(f"/{len(statuses)}", 200, {"ETag": '"last"'}, FEED)
    found = get(origin.url + "/0")
    assert (found.url, found.body, found.etag) == (last, FEED, '"last"')
    assert found.moved_to == (last if moved else None)
    origin.answer(f"/{len(statuses)}", 304)
    again = fetch_one(Request("outlet", origin.url + "/0", '"last"', validated_url=last), OPTIONS)
    assert again == Unchanged(url=last, moved_to=last if moved else None)


def test_polling_11_303_and_relative_and_utf_8_locations_are_followed(origin: Origin) -> None:
    """Servers send raw UTF-8 and relative references in Location; fragments are not asked for."""
    origin.answer("/a/feed", 303, {"Location": "../b/größe feed#x".encode().decode("latin-1")})
    origin.answer("/b/gr%C3%B6%C3%9Fe%20feed", body=FEED)
    assert get(origin.url + "/a/feed").url == origin.url + "/b/gr%C3%B6%C3%9Fe%20feed"


def test_polling_11_five_redirects_are_followed_and_six_are_not(origin: Origin) -> None:
    """At most five hops (POLLING 11)."""
    for number in range(6):
        origin.answer(f"/{number}", 302, {"Location": f"/{number + 1}"})
    origin.answer("/6", body=FEED)
    assert get(origin.url + "/1").body == FEED
    with pytest.raises(Refused, match="more than 5 redirects"):
        get(origin.url + "/0")


def test_polling_11_redirects_in_a_circle_are_refused(origin: Origin) -> None:
    """Seen at the first address that comes again."""
    origin.answer("/a", 302, {"Location": "/b"})
    origin.answer("/b", 302, {"Location": "/a"})
    with pytest.raises(Refused, match="circle"):
        get(origin.url + "/a")
    assert len(origin.requests) == 2


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_x", "//a@b/"])
def test_polling_11_redirects_to_what_we_do_not_ask_are_refused(origin: Origin, location: str) -> None:
    """Other schemes and user names are refused behind a redirect as well."""
    origin.answer("/feed", 301, {"Location": location})
    with pytest.raises(Refused):
        get(origin.url + "/feed")


def test_polling_11_https_never_falls_back_to_http() -> None:
    """A redirect from https to http is refused; one within https is followed."""
    with Origin(tls=True) as safe, Origin() as plain:
        plain.answer("/feed", body=FEED)
        safe.answer("/feed", 301, {"Location": plain.url + "/feed"})
        with pytest.raises(Refused, match="https to plain http"):
            get(safe.url + "/feed")
        assert plain.requests == []
        safe.answer("/old", 301, {"Location": "/new"})
        safe.answer("/new", body=FEED)
        plain.answer("/up", 301, {"Location": safe.url + "/new"})
        assert get(safe.url + "/old").moved_to == safe.url + "/new"
        assert get(plain.url + "/up").moved_to == safe.url + "/new"


# ---------------------------------------------------------------------------------------------------- bodies and limits


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, (), b"x" * 10_001),
        Answer(200, {"Transfer-Encoding": "chunked"}, b"2711\r\n" + b"x" * 0x2711 + b"\r\n0\r\n\r\n"),
        Answer(200, {"Content-Length": "10001"}, b""),
    ],
)
def test_polling_limits_a_body_beyond_the_limit_is_dropped(origin: Origin, answer: Answer) -> None:
    """Whether announced or chunked."""
    origin.answer("/feed", body=lambda _: answer)
    with pytest.raises(TooLarge, match="10000 bytes"):
        get(origin.url + "/feed", limited(max_body=10_000))


def test_polling_limits_a_body_of_just_the_limit_is_read(origin: Origin) -> None:
    """The limit itself is within it, compressed or not."""
    options = limited(max_body=10_000)
    origin.answer("/plain", body=b"x" * 10_000)
    origin.answer("/packed", 200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 10_000))
    assert get(origin.url + "/plain", options).body == get(origin.url + "/packed", options).body == b"x" * 10_000


@pytest.mark.parametrize(
    "line",
    [b"X-A: " + b"a" * 70_000 + b"\r\n", b"X-A: " + b"a" * 400_000 + b"\r\n", b"X-A: aaaaaaaaaa\r\n" * 5_000],
)
def test_polling_limits_headers_without_end_are_dropped(origin: Origin, line: bytes) -> None:
    """64 KB of headers, in one line or in many, also in one that libcurl itself ends."""
    origin.write("/feed", raw(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n"))
    with pytest.raises(TooLarge, match="headers"):
        get(origin.url + "/feed")


# --------------------------------------------------------------------------------------------------------------- faults


def reset(connection: socket.socket) -> None:
    """Half an answer, then RST."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize(
    "writer, kind",
    [
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"), "truncated"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nabc"), "truncated"),
        (reset, "reset"),
        (raw(b""), "reset"),
        (raw(b"SSH-2.0-OpenSSH\r\n"), "protocol"),
    ],
)
def test_polling_09_an_answer_that_breaks_off_is_told_apart(
    origin: Origin, writer: Callable[[socket.socket], None], kind: str
) -> None:
    """Wrong length, a cut chunk, a reset, nothing at all, and something that is not HTTP."""
    url = origin.write("/feed", writer)
    with pytest.raises(Unreachable) as fault:
        get(url)
    assert fault.value.kind == kind
    assert str(fault.value).startswith(url + ": ")


def test_polling_09_nobody_at_the_address_is_told_as_refused() -> None:
    """A port where nobody listens any more."""
    with Origin() as origin:
        url = origin.url
    with pytest.raises(Unreachable, match="no connection") as fault:
        get(url + "/feed")
    assert fault.value.kind == "refused"


def test_polling_09_a_name_that_does_not_exist_is_told_as_dns() -> None:
    """.invalid never resolves (RFC 6761 6.4)."""
    with pytest.raises(Unreachable, match="looked up") as fault:
        get("http://outlet.invalid/feed")
    assert fault.value.kind == "dns"


def test_polling_09_tls_faults_are_told_as_tls(origin: Origin) -> None:
    """A certificate that nobody vouches for, one for another name, and a server that speaks no TLS."""
    with Origin(tls=True) as safe, Origin("127.0.0.4", tls=True) as misnamed:
        for url, options in (
            (safe.url, replace(OPTIONS, ca_file=None)),
            (misnamed.url, OPTIONS),
            (origin.url.replace("http:", "https:"), OPTIONS),
        ):
            with pytest.raises(Unreachable) as fault:
                get(url, options)
            assert fault.value.kind == "tls"
        assert safe.requests == misnamed.requests == []


def test_polling_limits_a_server_that_never_answers_is_dropped_at_the_deadline(origin: Origin) -> None:
    """The deadline is over the whole exchange."""
    done = threading.Event()

    def hang(_: socket.socket) -> None:
        done.wait(30)

    url = origin.write("/feed", hang)
    with pytest.raises(Unreachable, match=r"no whole answer within 0\.2 seconds") as fault:
        get(url, limited(total_timeout=0.2))
    done.set()
    assert fault.value.kind == "timeout"


def test_polling_limits_the_deadline_runs_on_over_redirects(origin: Origin) -> None:
    """Each hop is well within the deadline, all of them together are not."""
    patience = threading.Event()

    def slowly(asked: Asked) -> Answer:
        patience.wait(0.25)
        return Answer(302, {"Location": asked.path + "x"})

    for hops in range(6):
        origin.answer("/a" + "x" * hops, body=slowly)
    with pytest.raises(Unreachable, match="no whole answer within 1 seconds"):
        get(origin.url + "/a", limited(total_timeout=1.0))
    assert len(origin.requests) > 1


def test_polling_limits_a_dripping_server_is_dropped(origin: Origin) -> None:
    """Bytes keep coming, but too few of them."""
    done = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not done.wait(0.02):
            connection.sendall(b"x")

    url = origin.write("/feed", drip)
    with pytest.raises(Unreachable, match="too slow") as fault:
        get(url, limited(slow_bytes=10_000, slow_seconds=0.2))
    done.set()
    assert fault.value.kind == "timeout"


def test_polling_limits_a_server_that_takes_no_connection_is_dropped() -> None:
    """It listens, but its TLS never begins."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"https://127.0.0.1:{deaf.getsockname()[1]}/feed"
        with pytest.raises(Unreachable, match=r"no connection within 0\.2 seconds") as fault:
            get(url, limited(connect_timeout=0.2))
    assert fault.value.kind == "timeout"


# --------------------------------------------------------------------------------------------------------- many at once


def test_results_come_for_every_request_whatever_it_comes_to(origin: Origin) -> None:
    """One good, one missing, one refused, one broken: each yields exactly its own outcome."""
    origin.answer("/good", body=FEED)
    origin.write("/broken", raw(b""))
    urls = {
        "good": origin.url + "/good",
        "missing": origin.url + "/missing",
        "refused": "ftp://outlet.example/",
        "broken": origin.url + "/broken",
    }
    outcomes = {
        request.name: outcome
        for request, outcome in fetch_all((Request(name, url) for name, url in urls.items()), OPTIONS)
    }
    assert set(outcomes) == set(urls)
    assert isinstance(outcomes["good"], Fetched)
    assert isinstance(outcomes["missing"], HttpStatus)
    assert isinstance(outcomes["refused"], Refused)
    assert isinstance(outcomes["broken"], Unreachable)


def test_polling_05_at_most_two_at_once_to_a_host_but_many_hosts_at_once() -> None:
    """No answer is given before two requests are in at each of four hosts, so they were all there at the same time."""
    meeting = threading.Barrier(8)

    def meet(_: Asked) -> Answer:
        meeting.wait(20)
        return Answer(body=FEED)

    origins = [Origin(f"127.0.0.{number}") for number in range(2, 6)]
    for origin in origins:
        origin.__enter__()
        origin.answer("/feed", body=meet)
    try:
        requests = [Request(f"{n}-{origin.url}", origin.url + "/feed") for n in range(6) for origin in origins]
        outcomes = [outcome for _, outcome in fetch_all(requests, OPTIONS)]
    finally:
        for origin in origins:
            origin.__exit__(None, None, None)
    assert len(outcomes) == 24
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)
    assert [origin.most_at_once for origin in origins] == [2, 2, 2, 2]


def test_polling_05_a_redirect_to_a_busy_host_waits_for_a_place_there(origin: Origin) -> None:
    """Twenty sources that all moved to one host do not fall upon it together."""
    with Origin("127.0.0.2") as new:
        new.answer("/feed", body=FEED)
        origin.answer("/feed", 302, {"Location": new.url + "/feed"})
        requests = [Request(str(number), origin.url + "/feed") for number in range(20)]
        outcomes = [outcome for _, outcome in fetch_all(requests, replace(OPTIONS, per_host=1))]
        assert all(isinstance(outcome, Fetched) for outcome in outcomes)
        assert len(new.requests) == 20
        assert new.most_at_once == 1


def test_requests_are_read_only_as_they_are_needed(origin: Origin) -> None:
    """An endless supply of sources is no danger to memory; closing early ends what is under way."""
    origin.answer("/feed", body=FEED)
    taken = 0

    def endless() -> Iterator[Request]:
        nonlocal taken
        while True:
            taken += 1
            yield Request(str(taken), origin.url + "/feed" if taken % 2 else "ftp://refused.example/")

    results = fetch_all(endless(), replace(OPTIONS, in_flight=5))
    for _ in range(50):
        next(results)
    results.close()  # type: ignore[attr-defined]
    assert taken <= 50 + 4 * 5 + 1


def test_more_files_open_than_select_can_count_do_no_harm(origin: Origin) -> None:
    """A service that serves hundreds of readers has descriptors beyond 1,024."""
    origin.answer("/feed", body=FEED)
    held: list[socket.socket] = []
    try:
        while not held or held[-1].fileno() < 1100:
            held.append(socket.socket())
        assert get(origin.url + "/feed").body == FEED
    finally:
        for each in held:
            each.close()


def test_time_that_the_caller_takes_does_not_count(origin: Origin) -> None:
    """The caller works on the first result for longer than the whole deadline; the second transfer still ends well."""
    caller_is_busy = threading.Event()

    def second(_: Asked) -> Answer:
        caller_is_busy.wait(20)
        return Answer(body=FEED)

    origin.answer("/first", body=FEED)
    origin.answer("/second", body=second)
    requests = [Request("first", origin.url + "/first"), Request("second", origin.url + "/second")]
    results = fetch_all(requests, limited(total_timeout=1.0, connect_timeout=1.0, slow_seconds=1.0))
    assert next(results)[0].name == "first"
    threading.Event().wait(1.2)
    caller_is_busy.set()
    assert isinstance(next(results)[1], Fetched)


def test_pinned_names_are_asked_under_their_own_name(origin: Origin) -> None:
    """What `resolve` is for."""
    origin.answer("/feed", body=FEED)
    options = replace(OPTIONS, resolve=(f"outlet.example:{origin.port}:127.0.0.1",))
    assert get(f"http://outlet.example:{origin.port}/feed", options).body == FEED
    assert origin.requests[0].headers["host"] == f"outlet.example:{origin.port}"


def test_every_error_is_a_source_error_with_words_for_the_operator(origin: Origin) -> None:
    """What `collect` records begins with the address and ends with a full stop."""
    urls = [origin.url + "/missing", "ftp://a.example/", "http://a.invalid/", origin.url + ":x/"]
    for _, outcome in fetch_all([Request("outlet", url) for url in urls], OPTIONS):
        assert isinstance(outcome, SourceError)
        assert str(outcome).endswith(".")
